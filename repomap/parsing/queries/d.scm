(class_declaration (identifier) @name (aggregate_body) @body) @definition.class
(interface_declaration (identifier) @name (aggregate_body) @body) @definition.interface
(struct_declaration (identifier) @name (aggregate_body) @body) @definition.struct
(union_declaration (identifier) @name (aggregate_body) @body) @definition.struct
(enum_declaration (enum) . (identifier) @name "{" @body) @definition.enum
(template_declaration (template) . (identifier) @name "{"? @body) @definition.macro
(function_declaration
  (identifier) @name . [(parameters) (template_parameters)]
  (function_body) @body) @definition.function
(constructor . (this) @name (function_body) @body) @definition.constructor
(source_file (anonymous_enum_declaration (enum_member . (identifier) @name) @definition.constant))
(module_def (anonymous_enum_declaration (enum_member . (identifier) @name) @definition.constant))
(alias_declaration (alias_initializer . (identifier) @name)) @definition.type
(manifest_constant (manifest_declarator . (identifier) @name)) @definition.constant
(source_file [(variable_declaration (declarator . (identifier) @name)) (auto_declaration variable: (identifier) @name)] @definition.variable)
(module_def [(variable_declaration (declarator . (identifier) @name)) (auto_declaration variable: (identifier) @name)] @definition.variable)
(aggregate_body (variable_declaration (declarator . (identifier) @name)) @definition.field)

(import_declaration (imported (module_fqn) @import.module))
(import_declaration (imported (module_fqn) @import.module) (import_bind . (identifier) @import.name))

(comment) @comment
[(string_literal) (char_literal)] @string

; members
(enum_member . (identifier) @name) @definition.constant

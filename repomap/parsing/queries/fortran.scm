(module . (module_statement (name) @name) . (_)? @body) @definition.module
(submodule . (submodule_statement (name) @name) . (_)? @body) @definition.module
(program . (program_statement (name) @name) . (_)? @body) @definition.module
(subroutine . (subroutine_statement name: (name) @name) . (_)? @body) @definition.function
(function . (function_statement name: (name) @name) . (_)? @body) @definition.function
(module_procedure . (module_procedure_statement name: (name) @name) . (_)? @body) @definition.function
(derived_type_definition . (derived_type_statement (type_name) @name) . (_)? @body) @definition.struct
(interface . (interface_statement (name) @name) . (_)? @body) @definition.interface
(derived_type_procedures
  (procedure_statement
    declarator: [(binding (binding_name (identifier) @name)) (method_name) @name]) @definition.method)
(derived_type_definition
  (variable_declaration
    declarator: [(identifier) @name
                 (init_declarator left: (identifier) @name)
                 (sized_declarator . (identifier) @name)]) @definition.field)
(module
  (variable_declaration
    declarator: [(identifier) @name
                 (init_declarator left: (identifier) @name)
                 (sized_declarator . (identifier) @name)]) @definition.variable)

(use_statement (module_name) @import.module)
(use_statement
  (module_name) @import.module
  (included_items [(identifier) @import.name (use_alias (identifier) @import.name)]))
(include_statement (filename) @import.module)

[(comment) (preproc_comment)] @comment
(string_literal) @string

; members
(enumerator_statement
  declarator: [(identifier) @name (init_declarator left: (identifier) @name)]) @definition.constant

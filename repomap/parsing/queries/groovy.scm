(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(trait_declaration name: (identifier) @name body: (_) @body) @definition.trait
(interface_declaration name: (identifier) @name body: (_) @body) @definition.interface
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(constructor_declaration name: (identifier) @name body: (_) @body) @definition.constructor
(method_declaration
  name: [(identifier) @name (quoted_identifier) @name] body: (_)? @body) @definition.function @signature
(enum_body (field_declaration (variable_declarator name: (identifier) @name)) @definition.field)
(class_body (field_declaration (variable_declarator name: (identifier) @name)) @definition.field)
(source_file
  [(local_variable_declaration (variable_declarator name: (identifier) @name)) @definition.variable
   (local_variable_declaration name: (identifier) @name) @definition.variable])

((expression_statement (identifier) @_task)
 . (expression_statement [(method_invocation function: (identifier) @name) (identifier) @name]) @definition.target
 . (expression_statement (closure) @body)?
 (#eq? @_task "task"))

(annotation) @decorator

(import_declaration name: (qualified_name) @import.module) @import

[(line_comment) (block_comment)] @comment
[(string_literal) (quoted_identifier)] @string
[(gstring_brace_interpolation) (gstring_dollar_interpolation)] @interpolation

; members
(enum_constant name: (identifier) @name) @definition.constant

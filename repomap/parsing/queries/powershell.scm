(function_statement (function_name) @name (script_block)? @body) @definition.function
(class_statement (simple_name) @name "{" @body) @definition.class
(class_method_definition (simple_name) @name "{" @body) @definition.method
(class_property_definition (variable) @name) @definition.field
(enum_statement (simple_name) @name "{" @body) @definition.enum
(program
  (statement_list
    (pipeline
      (assignment_expression
        (left_assignment_expression (unary_expression (variable) @name)))) @definition.variable))

(command
  command_name: (command_name) @_load
  command_elements: (command_elements . (command_argument_sep) . (generic_token) @import.module)
  (#any-of? @_load "Import-Module" "import-module" "ipmo"))
(using_statement [(command_name) (type_name)] @import.module)
(command
  (command_invocation_operator) @_load
  command_name: [(command_name) (command_name_expr)] @import.module
  (#eq? @_load "."))

[(comment) (requires_statement)] @comment
(string_literal) @string
[(expandable_string_literal [(variable) (sub_expression)] @interpolation)
 (expandable_here_string_literal [(variable) (sub_expression)] @interpolation)]

; members
(enum_member (simple_name) @name) @definition.constant

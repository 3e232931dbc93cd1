(package_statement name: (_) @name (block)? @body) @definition.module
(subroutine_declaration_statement name: (_) @name body: (_) @body) @definition.function

(class_statement name: (_) @name (block)? @body) @definition.class
(role_statement name: (_) @name (block)? @body) @definition.class
(method_declaration_statement name: (_) @name body: (_) @body) @definition.method
(expression_statement
  (ambiguous_function_call_expression
    function: (function) @_has
    arguments: (list_expression . [(autoquoted_bareword) @name (string_literal content: (_) @name)]))
  (#eq? @_has "has")) @definition.property

(source_file
  (expression_statement
    (assignment_expression
      left: (variable_declaration variable: (_ (varname) @name))
      right: (anonymous_subroutine_expression body: (_) @body))) @definition.function)
(source_file
  (expression_statement
    (assignment_expression
      left: (variable_declaration variable: (_ (varname) @name)))) @definition.variable)
(use_statement
  module: (package) @_module
  [(list_expression . (autoquoted_bareword) @name @definition.constant)
   (anonymous_hash_expression (list_expression (autoquoted_bareword) @name @definition.constant))]
  (#eq? @_module "constant"))

(use_statement module: (package) @import.module)
(require_expression (bareword) @import.module)

[(comment) (pod) (data_section)] @comment
(string_literal content: (_) @string)
(interpolated_string_literal content: (string_content) @string)
(string_content
  [(scalar) (array) (array_element_expression) (hash_element_expression)] @interpolation)
(match_regexp content: (_) @string)
(heredoc_content) @string

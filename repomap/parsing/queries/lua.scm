(function_declaration
  name: [(identifier) @name
         (dot_index_expression table: (_) @owner field: (_) @name)]
  parameters: (_) @signature
  body: (_)? @body) @definition.function
(function_declaration
  name: (method_index_expression table: (_) @owner method: (_) @name)
  parameters: (_) @signature
  body: (_)? @body) @definition.method

(variable_declaration
  (assignment_statement
    (variable_list name: (identifier) @name)
    (expression_list
      value: (function_definition parameters: (_) @signature body: (_)? @body)))) @definition.function
(assignment_statement
  (variable_list
    name: [(identifier) @name
           (dot_index_expression table: (_) @owner field: (_) @name)
           (bracket_index_expression field: (string) @name)])
  (expression_list
    value: (function_definition parameters: (_) @signature body: (_)? @body))) @definition.function
(field
  name: [(identifier) @name (string) @name]
  value: (function_definition parameters: (_) @signature body: (_)? @body)) @definition.method

(chunk
  (assignment_statement
    (variable_list name: (dot_index_expression table: (identifier) @owner field: (_) @name))) @definition.variable)
(chunk
  [(variable_declaration (assignment_statement (variable_list name: (identifier) @name))) @definition.variable
   (assignment_statement (variable_list name: (identifier) @name)) @definition.variable])

(variable_declaration
  (assignment_statement
    (expression_list
      value: (function_call
        name: (identifier) @import.by
        arguments: (arguments . [(string content: (_) @import.module)
                                 (dot_index_expression) @import.module]))))) @import
(function_call
  name: (identifier) @import.by
  arguments: (arguments . (string content: (_) @import.module)))

[(comment) (hash_bang_line)] @comment
[(string_content) (escape_sequence)] @string

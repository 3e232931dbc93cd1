; inherits: ocaml_interface

(let_binding
  pattern: [(value_name) @name (parenthesized_operator (_) @name)]
  . [(parameter) (abstract_type)]
  body: (_) @body) @definition.function
(let_binding
  pattern: [(value_name) @name (parenthesized_operator (_) @name)]
  body: [(function_expression) (fun_expression)] @body) @definition.function
(structure (value_definition (let_binding pattern: [(value_name) @name (parenthesized_operator (_) @name)]) @definition.variable))
(compilation_unit
  (value_definition (let_binding pattern: [(value_name) @name (parenthesized_operator (_) @name)]) @definition.variable))
(structure (value_definition (let_binding pattern: (tuple_pattern (value_name) @name))) @definition.variable)
(compilation_unit
  (value_definition (let_binding pattern: (tuple_pattern (value_name) @name))) @definition.variable)

; inherits: ocaml_interface

(compilation_unit
  (value_definition (let_binding pattern: [(value_name) @name (parenthesized_operator (_) @name)]) @definition.variable))

(binding
  attrpath: (attrpath attr: [(identifier) @name (string_expression (string_fragment) @name)] .)
  expression: (function_expression body: (_) @body)) @definition.function
(let_expression
  (binding_set (binding attrpath: (attrpath attr: [(identifier) @name (string_expression (string_fragment) @name)] .)) @definition.variable))
(source_code
  (_ (binding_set (binding attrpath: (attrpath attr: [(identifier) @name (string_expression (string_fragment) @name)] .)) @definition.property)))
(source_code
  (_ (_ (binding_set (binding attrpath: (attrpath attr: [(identifier) @name (string_expression (string_fragment) @name)] .)) @definition.property))))
(source_code
  (_ (_ (_ (binding_set (binding attrpath: (attrpath attr: [(identifier) @name (string_expression (string_fragment) @name)] .)) @definition.property)))))
(source_code
  (_ (_ (_ (_ (binding_set (binding attrpath: (attrpath attr: [(identifier) @name (string_expression (string_fragment) @name)] .)) @definition.property))))))

(apply_expression
  function: (variable_expression name: (identifier) @_load)
  argument: (path_expression) @import.module
  (#any-of? @_load "import" "callPackage"))

(comment) @comment
(string_fragment) @string

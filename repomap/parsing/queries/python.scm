(class_definition name: (identifier) @name body: (_) @body) @definition.class

(function_definition name: (identifier) @name body: (_) @body) @definition.function

(module
  (assignment
    left: [(identifier) @name
           (pattern_list [(identifier) @name (tuple_pattern (identifier) @name)])
           (tuple_pattern (identifier) @name)]) @definition.variable)
(module (assignment right: (assignment left: (identifier) @name)) @definition.variable)
(module
  [(if_statement consequence: (block (assignment left: (identifier) @name) @definition.variable))
   (if_statement alternative: (_ (block (assignment left: (identifier) @name) @definition.variable)))
   (try_statement body: (block (assignment left: (identifier) @name) @definition.variable))
   (try_statement (_ (block (assignment left: (identifier) @name) @definition.variable)))
   (with_statement body: (block (assignment left: (identifier) @name) @definition.variable))])
(module
  [(if_statement condition: (named_expression name: (identifier) @name) @definition.variable)
   (if_statement
     condition: (parenthesized_expression (named_expression name: (identifier) @name) @definition.variable))
   (parenthesized_expression (named_expression name: (identifier) @name) @definition.variable)])

(class_definition
  body: (block (assignment left: [(identifier) @name
                                  (pattern_list (identifier) @name)]) @definition.field))
(class_definition
  body: (block (assignment right: (assignment left: (identifier) @name)) @definition.field))
(class_definition
  body: (block
    [(if_statement consequence: (block (assignment left: (identifier) @name) @definition.field))
     (if_statement alternative: (_ (block (assignment left: (identifier) @name) @definition.field)))
     (try_statement body: (block (assignment left: (identifier) @name) @definition.field))
     (try_statement (_ (block (assignment left: (identifier) @name) @definition.field)))]))

(type_alias_statement
  left: (type [(identifier) @name (generic_type (identifier) @name)])) @definition.type

(decorator) @decorator

(import_statement
  name: [(dotted_name) @import.module (aliased_import name: (dotted_name) @import.module)]) @import
(import_from_statement
  module_name: (_) @import.module
  [name: (dotted_name) @import.name
   name: (aliased_import name: (dotted_name) @import.name)
   (wildcard_import)]) @import
(future_import_statement name: (dotted_name) @import.name) @import

(comment) @comment
(string_content) @string

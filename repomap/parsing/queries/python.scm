(class_definition name: (identifier) @name body: (_) @body) @definition.class

(function_definition name: (identifier) @name body: (_) @body) @definition.function

(module
  (assignment
    left: [(identifier) @name
           (pattern_list [(identifier) @name (tuple_pattern (identifier) @name)])
           (tuple_pattern (identifier) @name)]) @definition.variable)
; those inside functions are local, and are dropped when definitions are nested
[(if_statement consequence: (block (assignment left: (identifier) @name) @definition.variable))
 (else_clause body: (block (assignment left: (identifier) @name) @definition.variable))
 (elif_clause consequence: (block (assignment left: (identifier) @name) @definition.variable))
 (try_statement body: (block (assignment left: (identifier) @name) @definition.variable))
 (except_clause (block (assignment left: (identifier) @name) @definition.variable))
 (assignment right: (assignment left: (identifier) @name)) @definition.variable
 (named_expression name: (identifier) @name) @definition.variable]

(class_definition
  body: (block (assignment left: [(identifier) @name
                                  (pattern_list (identifier) @name)]) @definition.field))
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

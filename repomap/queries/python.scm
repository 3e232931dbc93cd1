(class_definition name: (identifier) @name body: (_) @body) @definition.class

(function_definition name: (identifier) @name body: (_) @body) @definition.function

(module (expression_statement (assignment left: (identifier) @name)) @definition.variable)


(module (type_alias_statement left: (type (identifier) @name)) @definition.type)

(class_definition
  body: (block
    (expression_statement (assignment left: (identifier) @name)) @definition.field))

(import_statement name: (dotted_name) @import.module)
(import_statement name: (aliased_import name: (dotted_name) @import.module))
(import_from_statement
  module_name: (_) @import.module
  name: [(dotted_name) @import.name (aliased_import name: (dotted_name) @import.name)])
(import_from_statement module_name: (_) @import.module (wildcard_import))

(comment) @comment
(string_content) @string

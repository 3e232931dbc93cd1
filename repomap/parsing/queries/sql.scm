(create_table
  (object_reference name: (identifier) @name)
  [(column_definitions) (create_query)]? @body) @definition.table
(create_view (object_reference name: (identifier) @name) (create_query)? @body) @definition.table
(create_materialized_view (object_reference name: (identifier) @name) (create_query)? @body) @definition.table
(create_function
  (object_reference name: (identifier) @name)
  [(function_arguments) (_)]
  (function_body)? @body) @definition.function
(create_procedure
  (object_reference name: (identifier) @name)
  (procedure_body)? @body) @definition.function
(create_policy . (_)* (keyword_policy) . (object_reference name: (identifier) @name)) @definition.resource
(ERROR
  (keyword_create) . [(keyword_or) (keyword_replace)]* . [(keyword_procedure) (keyword_function)]
  . (object_reference name: (identifier) @name) @definition.function)
(ERROR
  (keyword_create) . [(keyword_or) (keyword_replace)]* . [(keyword_table) (keyword_view)]
  . (object_reference name: (identifier) @name) @definition.table)
(create_trigger . (_)* (keyword_trigger) . (object_reference name: (identifier) @name)) @definition.function
(create_type (object_reference name: (identifier) @name) (enum_elements)? @body) @definition.type
(create_schema (identifier) @name) @definition.namespace
(create_sequence (object_reference name: (identifier) @name)) @definition.variable
(create_index column: [(identifier) @name (literal) @name]) @definition.property
(create_table (column_definitions (column_definition name: (identifier) @name) @definition.field))

[(comment) (marginalia)] @comment
(literal) @string

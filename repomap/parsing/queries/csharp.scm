[(namespace_declaration name: (_) @name body: (_) @body)
 (file_scoped_namespace_declaration name: (_) @name)] @definition.namespace
(class_declaration name: (_) @name body: (_)? @body) @definition.class
(record_declaration name: (_) @name body: (_)? @body) @definition.class @signature
(struct_declaration name: (_) @name body: (_)? @body) @definition.struct
(interface_declaration name: (_) @name body: (_)? @body) @definition.interface
(enum_declaration name: (_) @name body: (_)? @body) @definition.enum
(delegate_declaration name: (_) @name) @definition.type @signature

(constructor_declaration
  name: (_) @name (constructor_initializer)? @body body: (_)? @body) @definition.constructor @signature
[(method_declaration name: (_) @name body: (_)? @body)
 (destructor_declaration name: (_) @name body: (_)? @body)] @definition.method @signature
(local_function_statement type: (_) @_type name: (_) @name body: (_)? @body
  (#not-any-of? @_type "case" "goto")) @definition.function
(operator_declaration "operator" @name operator: _ @name.end body: (_)? @body) @definition.method @signature
(conversion_operator_declaration
  "operator" @name type: (_) @name.end body: (_)? @body) @definition.method @signature
(indexer_declaration "this" @name [accessors: (_) @body value: (arrow_expression_clause) @body]) @definition.property
(property_declaration
  name: (_) @name [accessors: (_) @body value: (arrow_expression_clause) @body]) @definition.property
(event_declaration name: (_) @name accessors: (_)? @body) @definition.property
[(field_declaration (variable_declaration (variable_declarator name: (_) @name)))
 (event_field_declaration (variable_declaration (variable_declarator name: (_) @name)))] @definition.field

(attribute_list) @decorator

(using_directive !name [(identifier) @import.module (qualified_name) @import.module]) @import
(using_directive name: (_) (qualified_name) @import.module) @import

[(comment) (preproc_region) (preproc_endregion)] @comment
[(string_literal) (verbatim_string_literal) (raw_string_literal) (character_literal)
 (string_content) (interpolation_format_clause)] @string
(interpolated_string_expression (escape_sequence) @string)

; members
(enum_member_declaration name: (identifier) @name) @definition.constant
[(record_declaration (parameter_list (parameter name: (identifier) @name) @definition.property))
 (class_declaration (parameter_list (parameter name: (identifier) @name) @definition.property))
 (struct_declaration (parameter_list (parameter name: (identifier) @name) @definition.property))]

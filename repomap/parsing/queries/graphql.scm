(object_type_definition (name) @name (fields_definition)? @body) @definition.type
(interface_type_definition (name) @name (fields_definition)? @body) @definition.interface
(input_object_type_definition (name) @name (input_fields_definition)? @body) @definition.struct
(enum_type_definition (name) @name (enum_values_definition)? @body) @definition.enum
(union_type_definition (name) @name) @definition.type
(scalar_type_definition (name) @name) @definition.type
(directive_definition (name) @name) @definition.macro
[(object_type_extension (name) @name (fields_definition)? @body)
 (interface_type_extension (name) @name (fields_definition)? @body)
 (input_object_type_extension (name) @name (input_fields_definition)? @body)
 (enum_type_extension (name) @name (enum_values_definition)? @body)
 (union_type_extension (name) @name)] @definition.implementation
(field_definition (name) @name) @definition.field @signature
(operation_definition (name) @name (selection_set) @body) @definition.function
(fragment_definition (fragment_name) @name (selection_set) @body) @definition.function

(description) @decorator
(comment) @comment
(string_value) @string

; members
(input_fields_definition (input_value_definition (name) @name) @definition.field)
(enum_value_definition (enum_value (name) @name)) @definition.constant

(class_declaration "interface" (type_identifier) @name (class_body)? @body) @definition.interface
(class_declaration "enum" (type_identifier) @name (enum_class_body)? @body) @definition.enum
(class_declaration (type_identifier) @name (class_body)? @body) @definition.class @signature
(object_declaration (type_identifier) @name (class_body)? @body) @definition.class @signature
(companion_object (type_identifier) @name (class_body)? @body) @definition.class
(type_alias (type_identifier) @name) @definition.type

(function_declaration
  receiver: (receiver_type (user_type . (type_identifier) @owner))
  (simple_identifier) @name
  (function_body)? @body) @definition.function @signature
(function_declaration (simple_identifier) @name (function_body)? @body) @definition.function @signature
(secondary_constructor "constructor" @name (function_value_parameters) @signature) @definition.constructor

(class_parameter (binding_pattern_kind) (simple_identifier) @name) @definition.property
(source_file
  (property_declaration
    receiver: (receiver_type (user_type . (type_identifier) @owner))
    (variable_declaration (simple_identifier) @name)) @definition.property)
(source_file (property_declaration (variable_declaration (simple_identifier) @name)) @definition.variable)
(source_file
  (property_declaration (multi_variable_declaration (variable_declaration (simple_identifier) @name)))
  @definition.variable)
(class_body (property_declaration (variable_declaration (simple_identifier) @name)) @definition.property)
(enum_class_body (property_declaration (variable_declaration (simple_identifier) @name)) @definition.property)

(annotation) @decorator

(import_header (identifier) @import.module (wildcard_import)) @import
(import_header (identifier (simple_identifier) @import.last .) @import.module .) @import
(import_header (identifier (simple_identifier) @import.last .) @import.module (import_alias)) @import

[(line_comment) (multiline_comment) (shebang_line)] @comment
[(string_content) (character_literal)] @string

; members
(enum_entry (simple_identifier) @name (class_body)? @body) @definition.constant

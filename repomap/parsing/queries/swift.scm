(class_declaration "struct" name: (_) @name body: (_) @body) @definition.struct
(class_declaration "enum" name: (_) @name body: (_) @body) @definition.enum
(class_declaration
  "extension" name: [(user_type (type_identifier)* @owner . (type_identifier) @name .) (type_identifier) @name]
  body: (_) @body) @definition.implementation
(class_declaration name: (type_identifier) @name body: (_) @body) @definition.class
(protocol_declaration name: (_) @name body: (_) @body) @definition.interface
[(typealias_declaration name: (type_identifier) @name)
 (associatedtype_declaration name: (type_identifier) @name)] @definition.type

(function_declaration
  name: [(simple_identifier) @name (custom_operator) @name]
  body: (_) @body) @definition.function
(function_declaration "func" . _ @name . "(" body: (_) @body) @definition.function
(macro_declaration (simple_identifier) @name) @definition.macro
(protocol_function_declaration name: (simple_identifier) @name) @definition.method @signature
(init_declaration "init" @name body: (_)? @body) @definition.constructor @signature
(deinit_declaration "deinit" @name body: (_) @body) @definition.method

(source_file
  (property_declaration
    name: (pattern bound_identifier: (_) @name) computed_value: (_)? @body) @definition.variable)
[(class_body (property_declaration name: (pattern (pattern (simple_identifier) @name))) @definition.property)
 (source_file (property_declaration name: (pattern (pattern (simple_identifier) @name))) @definition.variable)]
(class_body
  (property_declaration
    name: (pattern bound_identifier: (_) @name) computed_value: (_)? @body) @definition.property)
(enum_class_body
  (property_declaration
    name: (pattern bound_identifier: (_) @name) computed_value: (_)? @body) @definition.property)
(protocol_property_declaration name: (pattern bound_identifier: (_) @name)) @definition.property

(attribute) @decorator

(import_declaration (identifier) @import.module) @import

[(comment) (multiline_comment)] @comment
[(line_str_text) (multi_line_str_text) (str_escaped_char) (raw_str_part) (raw_str_end_part)] @string

; members
(enum_entry name: (simple_identifier) @name) @definition.constant

(class_declaration name: (_) @name body: (_) @body) @definition.class
(record_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(annotation_type_declaration name: (_) @name body: (_) @body) @definition.interface
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
[(constructor_declaration name: (_) @name body: (_) @body)
 (compact_constructor_declaration name: (_) @name body: (_) @body)] @definition.constructor
(method_declaration name: (_) @name body: (_)? @body) @definition.method @signature
(annotation_type_element_declaration name: (_) @name) @definition.method
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @definition.constant
(module_declaration name: (_) @name body: (_) @body) @definition.module

[(annotation) (marker_annotation)] @decorator

(import_declaration (scoped_identifier) @import.module (asterisk)) @import
(import_declaration
  (scoped_identifier scope: (_) @import.module name: (_) @import.name) .) @import

[(line_comment) (block_comment)] @comment
[(string_literal) (character_literal)] @string

; members
(enum_constant name: (identifier) @name body: (_)? @body) @definition.constant
(record_declaration parameters: (formal_parameters (formal_parameter name: (identifier) @name) @definition.field))

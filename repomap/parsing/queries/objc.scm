; inherits: c

(class_interface . (identifier) @name) @definition.class
(class_implementation . (identifier) @name) @definition.implementation
(protocol_declaration . (identifier) @name) @definition.interface
(method_definition (method_type) . (identifier) @name (compound_statement) @body) @definition.method
(method_declaration (method_type) . (identifier) @name) @definition.method
(property_declaration
  (struct_declaration
    (struct_declarator [(identifier) @name
                        (pointer_declarator declarator: (identifier) @name)
                        (function_declarator
                          declarator: (parenthesized_declarator
                            (block_pointer_declarator declarator: (identifier) @name)))]))) @definition.property
(type_definition
  type: (macro_type_specifier
    type: (type_descriptor type: (type_identifier) @name))) @definition.enum
(type_definition
  declarator: (function_declarator
    declarator: (parenthesized_declarator
      (block_pointer_declarator declarator: (type_identifier) @name)))) @definition.type

(module_import path: (_) @import.module) @import

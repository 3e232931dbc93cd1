(external . [(value_name) @name (parenthesized_operator (_) @name)]) @definition.function
(value_specification . [(value_name) @name (parenthesized_operator (_) @name)]) @definition.function @signature

(module_definition
  (module_binding
    (module_name) @name
    [body: (structure) @body module_type: (signature) @body
     body: (functor (_) @body) body: (_) module_type: (_)]?)) @definition.module
(module_type_definition . (module_type_name) @name body: (_)? @body) @definition.interface

(type_binding name: (type_constructor) @name body: (record_declaration) @body) @definition.struct
(type_binding name: (type_constructor) @name body: (variant_declaration) @body) @definition.enum
(type_binding name: (_) @name) @definition.type
(exception_definition (constructor_declaration . (constructor_name) @name)) @definition.type
(variant_declaration (constructor_declaration . (constructor_name) @name) @definition.constructor)

(class_binding (class_name) @name [body: (object_expression) @body class_type: (_) body: (_)]?) @definition.class
(class_type_binding (class_type_name) @name body: (_) @body) @definition.interface
(method_definition (method_name) @name body: (_)? @body) @definition.method
(method_specification (method_name) @name) @definition.method
(instance_variable_definition (instance_variable_name) @name) @definition.field

(open_module module: (_) @import.module)
(include_module module: (_) @import.module)
(include_module_type module_type: (_) @import.module)

(comment) @comment
[(string_content) (quoted_string_content) (character_content)] @string

; members
(field_declaration (field_name) @name) @definition.field
(constructor_declaration (constructor_name) @name) @definition.constant

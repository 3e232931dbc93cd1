(class_definition name: (identifier) @name body: (_) @body) @definition.class
(mixin_declaration (identifier) @name (class_body) @body) @definition.trait
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(extension_declaration name: (identifier) @name body: (_) @body) @definition.implementation
(extension_type_declaration name: (identifier) @name body: (_) @body) @definition.class
(type_alias . (type_identifier) @name . ["=" (type_parameters)]) @definition.type
(type_alias (type_identifier) @name . (formal_parameter_list)) @definition.type

([(function_signature name: (identifier) @name)
  (getter_signature name: (identifier) @name)
  (setter_signature name: (identifier) @name)] @definition.function
 . (function_body) @body)
([(function_signature name: (identifier) @name)
  (getter_signature name: (identifier) @name)
  (setter_signature name: (identifier) @name)] @definition.function @signature
 . ";")
(lambda_expression
  (function_signature name: (identifier) @name) (function_body) @body) @definition.function

((method_signature
  [(function_signature name: (identifier) @name)
   (getter_signature name: (identifier) @name)
   (setter_signature name: (identifier) @name)
   (operator_signature [(binary_operator) "[]" "[]=" "~"] @name)]) @definition.method
 . (function_body) @body)
((method_signature
  [(constructor_signature name: (identifier) name: (identifier) @name)
   (constructor_signature . name: (identifier) @name . parameters: (_))
   (factory_constructor_signature (identifier) @name . (formal_parameter_list))]) @definition.constructor
 . (function_body) @body)
(declaration
  [(constructor_signature name: (identifier) name: (identifier) @name)
   (constructor_signature . name: (identifier) @name . parameters: (_))
   (constant_constructor_signature (identifier) @name . (formal_parameter_list))
   (redirecting_factory_constructor_signature (identifier) @name . (formal_parameter_list))]) @definition.constructor @signature
(declaration
  [(function_signature name: (identifier) @name)
   (getter_signature name: (identifier) @name)
   (setter_signature name: (identifier) @name)]) @definition.method @signature
(declaration (identifier_list (identifier) @name @definition.field))
(declaration
  [(initialized_identifier_list (initialized_identifier . (identifier) @name) @definition.field)
   (static_final_declaration_list (static_final_declaration . (identifier) @name) @definition.field)])

(program (static_final_declaration_list (static_final_declaration . (identifier) @name) @definition.constant))
(program (initialized_identifier_list (initialized_identifier . (identifier) @name) @definition.variable))

(import_specification (configurable_uri (uri) @import.module) (combinator "show" (identifier) @import.name))
(import_specification (configurable_uri (uri) @import.module))
(library_export (configurable_uri (uri) @import.module))
(part_directive (uri) @import.module)

(annotation) @decorator
[(comment) (documentation_comment)] @comment
(string_literal) @string
(template_substitution (_) @interpolation)

; members
(enum_constant name: (identifier) @name) @definition.constant

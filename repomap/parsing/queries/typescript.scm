; inherits: ecmascript

(abstract_class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(type_alias_declaration name: (_) @name) @definition.type
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(internal_module name: (_) @name body: (_)? @body) @definition.module
(module name: [(identifier) @name (nested_identifier) @name (string (string_fragment) @name)]
  body: (_)? @body) @definition.module

(function_signature name: (_) @name) @definition.function @signature
[(method_signature name: (_) @name) (abstract_method_signature name: (_) @name)] @definition.method @signature
(interface_body (property_signature name: (_) @name) @definition.property)

(public_field_definition
  name: (_) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.method
(public_field_definition name: (_) @name) @definition.field

(ambient_declaration
  [(lexical_declaration (variable_declarator name: (identifier) @name) @definition.variable)
   (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable)])

(import_statement (import_require_clause source: (string (string_fragment) @import.module))) @import

(template_literal_type (string_fragment) @string)

; members
(enum_body [(property_identifier) @name @definition.constant
            (enum_assignment name: (_) @name) @definition.constant])
(method_definition
  parameters: (formal_parameters
    [(required_parameter [(accessibility_modifier) (override_modifier) "readonly"] pattern: (identifier) @name)
     (optional_parameter [(accessibility_modifier) (override_modifier) "readonly"] pattern: (identifier) @name)]
    @definition.property))

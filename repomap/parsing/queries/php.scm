(namespace_definition name: (_) @name body: (_)? @body) @definition.namespace
(class_declaration name: (_) @name body: (_) @body) @definition.class
(interface_declaration name: (_) @name body: (_) @body) @definition.interface
(trait_declaration name: (_) @name body: (_) @body) @definition.trait
(enum_declaration name: (_) @name body: (_) @body) @definition.enum
(method_declaration name: (_) @name body: (_)? @body) @definition.method @signature
(function_definition name: (_) @name body: (_) @body) @definition.function

(const_declaration (const_element . (name) @name)) @definition.constant
(property_declaration (property_element name: (variable_name (name) @name))) @definition.field
(property_promotion_parameter name: (variable_name (name) @name)) @definition.property
(function_call_expression
  function: (name) @_call
  arguments: (arguments . (argument (string (string_content) @name)))
  (#eq? @_call "define")) @definition.constant

(attribute_list) @decorator

(namespace_use_declaration
  (namespace_use_clause . [(qualified_name prefix: (_) @import.module (name) @import.name)
                           (name) @import.module])) @import
(namespace_use_declaration
  (namespace_name) @import.module
  body: (namespace_use_group (namespace_use_clause . (_) @import.name))) @import
[(require_expression [(string (string_content) @import.module)
                      (_ (string (string_content) @import.module))])
 (require_once_expression [(string (string_content) @import.module)
                           (_ (string (string_content) @import.module))])
 (include_expression [(string (string_content) @import.module)
                      (_ (string (string_content) @import.module))])
 (include_once_expression [(string (string_content) @import.module)
                           (_ (string (string_content) @import.module))])] @import

(comment) @comment
[(string_content) (escape_sequence) (nowdoc_string) (heredoc_start) (heredoc_end) (text)] @string

; members
(enum_case name: (name) @name) @definition.constant

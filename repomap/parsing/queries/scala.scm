[(class_definition name: (_) @name body: (_)? @body)
 (object_definition name: (_) @name body: (_)? @body)] @definition.class @signature
(trait_definition name: (_) @name body: (_)? @body) @definition.trait @signature
(enum_definition name: (_) @name body: (_)? @body) @definition.enum
(package_object name: (_) @name body: (_)? @body) @definition.module

(extension_definition
  parameters: (parameters (parameter type: (type_identifier) @owner))
  body: (function_definition name: (_) @name body: (_)? @body) @definition.method)
(function_definition name: (_) @name body: (_)? @body) @definition.function @signature
(function_declaration name: (_) @name) @definition.function @signature
(given_definition name: (_) @name body: (_)? @body) @definition.variable
(type_definition name: (_) @name) @definition.type

(class_parameter ["val" "var"] name: (_) @name) @definition.property
(template_body
  [(val_definition pattern: [(identifier) @name (tuple_pattern (identifier) @name)]) @definition.property
   (var_definition pattern: [(identifier) @name (tuple_pattern (identifier) @name)]) @definition.property
   (val_declaration name: (_) @name) @definition.property
   (var_declaration name: (_) @name) @definition.property])
(compilation_unit
  [(val_definition pattern: (identifier) @name) @definition.variable
   (var_definition pattern: (identifier) @name) @definition.variable])

(annotation) @decorator

(import_declaration ["import" ","] . (identifier) @import.part . ("." . (identifier) @import.part)*) @import
(import_declaration ["import" ","] . (identifier) @import.part . ("." . (identifier) @import.part)* . "." . (namespace_wildcard) @import.all) @import
(import_declaration ["import" ","] . (identifier) @import.part . ("." . (identifier) @import.part)*
  . "." . (namespace_selectors [(identifier) @import.name (_ name: (identifier) @import.name)])) @import
(import_declaration ["import" ","] . (identifier) @import.part . ("." . (identifier) @import.part)*
  . "." . (namespace_selectors (namespace_wildcard) @import.all)) @import

[(comment) (block_comment)] @comment
[(string) (interpolated_string) (character_literal)] @string
(interpolation) @interpolation

; members
[(simple_enum_case name: (identifier) @name) (full_enum_case name: (identifier) @name)] @definition.constant
(class_definition class_parameters: (class_parameters (class_parameter name: (identifier) @name) @definition.property))

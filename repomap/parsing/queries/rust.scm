(function_item name: (_) @name body: (_) @body) @definition.function
(function_signature_item name: (_) @name) @definition.function @signature
(struct_item name: (_) @name body: (field_declaration_list) @body) @definition.struct
(struct_item name: (_) @name) @definition.struct
(union_item name: (_) @name body: (_) @body) @definition.struct
(enum_item name: (_) @name body: (_) @body) @definition.enum
(trait_item name: (_) @name body: (_) @body) @definition.trait
(impl_item
  type: [(type_identifier) @name
         (primitive_type) @name
         (generic_type type: [(type_identifier) @name
                              (scoped_type_identifier name: (type_identifier) @name)])
         (scoped_type_identifier name: (type_identifier) @name)
         (reference_type
           type: [(type_identifier) @name
                  (primitive_type) @name
                  (dynamic_type) @name
                  (array_type) @name
                  (generic_type type: [(type_identifier) @name
                                       (scoped_type_identifier name: (type_identifier) @name)])
                  (scoped_type_identifier name: (type_identifier) @name)])
         (array_type) @name
         (tuple_type) @name
         (unit_type) @name
         (dynamic_type) @name
         (function_type) @name
         (pointer_type) @name
         (macro_invocation) @name]
  body: (_) @body) @definition.implementation
(mod_item name: (_) @name body: (_) @body) @definition.module
[(type_item name: (_) @name) (associated_type name: (_) @name)] @definition.type
[(const_item name: (_) @name) (static_item name: (_) @name)] @definition.constant
(macro_definition name: (_) @name ["(" "{" "["] @body) @definition.macro
(ERROR (identifier) @_macro (call_expression function: (identifier) @name) (#eq? @_macro "macro")) @definition.macro

[(attribute_item) (inner_attribute_item)] @decorator

(mod_item name: (_) @import.module !body) @import
(extern_crate_declaration name: (_) @import.module) @import
(use_declaration
  argument: [(identifier) @import.module
             (use_wildcard (_) @import.module)
             (scoped_identifier path: (_) @import.module name: (_) @import.name)
             (use_as_clause path: (identifier) @import.module)
             (use_as_clause path: (scoped_identifier path: (_) @import.module name: (_) @import.name))
             (scoped_use_list path: (_) @import.module)
             (scoped_use_list path: (_) @import.module
               list: (use_list [(identifier) @import.name
                                (self) @import.name
                                (scoped_identifier) @import.name
                                (use_wildcard) @import.name
                                (use_as_clause path: (_) @import.name)]))
             (scoped_use_list path: (_) @import.prefix
               list: (use_list
                 (scoped_use_list path: (_) @import.module
                   list: (use_list [(identifier) @import.name
                                    (self) @import.name
                                    (scoped_identifier) @import.name
                                    (use_wildcard) @import.name
                                    (use_as_clause path: (_) @import.name)]))))]) @import

[(line_comment) (block_comment)] @comment
[(string_literal) (raw_string_literal) (char_literal)] @string

; members
(field_declaration name: (_) @name) @definition.field
(enum_variant name: (_) @name) @definition.constant

(function_declaration name: (identifier) @name body: (_)? @body) @definition.function

(method_declaration
  receiver: (parameter_list
    (parameter_declaration
      type: [(type_identifier) @owner
             (generic_type type: (type_identifier) @owner)
             (pointer_type [(type_identifier) @owner
                            (generic_type type: (type_identifier) @owner)])]))
  name: (field_identifier) @name
  body: (_)? @body) @definition.method

(type_spec name: (_) @name type: (struct_type (field_declaration_list) @body)) @definition.struct
(type_spec name: (_) @name type: (interface_type "{" @body)) @definition.interface
[(type_spec name: (_) @name) (type_alias name: (_) @name)] @definition.type
(method_elem name: (field_identifier) @name) @definition.method @signature

(source_file
  [(const_declaration (const_spec (identifier) @name) @definition.constant)
   (var_declaration [(var_spec (identifier) @name) @definition.variable
                     (var_spec_list (var_spec (identifier) @name) @definition.variable)])])

(import_spec path: (_) @import.module) @import

(comment) @comment
[(interpreted_string_literal) (raw_string_literal) (rune_literal)] @string

; members
(field_declaration name: (field_identifier) @name) @definition.field

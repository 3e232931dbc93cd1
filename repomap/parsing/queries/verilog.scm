(module_declaration
  [(module_ansi_header name: (_) @name) (module_nonansi_header name: (_) @name)] @signature) @definition.module
(interface_declaration
  [(interface_ansi_header name: (_) @name) (interface_nonansi_header name: (_) @name)] @signature) @definition.interface
(program_declaration
  [(program_ansi_header name: (_) @name) (program_nonansi_header name: (_) @name)] @signature) @definition.module
(package_declaration name: (simple_identifier) @name ";" @body) @definition.module
(udp_declaration
  [(udp_ansi_declaration . "primitive" . (simple_identifier) @name)
   (udp_nonansi_declaration . "primitive" . (simple_identifier) @name)] @signature) @definition.module
(class_declaration name: (simple_identifier) @name ";" @body) @definition.class
(interface_class_declaration name: (simple_identifier) @name ";" @body) @definition.interface
(function_body_declaration
  (class_scope (class_type (simple_identifier) @owner))? name: (simple_identifier) @name ";" @body) @definition.function
(task_body_declaration
  (class_scope (class_type (simple_identifier) @owner))? name: (simple_identifier) @name ";" @body) @definition.function
[(function_prototype name: (simple_identifier) @name)
 (task_prototype name: (simple_identifier) @name)] @definition.function @signature @forward
(class_constructor_declaration "function" . "new" @name ";" @body) @definition.constructor
(class_property
  (data_declaration
    (list_of_variable_decl_assignments (variable_decl_assignment name: (simple_identifier) @name)))) @definition.field
(type_declaration type_name: (simple_identifier) @name) @definition.type
(text_macro_definition (text_macro_name (simple_identifier) @name)) @definition.macro
(param_assignment . (simple_identifier) @name) @definition.constant

(include_compiler_directive (quoted_string) @import.module)
(package_import_item . (simple_identifier) @import.module)

[(one_line_comment) (block_comment)] @comment
[(string_literal) (quoted_string)] @string

; members
(enum_name_declaration . (simple_identifier) @name) @definition.constant
(struct_union_member
  (list_of_variable_decl_assignments (variable_decl_assignment name: (simple_identifier) @name) @definition.field))

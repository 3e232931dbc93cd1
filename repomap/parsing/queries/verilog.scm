(module_declaration
  . (module_header (simple_identifier) @name)
  . [(module_ansi_header) (module_nonansi_header)]
  . (_) @body) @definition.module
(module_declaration . (module_header (simple_identifier) @name) . (_) @body) @definition.module
(module_header (simple_identifier) @name) @definition.module
(interface_declaration
  . (interface_ansi_header (interface_identifier (simple_identifier) @name)) . (_)? @body) @definition.interface
(program_declaration . (program_ansi_header (program_identifier (simple_identifier) @name)) . (_)? @body) @definition.module
(package_declaration "package" . (lifetime)? . (package_identifier (simple_identifier) @name) . (_)? @body) @definition.module
(class_declaration "class" . (lifetime)? . (class_identifier (simple_identifier) @name) (class_item)? @body) @definition.class
("class" . (lifetime)? . (class_identifier (simple_identifier) @name) @definition.class)
(function_body_declaration
  (function_identifier (function_identifier (simple_identifier) @name)) . ["(" ";" (tf_port_list)]
  [(tf_item_declaration) (block_item_declaration) (function_statement_or_null)]? @body) @definition.function
(task_body_declaration
  (task_identifier (task_identifier (simple_identifier) @name)) . ["(" ";" (tf_port_list)]
  [(tf_item_declaration) (block_item_declaration) (statement_or_null)]? @body) @definition.function
(class_constructor_declaration "function" . "new" @name) @definition.constructor
(class_property
  (data_declaration
    (list_of_variable_decl_assignments (variable_decl_assignment . (simple_identifier) @name)))) @definition.field
(type_declaration (simple_identifier) @name .) @definition.type
(text_macro_definition (text_macro_name (text_macro_identifier (simple_identifier) @name))) @definition.macro
(param_assignment (parameter_identifier (simple_identifier) @name) "=") @definition.constant

(include_compiler_directive (double_quoted_string) @import.module)
(package_import_item (package_identifier) @import.module)

(comment) @comment
[(string_literal) (double_quoted_string)] @string

(module_definition name: (_) @name (block)? @body) @definition.module
(struct_definition
  (type_head [(identifier) @name
              (parametrized_type_expression . (identifier) @name)
              (binary_expression . [(identifier) @name
                                    (parametrized_type_expression . (identifier) @name)])])
  (block)? @body) @definition.struct
[(abstract_definition
   (type_head [(identifier) @name
               (parametrized_type_expression . (identifier) @name)
               (binary_expression . [(identifier) @name
                                     (parametrized_type_expression . (identifier) @name)])]))
 (primitive_definition
   (type_head [(identifier) @name (binary_expression . (identifier) @name)]))] @definition.type

(function_definition
  (signature [(call_expression . [(identifier) @name
                                   (operator) @name
                                   (field_expression value: (_) [(identifier) (operator)] @name .)
                                   (curly_expression . (identifier) @name)
                                   (parametrized_type_expression . (identifier) @name)])
              (where_expression . [(call_expression . [(identifier) @name
                                                        (operator) @name
                                                        (field_expression value: (_) [(identifier) (operator)] @name .)
                                                        (curly_expression . (identifier) @name)
                                                        (parametrized_type_expression . (identifier) @name)])
                                    (typed_expression . (call_expression . [(identifier) @name
                                                                           (operator) @name
                                                                           (field_expression value: (_) [(identifier) (operator)] @name .)
                                                                           (curly_expression . (identifier) @name)
                                                                           (parametrized_type_expression . (identifier) @name)]))])
              (typed_expression . (call_expression . [(identifier) @name
                                                      (operator) @name
                                                      (field_expression value: (_) [(identifier) (operator)] @name .)
                                                      (curly_expression . (identifier) @name)
                                                      (parametrized_type_expression . (identifier) @name)]))] @signature)
  (block)? @body) @definition.function
(macro_definition (signature (call_expression . (_) @name) @signature) (block)? @body) @definition.macro
(assignment . [(call_expression . [(identifier) @name
                                    (operator) @name
                                    (field_expression value: (_) [(identifier) (operator)] @name .)
                                    (curly_expression . (identifier) @name)
                                    (parametrized_type_expression . (identifier) @name)])
               (where_expression . [(call_expression . [(identifier) @name
                                                         (operator) @name
                                                         (field_expression value: (_) [(identifier) (operator)] @name .)
                                                         (curly_expression . (identifier) @name)
                                                         (parametrized_type_expression . (identifier) @name)])
                                     (typed_expression . (call_expression . [(identifier) @name
                                                                            (operator) @name
                                                                            (field_expression value: (_) [(identifier) (operator)] @name .)
                                                                            (curly_expression . (identifier) @name)
                                                                            (parametrized_type_expression . (identifier) @name)]))])
               (typed_expression . (call_expression . [(identifier) @name
                                                       (operator) @name
                                                       (field_expression value: (_) [(identifier) (operator)] @name .)
                                                       (curly_expression . (identifier) @name)
                                                       (parametrized_type_expression . (identifier) @name)]))] (operator) @body) @definition.function

(function_definition (signature . (identifier) @name)) @definition.function
(macrocall_expression
  (macro_identifier (identifier) @_macro)
  (macro_argument_list . [(identifier) @name (typed_expression . (identifier) @name)])
  (#eq? @_macro "enum")) @definition.enum
(const_statement (assignment . (parametrized_type_expression . (identifier) @name))) @definition.type
(const_statement (assignment . [(identifier) (operator)] @name)) @definition.constant
(source_file (assignment . (identifier) @name) @definition.variable)
(module_definition (block (assignment . (identifier) @name) @definition.variable))

(using_statement [(identifier) (import_path)] @import.module) @import
(import_statement [(identifier) (import_path)] @import.module) @import
[(using_statement (selected_import . (_) @import.module [(identifier) (operator) (macro_identifier)] @import.name))
 (import_statement (selected_import . (_) @import.module [(identifier) (operator) (macro_identifier)] @import.name))] @import
(call_expression
  . (identifier) @import.by
  (argument_list . (string_literal (content) @import.module)))

(source_file
  (string_literal) @comment
  . [(function_definition) (struct_definition) (abstract_definition) (macro_definition) (const_statement)
     (assignment) (macrocall_expression) (module_definition)])
(module_definition
  (block
    (string_literal) @comment
    . [(function_definition) (struct_definition) (abstract_definition) (macro_definition) (const_statement)
       (assignment) (macrocall_expression) (module_definition)]))
[(line_comment) (block_comment)] @comment
[(content) (escape_sequence) (character_literal)] @string

; members
(struct_definition
  (block [(identifier) @name @definition.field
          (typed_expression . (identifier) @name) @definition.field
          (const_statement [(identifier) @name (typed_expression . (identifier) @name)]) @definition.field]))
(macrocall_expression
  (macro_identifier (identifier) @_macro)
  (macro_argument_list . (_) [(identifier) @name @definition.constant
                              (assignment . (identifier) @name) @definition.constant])
  (#eq? @_macro "enum"))

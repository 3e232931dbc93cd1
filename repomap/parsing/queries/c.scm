(function_definition
  declarator: [(function_declarator declarator: (identifier) @name)
               (function_declarator
                 declarator: (parenthesized_declarator
                   [(identifier) @name
                    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))]))
               (pointer_declarator
                 declarator: [(function_declarator declarator: (identifier) @name)
                              (pointer_declarator
                                declarator: [(function_declarator declarator: (identifier) @name)
                                             (pointer_declarator
                                               declarator: (function_declarator
                                                 declarator: (identifier) @name))])])]
  body: (_) @body) @definition.function

(type_definition
  type: [(struct_specifier body: (_) @body) (union_specifier body: (_) @body)]
  declarator: [(type_identifier) @name (pointer_declarator declarator: (type_identifier) @name)]) @definition.struct
(type_definition type: (enum_specifier body: (_) @body) declarator: (type_identifier) @name) @definition.enum
(type_definition
  declarator: [(type_identifier) @name
               (pointer_declarator declarator: (type_identifier) @name)
               (array_declarator declarator: (type_identifier) @name)
               (function_declarator
                 declarator: [(type_identifier) @name
                              (parenthesized_declarator
                                [(type_identifier) @name
                                 (pointer_declarator declarator: (type_identifier) @name)])])
               (pointer_declarator
                 declarator: (function_declarator
                   declarator: [(type_identifier) @name
                                (parenthesized_declarator
                                  (pointer_declarator declarator: (type_identifier) @name))]))]) @definition.type

[(struct_specifier name: (type_identifier) @name body: (_) @body)
 (union_specifier name: (type_identifier) @name body: (_) @body)] @definition.struct
(enum_specifier name: (_) @name body: (_) @body) @definition.enum

(preproc_function_def name: (_) @name value: (_)? @body) @definition.macro
(preproc_def name: (_) @name value: (_)) @definition.constant

(declaration
  declarator: [(function_declarator declarator: (identifier) @name)
               (function_declarator declarator: (parenthesized_declarator . (identifier) @name))
               (pointer_declarator
                 declarator: [(function_declarator declarator: (identifier) @name)
                              (function_declarator declarator: (parenthesized_declarator . (identifier) @name))
                              (pointer_declarator
                                declarator: (function_declarator declarator: (identifier) @name))])]
  ";" @forward) @definition.function @signature

; a macro that defines something by its first argument, before a body
(translation_unit
  (expression_statement
    (call_expression
      function: (identifier) @_macro
      arguments: (argument_list . (string_literal (string_content) @name)))) @definition.test
  . (compound_statement) @body
  (#match? @_macro "^[A-Z][A-Z0-9_]+$"))
(translation_unit
  (expression_statement
    (call_expression
      function: (identifier) @_macro
      arguments: (argument_list . (identifier) @name))) @definition.function
  . (compound_statement) @body
  (#match? @_macro "^[A-Z][A-Z0-9_]+$"))

(translation_unit
  (declaration
    declarator: [(identifier) @name
                 (_ declarator: [(identifier) @name
                                 (parenthesized_declarator (pointer_declarator declarator: (identifier) @name))
                                 (_ declarator: [(identifier) @name
                                                 (parenthesized_declarator
                                                   (pointer_declarator declarator: (identifier) @name))
                                                 (_ declarator: (identifier) @name)])])]) @definition.variable)
(declaration_list
  (declaration
    declarator: [(identifier) @name
                 (_ declarator: [(identifier) @name
                                 (parenthesized_declarator (pointer_declarator declarator: (identifier) @name))
                                 (_ declarator: [(identifier) @name
                                                 (parenthesized_declarator
                                                   (pointer_declarator declarator: (identifier) @name))
                                                 (_ declarator: (identifier) @name)])])]) @definition.variable)
(preproc_ifdef
  (declaration
    declarator: [(identifier) @name
                 (_ declarator: [(identifier) @name
                                 (parenthesized_declarator (pointer_declarator declarator: (identifier) @name))
                                 (_ declarator: [(identifier) @name
                                                 (parenthesized_declarator
                                                   (pointer_declarator declarator: (identifier) @name))
                                                 (_ declarator: (identifier) @name)])])]) @definition.variable)
(preproc_if
  (declaration
    declarator: [(identifier) @name
                 (_ declarator: [(identifier) @name
                                 (parenthesized_declarator (pointer_declarator declarator: (identifier) @name))
                                 (_ declarator: [(identifier) @name
                                                 (parenthesized_declarator
                                                   (pointer_declarator declarator: (identifier) @name))
                                                 (_ declarator: (identifier) @name)])])]) @definition.variable)

(preproc_include path: (_) @import.module) @import

(comment) @comment
[(string_literal) (char_literal) (system_lib_string)] @string

; members
(enumerator name: (identifier) @name) @definition.constant
(field_declaration
  declarator: [(field_identifier) @name
               (_ declarator: [(field_identifier) @name
                               (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name))
                               (_ declarator: (field_identifier) @name)])]) @definition.field

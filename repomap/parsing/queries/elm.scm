(file
  (value_declaration
    (function_declaration_left . (lower_case_identifier) @name)
    body: (_) @body) @definition.function @clause)
(value_declaration
  (function_declaration_left . (lower_case_identifier) @name pattern: (_))
  body: (_) @body) @definition.function @clause
(file (type_annotation name: (lower_case_identifier) @name) @definition.function @clause @signature)
(port_annotation name: (lower_case_identifier) @name) @definition.function
(type_alias_declaration name: (upper_case_identifier) @name typeExpression: (_) @body) @definition.type
(type_declaration name: (upper_case_identifier) @name) @definition.enum
(union_variant name: (upper_case_identifier) @name) @definition.constructor

(import_clause moduleName: (upper_case_qid) @import.module)
(import_clause
  moduleName: (upper_case_qid) @import.module
  exposing: (exposing_list
    [(exposed_type (upper_case_identifier) @import.name)
     (exposed_value (lower_case_identifier) @import.name)
     (exposed_operator (operator_identifier) @import.name)]))

[(line_comment) (block_comment)] @comment
[(regular_string_part) (char_constant_expr)] @string

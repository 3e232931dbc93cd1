(class_declaration name: (_) @name body: (_) @body) @definition.class
(class name: (_) @name body: (_) @body) @definition.class

(method_definition name: (_) @name body: (_) @body) @definition.method

[(function_declaration name: (_) @name body: (_) @body)
 (generator_function_declaration name: (_) @name body: (_) @body)] @definition.function

(arguments (function_expression name: (_) @name body: (_) @body) @definition.function)

(variable_declarator
  name: (identifier) @name
  value: [(arrow_function body: (_) @body)
          (function_expression body: (_) @body)
          (generator_function body: (_) @body)]) @definition.function
(variable_declarator name: (identifier) @name value: (class body: (_) @body)) @definition.class

(assignment_expression
  left: (member_expression
    object: (member_expression object: (_) @owner property: (property_identifier) @_prototype)
    property: (property_identifier) @name)
  right: [(arrow_function body: (_) @body)
          (function_expression body: (_) @body)
          (generator_function body: (_) @body)]
  (#eq? @_prototype "prototype")) @definition.method
(assignment_expression
  left: [(identifier) @name
         (member_expression property: (_) @name)
         (subscript_expression index: (string (string_fragment) @name))]
  right: [(arrow_function body: (_) @body)
          (function_expression body: (_) @body)
          (generator_function body: (_) @body)]) @definition.function
(assignment_expression
  left: [(identifier) @name (member_expression property: (_) @name)]
  right: (class body: (_) @body)) @definition.class

(pair
  key: (_) @name
  value: [(arrow_function body: (_) @body)
          (function_expression body: (_) @body)
          (generator_function body: (_) @body)]) @definition.method
(pair key: (_) @name value: (class body: (_) @body)) @definition.class

(program
  (lexical_declaration
    (variable_declarator
      name: [(object_pattern [(shorthand_property_identifier_pattern) @name
                              (pair_pattern value: (identifier) @name)
                              (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name)])
             (array_pattern (identifier) @name)]) @definition.variable))
(program [(lexical_declaration (variable_declarator name: (identifier) @name) @definition.variable)
          (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable)])
(export_statement
  [(lexical_declaration
     (variable_declarator
       name: [(identifier) @name
              (object_pattern [(shorthand_property_identifier_pattern) @name
                               (pair_pattern value: (identifier) @name)
                               (object_assignment_pattern
                                 left: (shorthand_property_identifier_pattern) @name)])]) @definition.variable)
   (variable_declaration (variable_declarator name: (identifier) @name) @definition.variable)])

(import_statement source: (string (string_fragment) @import.module)) @import
(import_statement
  (import_clause (named_imports (import_specifier name: (_) @import.name)))
  source: (string (string_fragment) @import.module))
(export_statement source: (string (string_fragment) @import.module)) @import
(export_statement
  (export_clause (export_specifier name: (_) @import.name))
  source: (string (string_fragment) @import.module))

(call_expression
  function: (identifier) @import.by
  arguments: (arguments . (string (string_fragment) @import.module)))
(call_expression
  function: (import)
  arguments: (arguments . (string (string_fragment) @import.module)))
(variable_declarator
  value: [(call_expression function: (identifier) @import.by
            arguments: (arguments . (string (string_fragment) @import.module)))
          (member_expression
            object: (call_expression function: (identifier) @import.by
              arguments: (arguments . (string (string_fragment) @import.module))))
          (call_expression
            function: (call_expression function: (identifier) @import.by
              arguments: (arguments . (string (string_fragment) @import.module))))]) @import
(variable_declarator
  name: (object_pattern
    [(shorthand_property_identifier_pattern) @import.name
     (pair_pattern key: (_) @import.name)])
  value: (call_expression function: (identifier) @import.by
    arguments: (arguments . (string (string_fragment) @import.module))))

(decorator) @decorator
[(comment) (hash_bang_line)] @comment
[(string) (regex)] @string
(template_string [(string_fragment) (escape_sequence)] @string)

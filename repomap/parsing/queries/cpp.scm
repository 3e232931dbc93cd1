; inherits: c

(namespace_definition
  name: (nested_namespace_specifier
    (namespace_identifier) @owner
    [(namespace_identifier) @name
     (nested_namespace_specifier (namespace_identifier) @owner (namespace_identifier) @name)
     (nested_namespace_specifier
       (namespace_identifier) @owner
       (nested_namespace_specifier (namespace_identifier) @owner (namespace_identifier) @name))])
  body: (_) @body) @definition.namespace
(namespace_definition name: (_) @name body: (_) @body) @definition.namespace
(function_definition
  !type
  declarator: (function_declarator
    declarator: (identifier) @_macro
    parameters: (parameter_list
      . (parameter_declaration) . (parameter_declaration type: (type_identifier) @name !declarator) .))
  body: (_) @body
  (#match? @_macro "^[A-Z_]*TEST(_[A-Z]+)*$")) @definition.test
(class_specifier
  name: [(type_identifier) @name
         (template_type name: (_) @name)
         (qualified_identifier scope: (_) @owner name: (_) @name)]
  body: (_) @body) @definition.class
[(struct_specifier
   name: [(template_type name: (_) @name) (qualified_identifier scope: (_) @owner name: (_) @name)]
   body: (_) @body)
 (union_specifier name: (template_type name: (_) @name) body: (_) @body)] @definition.struct
(function_definition
  type: [(class_specifier !body) (struct_specifier !body)]
  declarator: (identifier) @name
  body: (_) @body) @definition.class

(function_definition
  declarator: [(function_declarator declarator: [(field_identifier) @name (identifier) @name (destructor_name) @name (operator_name) @name])
   (reference_declarator (function_declarator declarator: [(field_identifier) @name (identifier) @name (destructor_name) @name (operator_name) @name]))
   (pointer_declarator declarator: (function_declarator declarator: [(field_identifier) @name (identifier) @name (destructor_name) @name (operator_name) @name]))]
  (field_initializer_list)? @body
  body: (_)? @body) @definition.function
(function_definition
  declarator: [(function_declarator declarator: [(qualified_identifier
        scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
        name: [(identifier) @name (destructor_name) @name (operator_name) @name])
      (qualified_identifier name: (qualified_identifier
         scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
         name: [(identifier) @name (destructor_name) @name (operator_name) @name]))])
   (reference_declarator (function_declarator declarator: [(qualified_identifier
         scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
         name: [(identifier) @name (destructor_name) @name (operator_name) @name])
       (qualified_identifier name: (qualified_identifier
          scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
          name: [(identifier) @name (destructor_name) @name (operator_name) @name]))]))
   (pointer_declarator declarator: (function_declarator declarator: [(qualified_identifier
         scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
         name: [(identifier) @name (destructor_name) @name (operator_name) @name])
       (qualified_identifier name: (qualified_identifier
          scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
          name: [(identifier) @name (destructor_name) @name (operator_name) @name]))]))]
  (field_initializer_list)? @body
  body: (_)? @body) @definition.method

(field_declaration
  declarator: [(function_declarator declarator: [(field_identifier) @name (operator_name) @name])
   (reference_declarator (function_declarator declarator: [(field_identifier) @name (operator_name) @name]))
   (pointer_declarator declarator: (function_declarator declarator: [(field_identifier) @name (operator_name) @name]))]) @definition.method @signature
(field_declaration_list
  (declaration
    declarator: (function_declarator
      declarator: [(identifier) @name (destructor_name) @name])) @definition.method @signature)

[(function_definition
   declarator: (operator_cast "operator" @name type: (_) @name.end)
   body: (_) @body)
 (declaration declarator: (operator_cast "operator" @name type: (_) @name.end))
 (field_declaration declarator: (operator_cast "operator" @name type: (_) @name.end))] @definition.method @signature
(expression_statement
  (assignment_expression
    left: (call_expression
      function: (qualified_identifier
        [scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
         name: [(identifier) @name (destructor_name) @name (operator_name) @name
                (qualified_identifier
                  scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
                  name: [(identifier) @name (destructor_name) @name (operator_name) @name])]]))
    right: (identifier) @_how)
  (#any-of? @_how "default" "delete")) @definition.method
(declaration
  declarator: [(qualified_identifier
                 scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
                 name: (identifier) @name)
               (qualified_identifier
                 name: (qualified_identifier
                   scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
                   name: (identifier) @name))
               (init_declarator
                 declarator: [(qualified_identifier
                                scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
                                name: (identifier) @name)
                              (qualified_identifier
                                name: (qualified_identifier
                                  scope: [(namespace_identifier) @owner (template_type name: (_) @owner)]
                                  name: (identifier) @name))])]) @definition.variable

[(alias_declaration name: (_) @name) (concept_definition name: (_) @name)] @definition.type

(raw_string_literal) @string

; inherits: c

(namespace_definition name: (_) @name body: (_) @body) @definition.namespace
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

[(alias_declaration name: (_) @name) (concept_definition name: (_) @name)] @definition.type

(raw_string_literal) @string

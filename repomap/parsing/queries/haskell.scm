(function name: (variable) @name match: (match) @body) @definition.function @clause
(function (infix operator: (operator) @name) match: (match) @body) @definition.function @clause
(function (infix operator: (infix_id (variable) @name)) match: (match) @body) @definition.function @clause
(declarations
  [(bind name: (variable) @name match: (match) @body)
   (bind name: (prefix_id (operator) @name) match: (match) @body)] @definition.function @clause)
(declarations
  [(signature name: (variable) @name)
   (signature name: (prefix_id (operator) @name))
   (signature names: (binding_list . name: (variable) @name))] @definition.function @clause @signature)
(class_declarations
  [(signature name: (variable) @name)
   (signature name: (prefix_id (operator) @name))
   (signature names: (binding_list . name: (variable) @name))] @definition.function @clause @signature)
(instance_declarations (bind name: (variable) @name match: (match) @body) @definition.function @clause)

(data_type name: (name) @name) @definition.type
(data_type name: (prefix_id (operator) @name)) @definition.type
(newtype name: (name) @name) @definition.type
(data_constructor
  [(prefix name: (constructor) @name)
   (record name: (constructor) @name)
   (infix operator: (_) @name)]) @definition.constructor
(gadt_constructor name: (constructor) @name) @definition.constructor
(type_synomym name: (name) @name) @definition.type
(type_family name: (name) @name) @definition.type
(data_family name: (name) @name) @definition.type
(class name: (name) @name declarations: (_)? @body) @definition.class
(instance
  patterns: (type_patterns
    . [(name) @name
       (parens (apply constructor: (name) @name))
       (parens (apply constructor: (apply constructor: (name) @name)))
       (list) @name
       (tuple) @name
       (unit) @name
       (parens (function) @name)
       (qualified) @name])
  declarations: (_)? @body) @definition.implementation
(pattern_synonym [(signature synonym: (_) @name) (equation synonym: (constructor) @name)]) @definition.function @clause
(foreign_import signature: (signature name: (variable) @name)) @definition.function

(import module: (module) @import.module)
(import
  module: (module) @import.module
  names: (import_list name: (import_name [variable: (_) type: (_)] @import.name)))

[(comment) (haddock) (pragma)] @comment
[(string) (char)] @string

; members
(field name: (field_name (variable) @name)) @definition.field

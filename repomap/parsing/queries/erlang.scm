(fun_decl clause: (function_clause name: (atom) @name body: (_) @body)) @definition.function @clause
(spec fun: (atom) @name) @definition.function @clause @signature
(callback fun: (atom) @name) @definition.method @signature
(record_decl name: (atom) @name) @definition.struct
(type_alias name: (type_name name: (atom) @name)) @definition.type
(opaque name: (type_name name: (atom) @name)) @definition.type
(pp_define lhs: (macro_lhs name: (_) @name)) @definition.macro
(module_attribute name: (atom) @name) @definition.module

(import_attribute module: (atom) @import.module funs: (fa fun: (atom) @import.name))
(behaviour_attribute name: (atom) @import.module)
(pp_include file: (string) @import.module)
(pp_include_lib file: (string) @import.module)

(comment) @comment
[(string) (multi_string) (char)] @string

; members
(record_field name: (atom) @name) @definition.field

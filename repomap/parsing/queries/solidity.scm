(contract_declaration name: (identifier) @name body: (_) @body) @definition.class
(library_declaration name: (identifier) @name body: (_) @body) @definition.class
(interface_declaration name: (identifier) @name body: (_) @body) @definition.interface
(struct_declaration name: (identifier) @name body: (_) @body) @definition.struct
(enum_declaration name: (identifier) @name body: (_) @body) @definition.enum
(user_defined_type_definition name: (identifier) @name) @definition.type
[(error_declaration name: (identifier) @name) (event_definition name: (identifier) @name)] @definition.type

(function_definition name: (identifier) @name body: (_)? @body) @definition.function
(modifier_definition name: (identifier) @name body: (_)? @body) @definition.method
(constructor_definition "constructor" @name body: (_) @body) @definition.constructor
(fallback_receive_definition ["fallback" "receive"] @name body: (_)? @body) @definition.method
(state_variable_declaration name: (identifier) @name) @definition.field
(constant_variable_declaration name: (identifier) @name) @definition.constant
(struct_member name: (identifier) @name) @definition.field

(import_directive import_name: (identifier)? @import.name source: (string) @import.module)

(comment) @comment
[(string) (string_literal) (unicode_string_literal) (hex_string_literal)] @string

; members
(enum_value) @name @definition.constant

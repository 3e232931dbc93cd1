(message (message_name (identifier) @name) (message_body) @body) @definition.message
(enum (enum_name (identifier) @name) (enum_body) @body) @definition.enum
(service (service_name (identifier) @name) "{" @body) @definition.service
(rpc (rpc_name (identifier) @name) "{"? @body) @definition.method
(extend (full_ident) @name (message_body) @body) @definition.implementation
[(field (identifier) @name) (map_field (identifier) @name) (oneof_field (identifier) @name)] @definition.field

(import path: (string) @import.module)

(comment) @comment
[(string) (reserved_field_names)] @string

; members
(enum_field (identifier) @name) @definition.constant

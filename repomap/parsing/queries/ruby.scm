(class
  name: [(constant) @name (scope_resolution scope: (_)? @owner name: (_) @name)] @signature
  superclass: (_)? @signature
  body: (_)? @body) @definition.class
(module
  name: [(constant) @name (scope_resolution scope: (_)? @owner name: (_) @name)] @signature
  body: (_)? @body) @definition.module
(method name: (_) @name parameters: (_)? @signature body: (_)? @body) @definition.method
(singleton_method name: (_) @name parameters: (_)? @signature body: (_)? @body) @definition.method
(alias name: (_) @name) @definition.method

(assignment
  left: (constant) @name
  right: (call receiver: (constant) method: (identifier) block: (_) @body)) @definition.class
(assignment left: (constant) @name) @definition.constant

(body_statement
  (call !receiver
    method: (identifier) @_call
    arguments: (argument_list (simple_symbol) @name)
    (#any-of? @_call "attr_reader" "attr_writer" "attr_accessor" "class_attribute"
      "cattr_accessor" "cattr_reader" "mattr_accessor" "mattr_reader")) @definition.property)
(body_statement
  (call !receiver
    method: (identifier) @_call
    arguments: (argument_list . (simple_symbol) @name)
    (#any-of? @_call "define_method" "alias_method" "scope")) @definition.method)

(call !receiver
  method: (identifier) @import.by
  arguments: (argument_list . (string (string_content) @import.module))) @import

[(comment) (uninterpreted)] @comment
[(string_content) (escape_sequence) (heredoc_content) (heredoc_beginning) (heredoc_end)] @string

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
(assignment left: (left_assignment_list (constant) @name)) @definition.constant
(program
  (call !receiver
    method: (identifier) @_call
    arguments: (argument_list
      . [(simple_symbol) @name
         (string (string_content) @name)
         (pair . key: [(simple_symbol) @name (hash_key_symbol) @name (string (string_content) @name)])
         (hash . (pair . key: [(simple_symbol) @name (hash_key_symbol) @name]))])
    (#any-of? @_call "task" "multitask" "file")) @definition.target)
(block_body
  (call !receiver
    method: (identifier) @_call
    arguments: (argument_list
      . [(simple_symbol) @name
         (pair . key: [(simple_symbol) @name (hash_key_symbol) @name])])
    (#eq? @_call "task")) @definition.target)

(body_statement
  (call !receiver
    method: (identifier) @_call
    arguments: (argument_list
      [(simple_symbol) @name (splat_argument (symbol_array (bare_symbol (string_content) @name)))])
    (#any-of? @_call "attr_reader" "attr_writer" "attr_accessor" "class_attribute"
      "cattr_accessor" "cattr_reader" "mattr_accessor" "mattr_reader")) @definition.property)
(body_statement
  (call !receiver
    method: (identifier) @_call
    arguments: (argument_list . [(simple_symbol) @name (string (string_content) @name)])
    (#any-of? @_call "define_method" "define_singleton_method" "alias_method" "scope")) @definition.method)

(call !receiver
  method: (identifier) @import.by
  arguments: (argument_list . (string (string_content) @import.module))) @import

(call
  method: (identifier) @import.by
  arguments: (argument_list . (simple_symbol) . (string (string_content) @import.module))
  (#eq? @import.by "autoload")) @import

[(comment) (uninterpreted)] @comment
[(string_content) (escape_sequence) (heredoc_content) (heredoc_beginning) (heredoc_end)] @string

; members
(body_statement
  (call !receiver
    method: (identifier) @_call
    arguments: (argument_list (simple_symbol) @name)
    (#any-of? @_call "delegate" "def_delegators" "def_delegator" "store_accessor")) @definition.method)
(body_statement
  (call !receiver
    method: (identifier) @_call
    arguments: (argument_list . [(simple_symbol) @name (pair . key: (hash_key_symbol) @name)])
    (#any-of? @_call "has_many" "has_one" "belongs_to" "has_and_belongs_to_many" "enum" "attribute"
      "has_one_attached" "has_many_attached" "has_rich_text" "field" "validates_associated")) @definition.property)
(assignment
  right: (call
    receiver: (constant) @_class
    method: (identifier) @_new
    arguments: (argument_list (simple_symbol) @name @definition.property))
  (#any-of? @_class "Struct" "Data")
  (#any-of? @_new "new" "define"))

(call
  target: (identifier) @_def
  (arguments . (alias) @name)
  (do_block) @body
  (#any-of? @_def "defmodule")) @definition.module
(call
  target: (identifier) @_def
  (arguments . (alias) @name)
  (do_block) @body
  (#eq? @_def "defprotocol")) @definition.interface
(call
  target: (identifier) @_def
  (arguments . (alias) @owner (keywords (pair value: (alias) @name)))
  (do_block) @body
  (#eq? @_def "defimpl")) @definition.implementation

(call
  target: (identifier) @_def
  (arguments
    . [(call target: (identifier) @name)
       (identifier) @name
       (binary_operator left: [(call target: (identifier) @name) (identifier) @name] operator: "when")])
  (do_block) @body
  (#any-of? @_def "def" "defp" "defn")) @definition.function @clause
(call
  target: (identifier) @_def
  (arguments
    . [(call target: (identifier) @name)
       (identifier) @name
       (binary_operator left: [(call target: (identifier) @name) (identifier) @name] operator: "when")]
    . (keywords)? @body)
  (#any-of? @_def "def" "defp" "defdelegate" "defn")) @definition.function @clause
(call
  target: (identifier) @_def
  (arguments
    . [(call target: (identifier) @name)
       (identifier) @name
       (binary_operator left: (call target: (identifier) @name) operator: "when")])
  (do_block)? @body
  (#any-of? @_def "defmacro" "defmacrop" "defguard" "defguardp")) @definition.macro @clause

(call
  target: (identifier) @_def
  (arguments . (binary_operator operator: _ @name) . (keywords)? @body)
  (do_block)? @body
  (#any-of? @_def "def" "defp" "defmacro")
  (#not-eq? @name "when")) @definition.function @clause

(call
  target: (identifier) @_def
  (arguments . (string (quoted_content) @name))
  (do_block) @body
  (#any-of? @_def "test" "describe" "property" "feature")) @definition.test

(unary_operator
  operator: "@"
  operand: (call
    target: (identifier) @_def
    (arguments . (binary_operator left: [(identifier) @name (call target: (identifier) @name)] operator: "::")))
  (#any-of? @_def "type" "typep" "opaque")) @definition.type
(unary_operator
  operator: "@"
  operand: (call
    target: (identifier) @_def
    (arguments . (binary_operator left: (call target: (identifier) @name) operator: "::")))
  (#any-of? @_def "callback" "macrocallback")) @definition.method
(unary_operator
  operator: "@"
  operand: (call target: (identifier) @name (arguments))
  (#not-match? @name "^(moduledoc|doc|spec|impl|type|typep|opaque|typedoc|behaviour|callback|macrocallback|optional_callbacks|derive|enforce_keys|tag|moduletag|describetag|dialyzer|compile|deprecated|since|before_compile|after_compile|on_load|external_resource|attr|slot|shortdoc)$")) @definition.constant

(call
  target: (identifier) @_import
  (arguments . (alias) @import.module)
  (#any-of? @_import "alias" "import" "use" "require"))
(call
  target: (identifier) @_import
  (arguments . (dot left: (alias) @import.module right: (tuple (alias) @import.name)))
  (#any-of? @_import "alias" "import" "use" "require"))

(unary_operator
  operator: "@"
  operand: (call target: (identifier) @_attribute)
  (#any-of? @_attribute "doc" "spec" "impl" "deprecated" "since" "typedoc")) @decorator
(comment) @comment
(quoted_content) @string

; members
(call
  target: (identifier) @_def
  (arguments
    [(list [(atom) @name @definition.field (keywords (pair key: (keyword) @name) @definition.field)])
     (keywords (pair key: (keyword) @name) @definition.field)])
  (#eq? @_def "defstruct"))

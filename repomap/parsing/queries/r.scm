(binary_operator
  lhs: [(identifier) @name (string content: (_) @name)]
  rhs: (function_definition body: (_) @body)) @definition.function
(program
  (function_definition
    body: (binary_operator lhs: (_) @body operator: ["->" "->>"] rhs: (identifier) @name)) @definition.function)
(program (binary_operator operator: ["->" "->>"] rhs: (identifier) @name) @definition.variable)
(program
  (binary_operator
    lhs: (identifier) @name
    rhs: (call
      function: [(identifier) @_maker (namespace_operator rhs: (identifier) @_maker)]
      (#any-of? @_maker "R6Class" "setRefClass" "ggproto" "new_class"))) @definition.class)
(program (binary_operator lhs: (identifier) @name operator: ["<-" "=" "<<-"]) @definition.variable)

(program
  (call
    function: (identifier) @_maker
    arguments: (arguments . (argument value: (string content: (_) @name)))
    (#any-of? @_maker "setClass" "setRefClass" "setClassUnion")) @definition.class)
(program
  (call
    function: (identifier) @_maker
    arguments: (arguments . (argument value: (string content: (_) @name)))
    (#any-of? @_maker "setGeneric" "setMethod" "setValidity")) @definition.function)
(call
  function: (identifier) @_maker
  arguments: (arguments
    (argument name: (identifier) @name value: (function_definition body: (_) @body)) @definition.method)
  (#eq? @_maker "list"))

(program
  (call
    function: (identifier) @import.by
    arguments: (arguments . (argument value: [(identifier) @import.module
                                              (string content: (_) @import.module)]))) @import)

(comment) @comment
[(string_content) (escape_sequence)] @string

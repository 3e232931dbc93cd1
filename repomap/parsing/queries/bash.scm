(function_definition name: (word) @name body: (_) @body) @definition.function
(program (variable_assignment name: (variable_name) @name) @definition.variable)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable)
(program [(if_statement (variable_assignment name: (variable_name) @name) @definition.variable)
          (if_statement (_ (variable_assignment name: (variable_name) @name) @definition.variable))])
(command
  name: (command_name (word) @_test)
  . argument: [(string (string_content) @name) (raw_string) @name]
  (#eq? @_test "@test")) @definition.test
(command
  name: (command_name (word) @_alias)
  argument: [(word) @name (concatenation . (word) @name)]
  (#eq? @_alias "alias")
  (#match? @name "^[A-Za-z_.][^=]*=")) @definition.function

(command
  name: (command_name (word) @_load)
  . argument: [(word) @import.module (string (string_content) @import.module .)
               (concatenation (word) @import.module .) (raw_string) @import.module]
  (#any-of? @_load "source" "."))

(comment) @comment
[(string_content) (raw_string) (ansi_c_string) (heredoc_body) (regex)] @string
(heredoc_body [(simple_expansion) (expansion) (command_substitution)] @interpolation)

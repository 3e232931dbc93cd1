(function_definition name: (word) @name body: (_) @body) @definition.function
(program (variable_assignment name: (variable_name) @name) @definition.variable)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @definition.variable)

(command
  name: (command_name (word) @_load)
  . argument: [(word) @import.module (string (string_content) @import.module .)
               (concatenation (word) @import.module .) (raw_string) @import.module]
  (#any-of? @_load "source" "."))

(comment) @comment
[(string_content) (raw_string) (ansi_c_string) (heredoc_body) (regex)] @string
(heredoc_body [(simple_expansion) (expansion) (command_substitution)] @interpolation)

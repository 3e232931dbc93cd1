(function_def
  (function_command (argument_list . (argument (unquoted_argument) @name)))
  (body) @body) @definition.function
(macro_def
  (macro_command (argument_list . (argument (unquoted_argument) @name)))
  (body) @body) @definition.macro
(normal_command
  (identifier) @_command
  (argument_list . (argument (unquoted_argument) @name))
  (#match? @_command "(?i)^(add_library|add_executable|add_custom_target)$")
  (#not-match? @name "[$]")) @definition.target
(normal_command
  (identifier) @_command
  (argument_list . (argument (unquoted_argument) @name))
  (#match? @_command "(?i)^option$")) @definition.variable
(normal_command
  (identifier) @_command
  (argument_list . (argument (unquoted_argument) @name))
  (#match? @_command "(?i)^project$")
  (#not-match? @name "[$]")) @definition.module
(source_file
  (if_condition
    [(body (normal_command
       (identifier) @_command
       (argument_list . (argument (unquoted_argument) @name))
       (#match? @_command "(?i)^set$")) @definition.variable)
     (_ (body (normal_command
          (identifier) @_command
          (argument_list . (argument (unquoted_argument) @name))
          (#match? @_command "(?i)^set$")) @definition.variable))]))
(source_file
  (normal_command
    (identifier) @_command
    (argument_list . (argument (unquoted_argument) @name))
    (#match? @_command "(?i)^set$")) @definition.variable)

(normal_command
  (identifier) @_command
  (argument_list . (argument (unquoted_argument) @import.module))
  (#match? @_command "(?i)^(include|add_subdirectory|find_package)$"))

[(line_comment) (bracket_comment)] @comment
[(quoted_element) (bracket_argument_content)] @string
(quoted_element (variable_ref) @interpolation)

(rule
  (targets (word) @name)
  (recipe)? @body
  (#not-match? @name "^[.][A-Z]|^%$")) @definition.target
(variable_assignment
  !target_or_pattern
  name: (word) @name
  operator: ["=" ":=" "::=" "?=" "!="]
  (#not-match? @name "[+]$")) @definition.variable
(define_directive name: (word) @name value: (_)? @body) @definition.macro

(include_directive filenames: (list (word) @import.module))

(comment) @comment
[(shell_text) (string)] @string
(shell_text [(variable_reference) (function_call) (substitution_reference)] @interpolation)

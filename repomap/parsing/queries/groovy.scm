(command
  (unit (identifier) @_kind)
  . [(unit . (identifier) @name) (block . (unit . (identifier) @name))]
  (#any-of? @_kind "class" "trait")) @definition.class
(command
  (unit (identifier) @_kind)
  . [(unit . (identifier) @name) (block . (unit . (identifier) @name @signature))]
  (#eq? @_kind "interface")) @definition.interface
(command
  (unit (identifier) @_kind)
  . [(unit . (identifier) @name) (block . (unit . (identifier) @name @signature))]
  (#eq? @_kind "enum")) @definition.enum
(command
  (block . (unit . (func . (identifier) @name (arg_block) @signature)))) @definition.function

(command . (unit (identifier) @_import) . (unit) @import.module (#eq? @_import "import")) @import

[(line_comment) (block_comment)] @comment
(string) @string
(string (unit) @interpolation)

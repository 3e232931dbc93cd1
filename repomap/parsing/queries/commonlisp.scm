(defun
  (defun_header
    keyword: (defun_keyword) @_def
    function_name: [(sym_lit) @name (list_lit . (sym_lit) . (sym_lit) @name)]
    lambda_list: (_))
  . (_)? @body
  (#eq? @_def "defmacro")) @definition.macro
(defun
  (defun_header
    keyword: (defun_keyword) @_def
    function_name: [(sym_lit) @name (list_lit . (sym_lit) . (sym_lit) @name)]
    lambda_list: (_))
  . (_)? @body
  (#eq? @_def "defmethod")) @definition.method
(defun
  (defun_header
    function_name: [(sym_lit) @name (list_lit . (sym_lit) . (sym_lit) @name)]
    lambda_list: (_))
  . (_)? @body) @definition.function

(list_lit
  . (sym_lit) @_def . (sym_lit) @name
  (#any-of? @_def "defvar" "defparameter" "defglobal")) @definition.variable
(list_lit . (sym_lit) @_def . (sym_lit) @name (#any-of? @_def "defconstant" "define-constant")) @definition.constant
(list_lit
  . (sym_lit) @_def . (sym_lit) @name . (_) . (_)? @body
  (#any-of? @_def "defclass" "define-condition")) @definition.class
(list_lit
  . (sym_lit) @_def . [(sym_lit) @name (list_lit . (sym_lit) @name)] . (_)? @body
  (#eq? @_def "defstruct")) @definition.struct
(list_lit . (sym_lit) @_def . (sym_lit) @name . (_) . (_)? @body (#eq? @_def "deftype")) @definition.type
(source
  (list_lit
    . (sym_lit) @_def . [(sym_lit) @name (kwd_lit (kwd_symbol) @name)] . (_)? @body
    (#any-of? @_def "defpackage" "defsystem" "asdf:defsystem" "define-package")) @definition.module)
(list_lit
  . (sym_lit) @_def . (sym_lit) @name . (_) . (_)? @body
  (#any-of? @_def "define-compiler-macro" "define-modify-macro" "defsetf" "define-setf-expander")) @definition.macro
(source (list_lit . (sym_lit) @_def . (sym_lit) @name (#match? @_def "^def")) @definition.variable)
(source
  (list_lit
    (list_lit
      (list_lit . (sym_lit) (kwd_lit) @_slot . (sym_lit) @name
        (#any-of? @_slot ":accessor" ":reader")) @definition.field)))

(list_lit . (kwd_lit) @_how (kwd_lit (kwd_symbol) @import.module) (#eq? @_how ":use"))
(list_lit
  . (kwd_lit) @_how . (kwd_lit (kwd_symbol) @import.module) (kwd_lit (kwd_symbol) @import.name)
  (#eq? @_how ":import-from"))

[(comment) (block_comment)] @comment
[(str_lit) (char_lit)] @string

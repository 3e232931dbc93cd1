(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (vec_lit) . (_) @body
  (#any-of? @_def "defn" "defn-" ">defn" ">defn-")) @definition.function
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (_) @body
  (#any-of? @_def "defn" "defn-" "defmulti" "definline" ">defn" ">defn-")) @definition.function
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (_) . (_)? @body
  (#eq? @_def "defmethod")) @definition.method
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (vec_lit)? . (_)? @body
  (#eq? @_def "defmacro")) @definition.macro
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (_)? @body
  (#any-of? @_def "def" "defonce")) @definition.variable
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (_)? @body
  (#any-of? @_def "defprotocol" "definterface")) @definition.interface
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (vec_lit) . (_)? @body
  (#any-of? @_def "defrecord" "deftype")) @definition.struct
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (_)? @body
  (#any-of? @_def "extend-type" "extend-protocol" "extend")) @definition.implementation
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (_)? @body
  (#eq? @_def "deftest")) @definition.test
(list_lit
  . (sym_lit name: (sym_name) @_def)
  . (sym_lit name: (sym_name) @name)
  . (_) @body
  (#match? @_def "^def[a-z-]+$")) @definition.variable

(list_lit
  . (sym_lit name: (sym_name) @_def)
  (list_lit . (sym_lit name: (sym_name) @name) . (vec_lit) . (_)? @body) @definition.method
  (#any-of? @_def "defprotocol" "definterface" "defrecord" "deftype" "extend-type" "extend-protocol" "reify" "proxy"))

(list_lit
  . (kwd_lit name: (kwd_name) @_how)
  [(vec_lit . (sym_lit) @import.module) (sym_lit) @import.module]
  (#any-of? @_how "require" "use" "require-macros"))
(list_lit
  . (kwd_lit name: (kwd_name) @_how)
  (vec_lit . (sym_lit) @import.module (kwd_lit name: (kwd_name) @_refer) . (vec_lit (sym_lit) @import.name))
  (#any-of? @_how "require" "use" "require-macros")
  (#eq? @_refer "refer"))
(list_lit
  . (kwd_lit name: (kwd_name) @_how)
  [(list_lit . (sym_lit) @import.module (sym_lit) @import.name)
   (vec_lit . (sym_lit) @import.module (sym_lit) @import.name)]
  (#eq? @_how "import"))

[(comment) (dis_expr)] @comment
((list_lit . (sym_lit name: (sym_name) @_comment)) @ignored (#eq? @_comment "comment"))
[(str_lit) (regex_lit) (char_lit)] @string

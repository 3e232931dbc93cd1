(Decl (FnProto function: (IDENTIFIER) @name) (Block)? @body) @definition.function
(VarDecl
  variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (ContainerDecl (ContainerDeclType "struct") "{" @body)))) @definition.struct
(VarDecl
  variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (ContainerDecl (ContainerDeclType "enum") "{" @body)))) @definition.enum
(VarDecl
  variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (ContainerDecl "{" @body)))) @definition.struct
(VarDecl
  variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (ErrorSetDecl)))) @definition.enum
(VarDecl
  variable_type_function: (IDENTIFIER)
  (ErrorUnionExpr
    (SuffixExpr
      (BUILTINIDENTIFIER) @_import
      (FnCallArguments (ErrorUnionExpr (SuffixExpr (STRINGLITERALSINGLE) @import.module)))))
  (#eq? @_import "@import")) @import
(Decl (VarDecl "const" variable_type_function: (IDENTIFIER) @name) @definition.constant)
(Decl (VarDecl "var" variable_type_function: (IDENTIFIER) @name) @definition.variable)
(ContainerField field_member: (IDENTIFIER) @name) @definition.field
(TestDecl . [(STRINGLITERALSINGLE) (IDENTIFIER)] @name (Block) @body) @definition.test

[(line_comment) (doc_comment) (container_doc_comment)] @comment
[(STRINGLITERALSINGLE) (LINESTRING) (CHAR_LITERAL)] @string

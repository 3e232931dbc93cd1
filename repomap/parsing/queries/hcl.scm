(config_file
  (body
    (block
      (identifier) @_type
      (string_lit (template_literal) @name)
      . (block_start) @body
      (#eq? @_type "variable")) @definition.variable))
(config_file
  (body
    (block
      (identifier) @_type
      (string_lit (template_literal) @name)
      . (block_start) @body
      (#eq? @_type "module")) @definition.module))
(config_file
  (body
    (block
      (identifier) @_type
      (string_lit (template_literal) @name)
      . (block_start) @body
      (#eq? @_type "output")) @definition.property))
(config_file
  (body
    (block
      (identifier)
      . (string_lit (template_literal) @owner)
      . (string_lit (template_literal) @name)
      . (block_start) @body) @definition.resource))
(config_file
  (body
    (block
      (identifier)
      (string_lit (template_literal) @name)
      . (block_start) @body) @definition.resource))
(config_file
  (body
    (block
      . (identifier) @_type
      (body (attribute . (identifier) @name) @definition.variable)
      (#eq? @_type "locals"))))

(config_file
  (body
    (block
      . (identifier) @_type
      (body
        (attribute
          . (identifier) @_source
          (expression (literal_value (string_lit (template_literal) @import.module)))))
      (#eq? @_type "module")
      (#eq? @_source "source"))))

(comment) @comment
(template_literal) @string

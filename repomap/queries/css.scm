(rule_set
  (selectors
    . [(class_selector (class_name) @name .)
       (id_selector (id_name) @name)
       (pseudo_class_selector . (class_selector (class_name) @name .))
       (pseudo_element_selector . (class_selector (class_name) @name .))
       (_) @name])
  (block) @body) @definition.rule
(keyframes_statement (keyframes_name) @name (keyframe_block_list) @body) @definition.rule
(declaration (property_name) @name (#match? @name "^--")) @definition.variable

(import_statement [(string_value (string_content) @import.module)
                   (call_expression (arguments (string_value (string_content) @import.module)))])

(comment) @comment
[(string_content) (property_name)] @string

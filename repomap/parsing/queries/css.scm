(rule_set
  (selectors
    . [(class_selector (class_name) @name .)
       (id_selector (id_name) @name)
       [(tag_name) (universal_selector) (attribute_selector) (descendant_selector) (child_selector)
        (adjacent_sibling_selector) (sibling_selector) (pseudo_class_selector) (pseudo_element_selector)
        (nesting_selector)] @name])
  (block) @body) @definition.rule
(keyframes_statement (keyframes_name) @name (keyframe_block_list) @body) @definition.rule
(declaration (property_name) @name (#match? @name "^--")) @definition.variable

(import_statement [(string_value (string_content) @import.module)
                   (call_expression (arguments (string_value (string_content) @import.module)))])

(comment) @comment
[(string_content) (property_name)] @string

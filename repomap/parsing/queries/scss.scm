(rule_set
  (selectors
    . [(class_selector (class_name) @name .)
       (id_selector (id_name) @name)
       (placeholder (identifier) @name)
       [(tag_name) (universal_selector) (attribute_selector) (descendant_selector) (child_selector)
        (adjacent_sibling_selector) (sibling_selector) (pseudo_class_selector) (pseudo_element_selector)
        (nesting_selector)] @name])
  (block) @body) @definition.rule
(keyframes_statement (keyframes_name) @name (keyframe_block_list) @body) @definition.rule
(mixin_statement name: (identifier) @name (block) @body) @definition.macro
(function_statement name: (identifier) @name (block) @body) @definition.function
(stylesheet (declaration (property_name) @name (#match? @name "^[$]")) @definition.variable)
(declaration (property_name) @name (#match? @name "^--")) @definition.variable

[(use_statement (string_value) @import.module)
 (forward_statement (string_value) @import.module)
 (import_statement (string_value) @import.module)]

[(comment) (js_comment)] @comment
[(string_value) (property_name)] @string

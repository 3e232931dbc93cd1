"""The syntax check: a file before and after an edit -> what the edit broke in it.

`damage` decides. `pairs` finds brackets and quotes without a partner and `indents` lines that no block above has
room for, with what `lexicons` knows of each language's strings and comments; `data_syntax` reads JSON, TOML and
YAML. What only a grammar objects to is reported apart, because grammars do not know every valid text.

All modules are pure; trees come from `parsing.syntax`, which parses within a time limit.
"""

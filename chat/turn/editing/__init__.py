"""The edits of a turn's replies → one plan in memory, then files on disk.

`edits` holds what applies and explains what is refused, `known_files` keeps track of how the model knows the files, and
`syntax_gate` is the check that an edit has to pass. Files are reached through `state.ports.workspace`.
"""

"""A chat at a prompt: lines that are typed in; commands and turns, until the user leaves.

`repl` is the loop, `line_editor` the prompt with its history, which is on disk, its `completer` and its `style`.
`first_screen` says what the chat begins with, and `idle` notices that nobody types. All but `style` touch the terminal.
"""

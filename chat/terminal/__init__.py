"""The terminal: keys and settings in, text on standard output and standard error out.

`repl` reads line after line at a prompt, `oneshot` runs a single request; `structured` holds its answer against a
schema; `setup` has what both need. Events are
shown by one of the screens (`screen`, `rich_screen`), and questions are asked by a `person`. All modules but `style`
touch the terminal. `pieces` reads standard input,
`message_stream` makes messages of its lines, `line_editor` also keeps the input history on disk, `oneshot` and
`structured` read files. prompt-toolkit and rich are imported here only.
"""

"""Parsing: the bytes of one file -> its definitions, words and imports as `FileTags`.

`parse` runs the tags query of the file's language (`languages`, `queries/`), `captures` and
`definitions` turn its matches into nested definitions with signatures, and `words` counts the words
of each. `language_by_text` decides where a file's name does not. `tags_codec` turns the result into bytes for the
pipe from a worker and for the cache. `syntax` parses where that is safe, and `shell_syntax` gives the syntax tree
of a shell script.

All modules are pure except for `grammars`, which reads where the grammars are installed, and `query_files`.
"""

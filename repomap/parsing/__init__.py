"""Parsing: the bytes of one file -> its definitions, words and imports as `FileTags`.

`parse` runs the tags query of the file's language (`languages`, `queries/`), `captures` and
`definitions` turn its matches into nested definitions with signatures, and `words` counts the words
of each. `tags_codec` turns the result into bytes for the pipe from a worker and for the cache;
`damage` tells what an edit broke in a file: `syntax` parses where that is safe, `pairs` and `indents` find
brackets, quotes and lines that do not fit, with what `lexicons` knows of strings and comments; `data_syntax`
reads JSON, TOML and YAML.
`shell_syntax` gives the syntax tree of a shell script.

All modules are pure except for `grammars`, which reads where the grammars are installed, and
`languages.query_text`, which reads a query file.
"""

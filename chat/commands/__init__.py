"""The `/` commands: a typed line in; calls of `Chat`, and events, out.

`command` has what every command gets and is; `table` finds the command for a line and writes `/help` and the page of
the docs. `files`, `changes`, `models`, `permissions`, `agents` and `conversation` hold the commands by subject. To
add a command, write its function and a row in the `TABLE` of its module. `watched` takes the turns that comments in
files ask for. `completions` is pure. `clipboard` runs programs; `/load`, `/save` and `/editor` touch the disk;
everything else reaches the outside through `Chat`.
"""

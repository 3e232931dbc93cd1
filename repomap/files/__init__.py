"""Files: a folder -> the paths of its files with their stat data, and its git history.

`collector` gathers paths with git or with a `walk`; `ignore` applies the ignore files that git
does not. `listing` sorts them into columns. `lister` keeps a listing up to date: `watch` reports
which paths were touched, and `live_listing` lists only those again; `stat_signature` tells a file that has
changed from one that has not. `history` reads the last
commits, `git_diff` asks for the diff between two.
`file_kinds` tells tests, generated files and others apart by their paths, `skipped_files`
files that are not worth parsing by their first bytes or suffix.

`git` asks git questions that only read, and `git_runner` starts it safely; `git_layout` looks before
that whether the repository is the folder's own, and `git_places` reads what git says of it.
`collector`, `walk`, `ignore`, `git_layout`, `live_listing`, `stat_signature` and `watch` read the file system, `watch`
also runs a thread of watchfiles'. No file is opened except ignore files and those that say where git
is. `listing` and `history` are pure apart from calling these; `file_kinds`, `skipped_files` and
`git_places` are pure.
"""

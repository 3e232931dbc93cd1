"""The user's own programs that are told of what a chat does, and may forbid it or add to it.

In come the hook files of the user and of a repository, and an event with its fields; out comes a `Verdict`. `hook_file`
reads a file's hooks, `answers` what a hook has printed, and both are pure. `sources` finds the files on disk and says
whether they are trusted; `hooks` runs those that an event concerns. Names, fields and exit codes are those that Claude
Code documents, so that hooks written for it work unchanged.
"""

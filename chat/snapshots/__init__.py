"""Snapshots of the work tree, and undoing, redoing and rolling back turns by them.

In come the files below the root and the record of a turn; out go snapshot ids, what a file was in a
snapshot, and files and branch as they were before. `git_snapshots` with `private_repository` runs
git, `file_snapshots` does the same on the disk where there is no repository, and `file_states`
reads and writes the user's files. `store` and `turn_record` hold the values that these share.

Snapshots hold what git does not ignore. What a turn changes is kept apart, by `kept_changes`, whatever git thinks
of it. `undo` takes a turn back or does it again: files by `restore`, from what was kept, with `own_changes` to
tell a turn's own steps from what the user has changed; commits by git.
"""

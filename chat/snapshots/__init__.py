"""Snapshots of the work tree, and undoing, redoing and rolling back turns by them.

In come the files below the root and the record of a turn; out go snapshot ids, what a file was in a
snapshot, and files and branch as they were before. `git_snapshots` with `private_repository` runs
git, `file_snapshots` does the same on the disk where there is no repository, and `file_states`
reads and writes the user's files. `store` and `turn_record` hold the values that these share.

`undo` takes a turn back or does it again: files by `restore`, which compares the files now with the
snapshots before and after the turn, and commits by git.
"""

"""The user's git repository: what differs, commits of given paths, and taking them back.

In come a folder, paths and messages; out go the repository around the folder, commits and diffs.
`process` starts git, by `repomap`'s runner. `index_lock`, `committer`, `work_tree` and `links` also
look into the git folder or the work tree themselves, and `merge_file` writes to a temporary folder.
`known_commits` finds the commit that a killed process had made, and `worktrees` makes work trees beside the user's
own and removes them.
"""

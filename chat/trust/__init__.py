"""What a repository would run or change, and whether the user has agreed to just that.

In come the files of a repository; out goes whether git's hooks and settings, and the repository's
own settings file, may be used. `git_claim` reads the git folder and asks git, `claims` reads the
settings files, `grants` keeps in the user's state folder what was agreed to, by `user_file`, and
`git_config` is pure.
"""

"""What the model may do without a question, and what it may never do.

In come rules such as `Bash(pytest *)`, a mode, and a command line or a path; out comes a `Decision` (`ground`).
`rule` reads rules; `decide` applies them: first those of `forbidding`, then those of `allowing`. A command line is
read twice, by `shell_words` and by the grammar for Bash (`shell_script`), and a rule counts only where both see the
same words. `programs` says what those words have to do with other programs, by the tables of `risks`, `wrappers` and
`sed_and_awk`; `read_only` knows commands that only look. `command_match` and `path_match` match patterns, and
`suggest` makes a rule from a command. `kept_rules` keeps the user's rules for a repository on disk; all other modules
are pure, and whoever calls them resolves links.
"""

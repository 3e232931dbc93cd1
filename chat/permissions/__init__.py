"""What the model may do without a question, and what it may never do.

In come rules such as `Bash(pytest *)`, a mode, and a command line or a path; out comes a `Decision`. `rule`
reads rules, `decide` applies them. A command line is read twice, by `shell_words` and by the grammar for Bash
(`shell_script`), and a rule counts only where both see the same words. `programs` knows which arguments make
a program run another one, `read_only` which commands only look; `command_match` and `path_match` match
patterns. `kept_rules` keeps the user's rules for a repository on disk; all other modules are pure, and whoever
calls them resolves links.
"""

"""One turn: a request in; files changed, checked and committed, and a `TurnResult`, out.

`turn` is the loop. It gets whole replies from `replies`. `edit_steps` does what has to be done with their edits, which
`editing/` plans and writes; `request_steps` does what else they ask for (to see files, to look something up, to run
commands, to hand tasks to agents), which `requests/` answers. `progress` is what these share, and `ending` with
`commits/` makes the end. `consent/` says what the user's rules, mode and answers let the model do, `hooks` what the
user's hooks say. `checks` runs lint and test, `own_files` keeps what the turn makes of files, and `notes` proposes what
to remember of a session. Everything outside is reached through `state.ports` and `state.calls`: models, disk, git and
the shell.
"""

"""One turn: a request in; files changed, checked and committed, and a `TurnResult`, out.

`turn` is the loop. It calls `replies` for whole replies, `granting` with `lookups` for what the model asks to
see, `editing` for its edits with `syntax_gate` and `own_files` for what they make of files, `checks` for lint and
test, `commit_gate` for what has to succeed before a commit, `hooked` for the user's hooks around all of this, and
`ending` with `commits` and `commit_message` for the end. `delegating` has agents do what the model hands over.
`notes` proposes what to remember of a session.
Everything outside is reached through `state.ports` and `state.calls`: models, disk, git and the shell.
"""

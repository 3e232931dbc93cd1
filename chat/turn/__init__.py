"""One turn: a request in; files changed, checked and committed, and a `TurnResult`, out.

`turn` is the loop. It calls `replies` for whole replies, `granting` with `grant_limits` and `lookups` for what the
model asks to see, `reply_work` with `model_commands` and `delegating` for the commands and agents that it asks for,
`editing` for its edits with `syntax_gate` and `own_files` for what they make of files, `checks` for lint and test,
`commit_gate` for what has to succeed before a commit, `hooked` for the user's hooks around all of this, and `ending`
with `commits` and `commit_message` for the end. `notes` proposes what to remember of a session.
Everything outside is reached through `state.ports` and `state.calls`: models, disk, git and the shell.
"""

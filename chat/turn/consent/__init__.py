"""What the model wants to run, read or write → whether the user lets it: by rules, a mode, hooks, or an answer.

`decisions` applies `chat.permissions` to one open chat, and `writing` asks before edits are written. Both read the
disk; the person is asked through `state.ports`.
"""

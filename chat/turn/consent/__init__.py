"""What the model wants to run, read or write → whether the user lets it: by rules, a mode, hooks, or an answer.

`decisions` applies `chat.permissions` to one open chat, `hidden_paths` says what a sandbox has to hide, and `new_rules`
keeps and forgets rules; these touch the disk. `reading` and `writing` also ask hooks and, through `state.ports`, the
person.
"""

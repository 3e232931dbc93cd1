"""What a reply asks for beside its edits → what the model is told of it.

`context` answers requests to see something: `files`, within the `limits` of a turn, and `lookups`. `work` does the
rest: `commands` are run in the sandbox, and `agents` are handed tasks, whose changes become edits of the turn. Disk,
shell, agents and person are reached through `state.ports`.
"""

"""What one open chat holds: the world around it, and what changes while it goes on.

In come the settings, the ports and the journal's past; out come the conversation, the replies of models,
the files and the index's answers. `state` puts the parts together: `Ports` never change, and each of the
others has its own way to be changed. `conversation_writer`, `turn_log` and `model_calls` write to the
journal, `model_calls` also to the network; `hook_calls` starts the user's hooks; `workspace` and
`file_excerpt` read the disk, and `workspace` writes it. `active_settings`, `spending` and `tokens` are pure.
"""

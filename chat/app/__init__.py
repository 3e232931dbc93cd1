"""The chat as a whole: a `Chat` with one part for each subject, and how it is opened.

In come settings and a folder (`open`), then what the user asks for (`chat` and its parts); out come
events and results. `model_choice`, `project`, `session_start`, `snapshot_store` and `command_shells` open
the real models, git, disk, journal and shells; `notifying` tells hooks before the person is asked.
`agents`, `configuration`, `conversation_actions`, `index_view`, `permissions` and `programs` are parts of `Chat`; the
others are in the folders below, where their subject is.
"""

"""How a prompt is built, and kept short.

In comes the `State` of a chat; out come the rules, maps and files of a prompt, and shorter conversations.
`budget` says what fits. `rules` makes what every prompt begins with: rules, pinned texts and the map of `maps`.
`chat_files` adds files, `instructions` reads AGENTS.md and its like, `next_prompt` puts a request and its files
into the prompt, and `preview` shows the result to the user.
`trimming` lets files leave; `compaction_due`, `compaction` and `compactor` replace the past by a summary.
All changes go through the conversation's writer, which journals them. The disk is read through the
workspace, and `compaction` calls the weak model; `budget`, `compaction_due` and `instructions` are pure.
"""

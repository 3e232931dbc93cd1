"""Agents: who they are, and their work for the main model, each in a chat of its own.

In come files, the state of a chat and tasks; out come reports, which enter the main prompt within a cap, and changes
of files, which the turn merges. `definition`, `built_in` and `report` are pure; `sources` reads the files, and trust
in them. `crew` has tasks done, in threads (`side_by_side`), each on its `ground`: the folder of the chat, or a git work
tree. `agent_state` is an agent's chat over the ports in `agent_ports`, which pass what it does on to the session.
"""

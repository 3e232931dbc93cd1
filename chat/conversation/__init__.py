"""The conversation as a value, and the texts in it: what the model is shown, and what it asks for.

In come replies, file texts, command outputs and what a user calls a file. Out come `Conversation`
values, the requests for context in a reply, excerpts of files and outputs, and the rules that every
prompt begins with. No module touches the disk, the network or a process; `file_patterns` asks the
reader that it is given.
"""

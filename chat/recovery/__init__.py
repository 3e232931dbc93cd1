"""What brings files, branch and conversation back: after a crash, and when the user asks for it.

In come the session that the journal holds (`resume`) or the user's wish to undo, redo or roll back
(`changes`); out come files, commits and a conversation as they were. Both write the user's files, run
git and write the journal.
"""

"""The reply of a model ⇄ edit blocks, in each of the edit formats.

In: the text of a reply, whole or while it grows. Out: `ParsedReply`, with every block, the places that
may name its file, and each way to read it that only the file can decide between. Nothing here knows
the files. Everything is pure.
"""

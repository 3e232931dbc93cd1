"""Text for a person or a script: events, diffs, replies as they grow, typed lines, JSON results.

In come events, changes and typed lines; out go texts without colours, pieces of a reply, parts of
a command, and objects for JSON. Nothing here prints or touches the disk, network or a process.
"""

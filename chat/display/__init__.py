"""Text for a person or a script: events, diffs, replies as they grow, typed lines, JSON results.

In come events, changes and typed lines; out go texts without colours, pieces of a reply, parts of
a command, and objects for JSON. `input_line` takes typed lines apart, `growing_reply` splits a reply while
it arrives, `event_text` and `diffs` put events and changes into words, `json_output` makes the objects;
`amounts` and `text_table` serve the others. Nothing here prints or touches the disk, network or a process.
"""

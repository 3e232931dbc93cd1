"""The reply of a model ⇄ edit blocks, in each of the edit formats.

In: the text of a reply, whole or while it grows. Out: `ParsedReply`, with every block, the places that
may name its file, and each way to read it that only the file can decide between.

    parse           the entrance: one stream of edits, whatever the format
    search_replace  SEARCH/REPLACE blocks (the formats `diff` and `diff-fenced`)
    udiff, patch    unified diffs, and `*** Begin Patch`; `hunk` reads the lines of both
    whole           whole files in fences
    reply_lines     the lines of a reply, with the model's thoughts blanked out
    file_names      what a line may call a file
    render          blocks → text

Nothing here knows the files. Everything is pure.
"""

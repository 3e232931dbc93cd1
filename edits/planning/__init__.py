"""The blocks of a reply and a tree of files → one plan, or a message for each block that is refused.

In: `ParsedReply`, a `Tree`, `Rules`. Out: `Plan`. Files are read through the `Tree` alone, and nothing
is written, so everything else here is pure.
"""

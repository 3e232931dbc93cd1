"""The blocks of a reply and a tree of files → one plan, or a message for each block that is refused.

In: `ParsedReply`, a `Tree`, `Rules`. Out: `Plan`.

    plan          the entrance: one block after another, and what they come to together
    pipeline      one block: the questions it is asked, in order
    candidates    the files that a block may mean; `target` compares what it calls them with the paths
    replacements  a SEARCH/REPLACE and those files → the one that it fits, changed
    whole_files   makes, overwrites, deletes or moves a file; `listing` reads the lines of a listed one
    workspace     the files while a reply is planned: a tree of `trees`, and a `draft` for each changed file
    outcome       what one block does, before it counts
    refusal       the refusals that need no look into a file
    explain       words a refusal so that a model can send a better block
    idempotence   whether the reply would change the files once more if it were applied again

Files are read through the `Tree` alone, and nothing is written, so everything else here is pure.
"""

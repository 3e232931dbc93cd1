"""Links files that use each other's names, and ranks them.

In: a corpus. Out: `file_graph.Mentions` (who uses which name of whom), their sums as a `FileGraph`,
and PageRank scores.

    imports/    imports as written → pairs of files
    file_graph  corpus and imports → mentions → graph
    pagerank    graph → a score for each file
    gmres       solves the PageRank of large graphs in fewer rounds
    usage       mentions → how much each definition is used
    update      mentions, graph and usage after a few files changed

Every module is pure: none touches the disk, the network or a process. What the import rules need to
know of configuration files they ask of a function that the caller passes.
"""

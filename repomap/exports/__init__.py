"""Writes a map for other programs: graphs for networkx, Graphviz and Mermaid, tables, tags, llms.txt.

In: the files of a map, or of the whole ranking, and `IndexData`. Out: text.

    values   `Export`: the files with their kinds, and the dependencies between them
    graphs   GraphML and JSON, through networkx
    dot      the language of Graphviz
    mermaid  flowcharts of Mermaid
    tables   CSV, and tags for editors
    llms     llms.txt
    names    the names of the formats
    formats  the functions that write them

Every module is pure.
"""

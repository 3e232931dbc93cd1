"""Answers questions about the graph: what depends on what, cycles, layers, ways, communities.

In: `IndexData`, and a file or symbol where the question is about one. Out: an `answers.Answer` of the values
in `values`, whose text is cut to its budget.

    values        the items of the answers
    dependencies  which links between files are sure enough to be dependencies, and through which names
    neighbours    what a file or a definition depends on, and what depends on it, step by step
    related       the files that belong to a file, also by the history
    structure     questions about all files, through networkx
    answer        items → an answer within a budget
    questions     the questions by their names

Every module is pure.
"""

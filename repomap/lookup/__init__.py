"""Answers single questions about a repository, each within a token budget.

In: `IndexData`, a name, path or pattern, and a function that reads files of the index. Out: an
`answers.Answer`, whose text is cut to its budget.

    answers     the values of answers, and how their lines are fitted to a budget
    names       the files and definitions that a caller names; what comes near if there are none
    targets     the file or definitions that a question is about
    explain     where the score of a file or symbol comes from (`--why`)
    symbols     where a symbol is, the outline of a file, the text of either
    search      the lines that contain a text or match a pattern
    references  the places that use a name

Every module is pure: files are read by the function that the caller passes.
"""

"""One SEARCH/REPLACE and one text → the place that is meant, and the lines that change there.

In: the lines of a file and the readings of a block. Out: a `Match` with its splices, or a `NoMatch`
with the reason.

    place       the entrance: what is tried in which order; refuses a SEARCH that matches more than once
    strategies  ways to find a SEARCH in a text, from the strictest to the loosest
    placement   the value that they return: a SEARCH laid over a text, line by line
    cues        what a reply says beside the SEARCH → one of several matches
    dividers    which line divides SEARCH from REPLACE, where several could
    slips       what models do to lines that they quote, and how far it may be undone
    spacing     blank lines of the file that a SEARCH leaves out
    anchors     lines to add below the line behind `@@`
    already     whether the file is as the edit wants it already
    merge       SEARCH, REPLACE and a placement → the lines that change
    nearest     lines that match nowhere → the place that resembles them most, for the refusal

Everything is pure.
"""

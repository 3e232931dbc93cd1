"""One SEARCH/REPLACE and one text → the place that is meant, and the lines that change there.

In: the lines of a file and the readings of a block. Out: a `Match` with its splices, or a `NoMatch`
with the reason. Everything is pure.
"""

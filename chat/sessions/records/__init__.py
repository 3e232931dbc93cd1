"""The records of a journal, one class for each kind, and how they are written as JSON and read back. Pure.

In comes a line of a journal, out goes its record, and the other way round: `session`, `turn`, `changes` and `goal`
hold the classes by subject, `fields` what they share, and `journal_line` reads them.
"""

"""What is kept of a chat on disk, and what is read back from it.

In come the records of a running chat; out come the session as it was, its transcript, its numbers
and its plot, as values and texts. `records` has every kind of record, and `replay` makes the session of
`restored` from them. `journal`, `locations`, `memory`, `outputs` and `recent` touch the disk; the others
are pure.
"""

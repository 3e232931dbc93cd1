"""Weights of the reasons to run a test, fitted on real commits.

A commit's change of the sources is given, and the tests that it changed are the answer. docs/graph.md
describes the cases and what was measured; `bench/impact.py` repeats it.
"""

WEIGHTS = {
    "same name": 1.3,
    "same name and folder": 2.2,
    "similar name": 3.4,
    "folder": 2.3,
    "uses": 3.3,
    "indirect uses": 0.1,
    "gone names": 1.3,
    "imports": 0.1,
    "mentions": 1.0,
    "changed with": 4.0,
    "share of changes": 12.0,
    "text": 2.4,
    "text of best": 5.4,
    "recency": 1.7,
    "lines": -0.7,
}

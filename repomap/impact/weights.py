"""Weights of the reasons to run a test, fitted on real commits.

A commit's change of the sources is given, and the tests that it changed are the answer. docs/graph.md
describes the cases and what was measured; `bench/impact.py` repeats it.
"""

WEIGHTS = {
    "same name": 1.2,
    "same name and folder": 2.4,
    "similar name": 1.7,
    "folder": 2.1,
    "uses": 6.1,
    "indirect uses": 0.1,
    "gone names": 8.6,
    "imports": 0.2,
    "mentions": 3.2,
    "changed with": 6.0,
    "share of changes": 8.0,
    "text": 1.2,
    "text of best": 6.3,
    "recency": 2.4,
    "lines": -0.45,
}

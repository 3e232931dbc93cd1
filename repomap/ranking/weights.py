"""Weights of the features, fitted on real commits, descriptions of code and names.

A commit's message is the request, and the files and definitions that it changed are the answer.
`docs/ranking.md` describes the cases, the features and what was measured; `bench/fit_weights.py` fits the
chances, `bench/fit_order.py` the order of files.
"""

ORDER_BIAS = -6.510
ORDER_WEIGHTS = {
    "text": 0.689,
    "first line": 0.829,
    "path": 2.609,
    "file name": 0.832,
    "rank by text": -0.131,
    "used by what matches": 0.008,
    "uses what matches": 0.110,
    "recency": 0.540,
    "similar commits": 1.486,
    "changed with": 0.711,
    "name": 1.592,
    "best name": 2.985,
    "best whole name": 0.464,
    "mentioned": 2.140,
    "definitions": -0.191,
    "lines": -0.057,
    "text of best": 0.149,
    "definition of best": 2.843,
    "used by chat": 0.184,
    "uses chat": 0.320,
    "beside chat": 0.813,
    "changed with chat": 3.178,
    "test": -1.832,
    "docs": -1.832,
    "aside": -1.832,
    "superseded": -0.916,
}
"""Which file comes first: the loss of a ranking, then scaled to the chance that the work changes the file."""

FILE_BIAS = -5.216
FILE_WEIGHTS = {
    "text": -0.560,
    "first line": -0.590,
    "path": 1.732,
    "file name": 1.394,
    "rank by text": -0.858,
    "used by what matches": 0.337,
    "uses what matches": -0.154,
    "centrality": 0.001,
    "recency": 0.487,
    "frequency": 0.223,
    "similar commits": 0.566,
    "changed with": -0.281,
    "name": 2.055,
    "best name": -1.059,
    "best whole name": 0.769,
    "mentioned": 1.808,
    "test": -0.500,
    "docs": -0.500,
    "aside": -0.500,
    "definitions": -0.306,
    "lines": 0.186,
    "text of best": -0.198,
    "definition of best": 2.860,
    "used by chat": -0.100,
    "uses chat": 0.018,
    "beside chat": 0.108,
    "changed with chat": 3.815,
}

DEFINITION_BIAS = -2.311
DEFINITION_WEIGHTS = {
    "text": -4.256,
    "first line": 2.055,
    "words": 1.335,
    "name": 0.467,
    "whole name": 0.351,
    "rank": -0.290,
    "rank in file": -0.388,
    "lines": 0.465,
    "container": -0.489,
    "value": -1.567,
    "parent": 1.173,
    "child": -0.590,
    "exact": 1.545,
    "uses what matches": 1.591,
    "nested": 0.412,
    "text of best": 0.030,
    "file text": -1.198,
    "best in file": 1.995,
    "definitions in file": -0.363,
    "definitions inside": 0.148,
    "file": -0.128,
    "chance of file": 0.879,
}

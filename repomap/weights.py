"""Weights of the evidence, fitted by logistic regression on real commits.

The message of a commit is the request, the files and definitions that it changed are the answer;
`docs/ranking.md` tells of the cases and of what each column adds.
"""

FILE_BIAS = -4.776
FILE_WEIGHTS = {
    "text": -5.149,
    "path": 14.573,
    "best definition": 0.924,
    "place by text": -0.667,
    "used by what matches": -0.025,
    "uses what matches": -0.021,
    "centrality": 0.242,
    "recency": 1.486,
    "frequency": 0.271,
    "similar commits": 2.353,
    "changed with": 0.142,
    "name": 3.449,
    "mentioned": 1.350,
    "test": -0.667,
    "docs": -0.930,
    "aside": -0.665,
    "definitions": -0.142,
    "lines": -0.134,
    "text of best": 1.332,
    "definition of best": 3.073,
    "used by chat": -0.158,
    "uses chat": 0.067,
    "beside chat": 0.662,
    "changed with chat": 3.848,
}

DEFINITION_BIAS = -6.344
DEFINITION_WEIGHTS = {
    "text": -3.444,
    "name": -2.329,
    "place": -0.293,
    "place in file": -0.017,
    "lines": 0.221,
    "container": 0.152,
    "value": -0.379,
    "parent": 4.450,
    "child": 3.682,
    "exact": 3.585,
    "used by what matches": 1.162,
    "uses": 0.031,
    "nested": 0.322,
    "text of best": 3.464,
    "file text": 2.985,
    "best in file": 1.624,
    "file": 0.292,
}

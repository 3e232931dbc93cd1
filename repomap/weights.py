"""Weights of the evidence, fitted by logistic regression on real commits.

The message of a commit is the request, the files and definitions that it changed are the answer;
`docs/ranking.md` tells of the cases and of what each column adds.
"""

FILE_BIAS = -5.593
FILE_WEIGHTS = {
    "text": -3.228,
    "first line": 1.527,
    "path": 7.002,
    "place by text": -0.553,
    "used by what matches": 0.158,
    "uses what matches": 0.122,
    "centrality": 0.007,
    "recency": 1.527,
    "frequency": 0.063,
    "similar commits": 2.658,
    "changed with": -0.627,
    "name": 3.425,
    "mentioned": 2.929,
    "test": -0.367,
    "docs": -0.302,
    "aside": -0.253,
    "definitions": -0.066,
    "lines": -0.027,
    "text of best": 0.464,
    "definition of best": 2.738,
    "used by chat": -0.036,
    "uses chat": 0.163,
    "beside chat": 0.547,
    "changed with chat": 3.079,
}

DEFINITION_BIAS = -3.748
DEFINITION_WEIGHTS = {
    "text": -4.297,
    "first line": 1.182,
    "words": 0.969,
    "name": -0.533,
    "place": -0.290,
    "place in file": -0.032,
    "lines": 0.129,
    "container": -0.016,
    "value": -0.505,
    "parent": 0.332,
    "child": 2.802,
    "exact": 2.644,
    "uses what matches": 1.499,
    "nested": 0.022,
    "text of best": 1.967,
    "file text": 1.801,
    "best in file": 0.645,
    "definitions in file": -0.095,
    "definitions inside": 0.196,
    "file": 0.225,
    "chance of file": 0.272,
}

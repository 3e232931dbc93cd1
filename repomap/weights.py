"""Weights of the evidence, fitted by logistic regression on real commits and annotated questions.

The message of a commit is the request, the files and definitions that it changed are the answer;
`docs/ranking.md` tells of the cases, of what the columns mean and of what was measured.
"""

FILE_BIAS = -5.667
FILE_WEIGHTS = {
    "text": -0.829,
    "first line": 0.583,
    "path": 4.095,
    "file name": 1.229,
    "place by text": -0.544,
    "used by what matches": 0.179,
    "uses what matches": 0.115,
    "centrality": 0.016,
    "recency": 1.271,
    "frequency": 0.293,
    "similar commits": 0.797,
    "changed with": -0.687,
    "name": 2.954,
    "best name": -2.575,
    "best whole name": 0.177,
    "mentioned": 2.005,
    "test": -0.352,
    "docs": -0.311,
    "aside": -0.249,
    "definitions": -0.080,
    "lines": -0.050,
    "text of best": 0.229,
    "definition of best": 2.801,
    "used by chat": -0.079,
    "uses chat": 0.136,
    "beside chat": 0.496,
    "changed with chat": 3.735,
}

DEFINITION_BIAS = -4.153
DEFINITION_WEIGHTS = {
    "text": -3.727,
    "first line": 1.390,
    "words": 1.204,
    "name": -2.742,
    "whole name": 0.776,
    "place": -0.272,
    "place in file": -0.028,
    "lines": 0.132,
    "container": -0.060,
    "value": -0.509,
    "parent": 0.388,
    "child": 2.916,
    "exact": 1.945,
    "uses what matches": 1.567,
    "nested": 0.025,
    "text of best": 1.606,
    "file text": 1.655,
    "best in file": 1.560,
    "definitions in file": -0.093,
    "definitions inside": 0.172,
    "file": 0.228,
    "chance of file": 0.249,
}

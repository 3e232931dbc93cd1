"""Compares the names of files with the words of a request: how much of a name it has, and whether in a row.

"json array" in a request means `JsonArray` more than a file that has *json* and *array* somewhere, and
"command line" means `cmdline` or `commandline`.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from repomap.arrays.array_types import FloatsByFile, Rows
from repomap.ranking.lexicon import Lexicon, stems, words_of_terms
from repomap.ranking.path_evidence import own_name
from repomap.ranking.request import Request, stem

LEAST_RUN = 2
"""Words in a row that say more than the same words apart."""


def file_name_features(
    paths: Sequence[str], path_lexicon: Lexicon, request: Request, matched: Rows
) -> dict[str, FloatsByFile]:
    """Compare the names of the files in ``matched``, whose paths have a word of the request; others have 0."""
    first_line = first_line_of(request)
    sought = frozenset(term.stem for term in request.terms)
    shares, runs, joined = (np.zeros(len(paths)) for _ in range(3))
    for file_id in matched.tolist():
        parts = stems(own_name(paths[file_id]))
        if parts:
            shares[file_id] = sum(part in sought for part in parts) / len(parts)
            runs[file_id] = share_in_row(parts, first_line)
    pairs = [stem(first + second) for first, second in pairwise(request.first_words)]
    for pair, found in zip(pairs, words_of_terms(pairs, path_lexicon), strict=True):
        joined[[file_id for file_id in found if pair in stems(own_name(paths[file_id]))]] = 1.0
    return {"file name": shares, "file name in a row": runs, "file name joined": joined}


def first_line_of(request: Request) -> str:
    """Return the stems of the request's first words, with a space before and behind each."""
    return "".join(f" {stem(word)}" for word in request.first_words) + " "


def share_in_row(parts: Sequence[str], first_line: str) -> float:
    """Return the share of a name's parts that the first line has in a row, or 0 for less than two.

    >>> share_in_row(("json", "array"), " a json array "), share_in_row(("json", "array"), " json of array ")
    (1.0, 0.0)
    """
    for length in range(len(parts), LEAST_RUN - 1, -1):
        for start in range(len(parts) - length + 1):
            if f" {' '.join(parts[start : start + length])} " in first_line:
                return length / len(parts)
    return 0.0

"""Computes rankings ahead: for each request that was given, and for the most important files as if in hand.

A browser cannot compute a full ranking: it would need every word of every file.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from repomap.corpus.corpus import Corpus
from repomap.lookup.explain import reasons_of_file
from repomap.model import Focus, Progress
from repomap.ranking.index_data import IndexData
from repomap.ranking.score import Scores, score

RANKED_FILES, RELATED_FILES = 200, 40
"""Files that a ranking for a request has, and one for a file in hand."""
MOST_DEFINITIONS = 3
"""Definitions of each of these files."""
EXPLAINED_FILES, MOST_REASONS = 40, 8
"""Files of a ranking for a request whose place is explained, and reasons that are given beside its words."""
DOCUMENTS_IN_ALL, LEAST_IN_HAND, MOST_IN_HAND = 600_000, 12, 200
"""Documents that all rankings for a file in hand may score together, in a second or two; and their number."""


class FoundRanking(NamedTuple):
    """A ranking by file ids and doc ids, best first."""

    focus: Focus
    files: tuple[int, ...]
    definitions: tuple[tuple[int, ...], ...]
    reasons: tuple[tuple[str, ...], ...]
    """Of the first files, where there is a request."""


def in_hand(index_data: IndexData, best_first: Sequence[int]) -> list[int]:
    """Return the most important source files, as many as a ranking is computed for."""
    number = DOCUMENTS_IN_ALL // max(1, len(index_data.corpus))
    sources = [file_id for file_id in best_first if index_data.kind_weight[file_id] >= 1]
    return sources[: min(max(number, LEAST_IN_HAND), MOST_IN_HAND)]


def rank_ahead(
    index_data: IndexData,
    focuses: Sequence[Focus],
    files: Sequence[int],
    on_progress: Progress | None = None,
) -> Iterator[FoundRanking]:
    """Yield the ranking of each focus, then with each of these files in hand."""
    paths = index_data.corpus.paths
    asked = [(focus, RANKED_FILES) for focus in focuses]
    asked += [(Focus(chat=(paths[file_id],)), RELATED_FILES) for file_id in files]
    for done, (focus, most) in enumerate(asked):
        if on_progress:
            on_progress("Ranking", done, len(asked))
        yield _ranking(index_data, focus, score(index_data, focus), most)


def _ranking(index_data: IndexData, focus: Focus, scores: Scores, most: int) -> FoundRanking:
    corpus, explained = index_data.corpus, EXPLAINED_FILES if focus.request.strip() else 0
    order = np.lexsort((np.arange(len(corpus.paths)), -scores.files))[: most + len(focus.chat)].tolist()
    files = tuple(file_id for file_id in order if corpus.paths[file_id] not in focus.chat)[:most]
    reasons = (
        reasons_of_file(index_data, scores, focus, file_id, MOST_REASONS) for file_id in files[:explained]
    )
    return FoundRanking(
        focus=focus,
        files=files,
        definitions=tuple(_best(corpus, scores, file_id) for file_id in files),
        reasons=tuple(map(tuple, reasons)),
    )


def _best(corpus: Corpus, scores: Scores, file_id: int) -> tuple[int, ...]:
    """Return the best definitions of a file, best first."""
    doc_ids = corpus.docs_of(file_id)
    return tuple(sorted(doc_ids, key=lambda doc_id: -scores.docs[doc_id])[:MOST_DEFINITIONS])

"""Makes the page of a repository: what of its files, definitions, links and rankings a browser is given."""

from collections.abc import Mapping, Sequence

import numpy as np

from repomap.arrays.array_types import FlagsByDoc
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.mapping.make import qualifier
from repomap.mapping.render import NAMESPACE, definition_line
from repomap.model import KINDS, Focus, Progress
from repomap.page.links import find_links
from repomap.page.rankings import FoundRanking, in_hand, rank_ahead
from repomap.page.values import LeftOut, Link, Page, PageDefinition, PageFile, Ranking
from repomap.ranking.index_data import IndexData
from repomap.ranking.score import Scores, structural
from repomap.safety.printable import printable

MOST_FILES, MOST_DEFINITIONS, MOST_LINKS = 20_000, 40_000, 60_000
"""Of a larger repository, a page has the best; it says what it leaves out."""

IndexOf = Mapping[int, int]
"""From a file id or doc id to its index in the page."""


def page_of(
    index_data: IndexData, title: str, focuses: Sequence[Focus] = (), on_progress: Progress | None = None
) -> Page:
    """Make the page of a repository; a ranking is computed ahead for each focus."""
    corpus, scores = index_data.corpus, structural(index_data)
    best_first = np.lexsort((np.arange(len(corpus.paths)), -scores.files))[:MOST_FILES].tolist()
    doc_ids = _chosen_definitions(corpus, scores, best_first)
    file_index = {file_id: index for index, file_id in enumerate(best_first)}
    index_of_path = {corpus.paths[file_id]: index for file_id, index in file_index.items()}
    doc_index = {doc_id: index for index, doc_id in enumerate(doc_ids)}
    links, links_in_all = _links(index_data, file_index)
    ranked = rank_ahead(index_data, focuses, in_hand(index_data, best_first), on_progress)
    return Page(
        title=printable(title),
        files=_files(index_data, scores, best_first),
        definitions=tuple(_definition(index_data, scores, file_index, doc_id) for doc_id in doc_ids),
        links=links,
        rankings=tuple(_ranking(ranking, index_of_path, file_index, doc_index) for ranking in ranked),
        commits=len(index_data.commits),
        left_out=LeftOut(
            len(corpus.paths) - len(best_first),
            int(_is_definition(corpus).sum()) - len(doc_ids),
            links_in_all - len(links),
        ),
    )


def _is_definition(corpus: Corpus) -> FlagsByDoc:
    """Flag the documents that a map shows: no files and no namespaces."""
    return ~np.isin(corpus.doc_kind, (NO_KIND, NAMESPACE))


def _chosen_definitions(corpus: Corpus, scores: Scores, best_first: Sequence[int]) -> list[int]:
    """Return the doc ids of the best definitions, by file and then in source order."""
    place = np.full(len(corpus.paths), -1)
    place[best_first] = np.arange(len(best_first))
    of_shown = np.flatnonzero(_is_definition(corpus) & (place[corpus.doc_file] >= 0))
    chosen = of_shown[np.lexsort((of_shown, -scores.docs[of_shown]))[:MOST_DEFINITIONS]]
    by_file: list[int] = chosen[np.lexsort((chosen, place[corpus.doc_file[chosen]]))].tolist()
    return by_file


def _files(index_data: IndexData, scores: Scores, best_first: Sequence[int]) -> tuple[PageFile, ...]:
    corpus, commits, ages = index_data.corpus, *_touches(index_data)
    count = len(corpus.paths)
    definitions = np.bincount(corpus.doc_file[_is_definition(corpus)], minlength=count).tolist()
    return tuple(
        PageFile(
            path=printable(corpus.paths[file_id]),
            language=corpus.languages[file_id],
            kind=index_data.kinds[file_id],
            score=round(float(scores.files[file_id]), 8),
            centrality=round(float(index_data.centrality[file_id]) * count, 3),
            lines=int(corpus.lines[file_id]),
            commits=commits[file_id],
            age=ages[file_id],
            definitions=definitions[file_id],
        )
        for file_id in best_first
    )


def _touches(index_data: IndexData) -> tuple[list[int], list[int]]:
    """Count the commits that touched each file, and those since the last of them; -1 without any."""
    history = index_data.commit_history
    commits = np.bincount(history.file_of_pair, minlength=history.file_count)
    ages = np.full(history.file_count, len(index_data.commits))
    np.minimum.at(ages, history.file_of_pair, history.commit_of_pair)
    return commits.tolist(), np.where(commits > 0, ages, -1).tolist()


def _definition(index_data: IndexData, scores: Scores, file_index: IndexOf, doc_id: int) -> PageDefinition:
    corpus = index_data.corpus
    return PageDefinition(
        file=file_index[int(corpus.doc_file[doc_id])],
        name=printable(corpus.words[corpus.doc_name[doc_id]]),
        kind=KINDS[corpus.doc_kind[doc_id]],
        parent=printable(qualifier(corpus, doc_id)),
        line=int(corpus.doc_span[doc_id][1]),
        declaration=printable(definition_line(corpus, doc_id)),
        score=round(float(scores.docs[doc_id]), 5),
        uses=round(float(index_data.usage[doc_id]), 2),
    )


def _links(index_data: IndexData, file_index: IndexOf) -> tuple[tuple[Link, ...], int]:
    """Return the links between files of the page, and how many the repository has."""
    found, in_all = find_links(index_data, MOST_LINKS)
    links = (
        Link(
            source=file_index[link.source],
            target=file_index[link.target],
            weight=round(link.weight, 2),
            is_dependency=link.is_dependency,
            names=tuple(map(printable, link.names)),
        )
        for link in found
        if link.source in file_index and link.target in file_index
    )
    return tuple(sorted(links)), in_all


def _ranking(
    found: FoundRanking, index_of_path: Mapping[str, int], file_index: IndexOf, doc_index: IndexOf
) -> Ranking:
    """Refer to what the page has; what it leaves out is in no ranking of it either."""
    shown = [
        (file_index[file_id], tuple(doc_index[doc_id] for doc_id in doc_ids if doc_id in doc_index))
        for file_id, doc_ids in zip(found.files, found.definitions, strict=True)
        if file_id in file_index
    ]
    focus = found.focus
    return Ranking(
        request=printable(" ".join((focus.request, *focus.mentions)).strip()),
        in_hand=tuple(index_of_path[path] for path in focus.chat if path in index_of_path),
        files=tuple(file for file, _ in shown),
        definitions=tuple(definitions for _, definitions in shown),
        reasons=found.reasons if len(shown) == len(found.files) else (),
    )

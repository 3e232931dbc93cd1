"""Answers what a change touches: definitions, callers, tests to run, files that change with it."""

from collections.abc import Iterable, Sequence

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.errors import BadRequest
from repomap.impact.callers import Reached, changed_weights, follow, users_of_name
from repomap.impact.change import Change, change_of_diff, change_of_docs
from repomap.impact.companions import companions
from repomap.impact.diff import parse_diff
from repomap.impact.report import Found, report
from repomap.impact.test_evidence import file_weights
from repomap.impact.test_ranking import rank_tests
from repomap.impact.values import Caller, Impact
from repomap.lookup.answers import check_budget
from repomap.lookup.names import exact_file, find_file, find_meant, full_name, not_defined, symbol_of
from repomap.model import CountTokens, ReadFile
from repomap.ranking.index_data import IndexData


def impact_of_diff(
    index_data: IndexData,
    diff: str,
    read: ReadFile,
    folder: str,
    *,
    limit: int,
    depth: int,
    budget_tokens: int,
    count: CountTokens,
    skip: int = 0,
) -> Impact:
    """Find what a unified diff touches.

    ``folder`` is the absolute path of the index's root. Raises BadRequest for a text that is no diff.
    """
    check_budget(budget_tokens)
    files = parse_diff(diff)
    if not files and diff.strip():
        raise BadRequest("The text is not a diff, so nothing was looked up. Give the output of `git diff`.")
    change = change_of_diff(index_data.corpus, files, read, folder)
    return report(_find(index_data, change, depth), limit, budget_tokens, count, skip)


def impact_of_targets(
    index_data: IndexData,
    targets: Sequence[str],
    *,
    limit: int,
    depth: int,
    budget_tokens: int,
    count: CountTokens,
    skip: int = 0,
) -> Impact:
    """Find what a change of these files and symbols would touch: `PATH`, `PATH:NAME` or `NAME`.

    Raises NotInRepository.
    """
    check_budget(budget_tokens)
    doc_ids = dict.fromkeys(doc_id for target in targets for doc_id in _docs_of(index_data, target))
    change = change_of_docs(index_data.corpus, doc_ids)
    return report(_find(index_data, change, depth), limit, budget_tokens, count, skip)


def _docs_of(index_data: IndexData, target: str) -> list[int]:
    """Return the documents that a target means: a file's own, or all definitions of the best one's name."""
    corpus = index_data.corpus
    file_id = exact_file(corpus, target)
    if file_id is not None:
        return [int(corpus.doc_start[file_id])]
    definitions = find_meant(index_data, target)
    if definitions:
        return [each for each in definitions if corpus.doc_name[each] == corpus.doc_name[definitions[0]]]
    if "/" in target or "." in target:
        return [int(corpus.doc_start[find_file(corpus, target)])]
    raise not_defined(index_data, target)


def _find(index_data: IndexData, change: Change, depth: int) -> Found:
    corpus = index_data.corpus
    reached = follow(index_data, changed_weights(corpus, change.docs), depth)
    weights = file_weights(index_data, change)
    callers = [*_users_of_gone(corpus, change), *_callers(corpus, reached)]
    return Found(
        tuple(file.path for file in change.files),
        tuple(symbol_of(corpus, doc_id) for doc_id in _by_lines(corpus, change.docs)),
        tuple(caller for caller in callers if index_data.kinds[_file_id(corpus, caller.path)] != "test"),
        tuple(rank_tests(index_data, change, reached)),
        tuple(companions(index_data, weights)),
    )


def _file_id(corpus: Corpus, path: str) -> int:
    return exact_file(corpus, path) or 0


def _by_lines(corpus: Corpus, docs: dict[int, int]) -> list[int]:
    """Return the changed definitions, those with the most changed lines first."""
    definitions = [doc_id for doc_id in docs if corpus.doc_kind[doc_id] != NO_KIND]
    return sorted(definitions, key=lambda doc_id: (-docs[doc_id], doc_id))


def _callers(corpus: Corpus, reached: Iterable[Reached]) -> list[Caller]:
    return [
        _caller(corpus, each.doc_id, corpus.words[corpus.doc_name[each.via]], each.steps, each.weight)
        for each in reached
    ]


def _users_of_gone(corpus: Corpus, change: Change) -> list[Caller]:
    """Return who still uses a name whose definition the change removes: nothing is more likely broken."""
    return [
        _caller(corpus, doc_id, name, 1, 1.0)
        for name in change.gone_names
        for doc_id in users_of_name(corpus, name)
    ]


def _caller(corpus: Corpus, doc_id: int, uses: str, steps: int, weight: float) -> Caller:
    span = corpus.doc_span[doc_id]
    is_file = corpus.doc_kind[doc_id] == NO_KIND
    return Caller(
        path=corpus.paths[corpus.doc_file[doc_id]],
        within=full_name(corpus, doc_id),
        lines=None if is_file else (int(span[1]), int(span[2])),
        uses=uses,
        steps=steps,
        score=round(float(np.minimum(weight, 1.0)), 6),
    )

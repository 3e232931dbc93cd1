"""From a index_data and a focus to the map: score, fit, and what was shown as values."""

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.mapping.fit import CountTokens, fit
from repomap.model import KINDS, Focus, RepoMap, ShownDefinition, ShownFile
from repomap.ranking.index_data import IndexData
from repomap.ranking.score import Scores, score


def make_map(index_data: IndexData, focus: Focus, budget_tokens: int, count: CountTokens) -> RepoMap:
    """The map for this focus: `tokens <= budget_tokens` as ``count`` counts the text."""
    corpus = index_data.corpus
    scores = score(index_data, focus)
    inside = set(focus.chat)
    hidden = frozenset(number for number, path in enumerate(corpus.paths) if path in inside)
    fitted = fit(corpus, scores.files, scores.docs, hidden, budget_tokens, count)
    files = tuple(
        shown_file(corpus, scores, file, docs)
        for file, docs in sorted(fitted.choice.items(), key=lambda item: (-scores.files[item[0]], item[0]))
    )
    shown = sum(len(file.definitions) for file in files) + sum(len(corpus.docs_of(file)) for file in hidden)
    return RepoMap(
        fitted.text,
        fitted.tokens,
        budget_tokens,
        files,
        len(corpus.paths) - len(files) - len(hidden),
        int(np.count_nonzero(corpus.doc_kind != NO_KIND)) - shown,
    )


def whole_ranking(index_data: IndexData, focus: Focus) -> tuple[ShownFile, ...]:
    """Every file with every definition, best file first, whatever the budget; chat files left out."""
    corpus = index_data.corpus
    scores = score(index_data, focus)
    inside = set(focus.chat)
    order = np.lexsort((np.arange(len(corpus.paths)), -scores.files)).tolist()
    return tuple(
        shown_file(corpus, scores, file, tuple(corpus.docs_of(file)))
        for file in order
        if corpus.paths[file] not in inside
    )


def shown_file(corpus: Corpus, scores: Scores, file: int, docs: tuple[int, ...]) -> ShownFile:
    """A file with some of its definitions, as values."""
    return ShownFile(
        corpus.paths[file],
        corpus.languages[file],
        round(float(scores.files[file]), 6),
        tuple(shown_definition(corpus, scores, doc) for doc in docs),
    )


def shown_definition(corpus: Corpus, scores: Scores, doc: int) -> ShownDefinition:
    """A definition as a value."""
    span = corpus.doc_span[doc]
    return ShownDefinition(
        corpus.words[corpus.doc_name[doc]],
        KINDS[corpus.doc_kind[doc]],
        (int(span[1]), int(span[2])),
        corpus.signatures[doc],
        round(float(scores.docs[doc]), 6),
        qualifier(corpus, doc),
    )


def qualifier(corpus: Corpus, doc: int) -> str:
    """The names of what encloses a definition, outermost first, joined by dots."""
    names = [corpus.owners[doc]] if corpus.owners[doc] else []
    parent = int(corpus.doc_parent[doc])
    while corpus.doc_kind[parent] != NO_KIND:
        names.append(corpus.words[corpus.doc_name[parent]])
        parent = int(corpus.doc_parent[parent])
    return ".".join(reversed(names))

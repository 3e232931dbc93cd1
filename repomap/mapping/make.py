"""Makes the map of a repository for a focus: score, choose what fits, describe what is shown."""

from collections.abc import Collection, Sequence

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.mapping.fit import fit
from repomap.model import KINDS, CountTokens, Focus, RepoMap, RepoPath, ShownDefinition, ShownFile
from repomap.ranking.index_data import IndexData
from repomap.ranking.score import Scores, score


def make_map(
    index_data: IndexData,
    focus: Focus,
    budget_tokens: int,
    count: CountTokens,
    within: RepoPath = "",
    hidden_paths: Collection[RepoPath] = (),
) -> RepoMap:
    """Make the map for a focus; ``count`` finds at most ``budget_tokens`` in its text.

    ``within`` limits what is shown to a folder, and ``hidden_paths`` are not shown; everything counts for the ranks.
    """
    corpus = index_data.corpus
    scores = score(index_data, focus)
    unshown = {*focus.chat, *hidden_paths}
    folder = f"{within}/" if within else ""
    hidden = frozenset(
        file_id for file_id, path in enumerate(corpus.paths) if path in unshown or not path.startswith(folder)
    )
    overview = scores.evidence is None
    fitted = fit(corpus, scores.files, scores.docs, hidden, budget_tokens, count, overview)
    best_first = sorted(fitted.choice.items(), key=lambda item: (-scores.files[item[0]], item[0]))
    files = tuple(shown_file(corpus, scores, file_id, doc_ids) for file_id, doc_ids in best_first)
    definitions_shown = sum(len(file.definitions) for file in files)
    definitions_hidden = sum(len(corpus.docs_of(file_id)) for file_id in hidden)
    definitions_in_all = int(np.count_nonzero(corpus.doc_kind != NO_KIND))
    return RepoMap(
        text=fitted.text,
        tokens=fitted.tokens,
        budget_tokens=budget_tokens,
        files=files,
        omitted_files=len(corpus.paths) - len(files) - len(hidden),
        omitted_definitions=definitions_in_all - definitions_shown - definitions_hidden,
    )


def whole_ranking(index_data: IndexData, focus: Focus) -> tuple[ShownFile, ...]:
    """List every file with every definition, best file first; files in the chat are left out."""
    corpus = index_data.corpus
    scores = score(index_data, focus)
    chat_paths = set(focus.chat)
    best_first = np.lexsort((np.arange(len(corpus.paths)), -scores.files)).tolist()
    return tuple(
        shown_file(corpus, scores, file_id, corpus.docs_of(file_id))
        for file_id in best_first
        if corpus.paths[file_id] not in chat_paths
    )


def shown_file(corpus: Corpus, scores: Scores, file_id: int, doc_ids: Sequence[int]) -> ShownFile:
    """Describe a file and some of its definitions."""
    return ShownFile(
        path=corpus.paths[file_id],
        language=corpus.languages[file_id],
        score=round(float(scores.files[file_id]), 6),
        definitions=tuple(shown_definition(corpus, scores, doc_id) for doc_id in doc_ids),
    )


def shown_definition(corpus: Corpus, scores: Scores, doc_id: int) -> ShownDefinition:
    """Describe a definition."""
    span = corpus.doc_span[doc_id]
    return ShownDefinition(
        name=corpus.words[corpus.doc_name[doc_id]],
        kind=KINDS[corpus.doc_kind[doc_id]],
        lines=(int(span[1]), int(span[2])),
        signature=corpus.signatures[doc_id],
        score=round(float(scores.docs[doc_id]), 6),
        changed=None if scores.changed is None else round(float(scores.changed[doc_id]), 6),
        used=round(float(scores.used[doc_id]), 6),
        parent=qualifier(corpus, doc_id),
    )


def qualifier(corpus: Corpus, doc_id: int) -> str:
    """Join the names of what encloses a definition, outermost first, by dots."""
    names = [corpus.owners[doc_id]] if corpus.owners[doc_id] else []
    parent = int(corpus.doc_parent[doc_id])
    while corpus.doc_kind[parent] != NO_KIND:
        names.append(corpus.words[corpus.doc_name[parent]])
        parent = int(corpus.doc_parent[parent])
    return ".".join(reversed(names))

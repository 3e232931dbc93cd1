"""Everything that maps and look-ups share: built once for a repository, updated from what changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from repomap.arrays.array_types import FloatsByDoc, FloatsByFile, PairKeys
from repomap.corpus.corpus import Corpus
from repomap.graph.file_graph import FileGraph, Mentions, build_graph, find_mentions
from repomap.graph.pagerank import page_rank
from repomap.graph.usage import usage
from repomap.model import KINDS, ReadFile, RepoPath
from repomap.ranking.commit_evidence import CommitHistory

if TYPE_CHECKING:
    from repomap.corpus.update import CorpusChange
    from repomap.ranking.lexicon import Lexicon
    from repomap.ranking.path_evidence import PathEvidence

Commits = Sequence[tuple[str, Sequence[RepoPath]]]
"""Subject and touched paths of each commit, newest first."""

KIND_WEIGHTS = {"source": 1.0, "build": 0.2, "config": 0.1, "docs": 0.1, "data": 0.05}
OTHER_KIND_WEIGHT = 0.2
"""Tests, examples, fixtures, generated and vendored code: read less often than written."""

LEAST_ACTIVITY = 0.1
"""Activity of a source file without a commit; without any history, all have the same."""


@dataclass(frozen=True, eq=False, kw_only=True)
class IndexData:
    """Everything about a repository that does not depend on the request.

    What only some requests need is computed, or loaded from the snapshot, when the first asks for it.
    """

    corpus: Corpus
    load_mentions: Callable[[], Mentions]
    load_graph: Callable[[], FileGraph]
    load_usage: Callable[[], FloatsByDoc] | None = None
    load_active_usage: Callable[[], FloatsByDoc] | None = None
    """None where the usage has to be computed."""
    kinds: Sequence[str]
    """By file: source, test, docs …"""
    kind_weight: FloatsByFile
    """By file: how likely a file of its kind is what somebody works on."""
    centrality: FloatsByFile
    """PageRank without any request; sums to 1."""
    commits: Commits
    imported: PairKeys
    """Ascending keys of the pairs of files in which the first imports the second."""
    consulted: frozenset[RepoPath]
    """Files whose content decides what imports mean, whether they exist or not."""

    @cached_property
    def mentions(self) -> Mentions:
        return self.load_mentions()

    @cached_property
    def graph(self) -> FileGraph:
        return self.load_graph()

    @cached_property
    def lexicon(self) -> "Lexicon":
        from repomap.ranking.lexicon import Lexicon  # late: an overview looks up no words

        return Lexicon.of(self.corpus.words.texts)

    @cached_property
    def path_lexicon(self) -> "Lexicon":
        from repomap.ranking.lexicon import Lexicon

        return Lexicon.of(self.corpus.paths)

    @cached_property
    def path_evidence(self) -> "PathEvidence":
        from repomap.ranking.path_evidence import PathEvidence

        return PathEvidence.of(self.corpus.paths, self.kinds)

    @cached_property
    def commit_history(self) -> CommitHistory:
        return CommitHistory.of(self.corpus.paths, self.commits)

    @cached_property
    def usage(self) -> FloatsByDoc:
        """How much the files use each definition, those that are no source for less."""
        if self.load_usage is not None:
            return self.load_usage()
        return usage(self.corpus, self.mentions, self.kind_weight)

    @cached_property
    def activity(self) -> FloatsByFile:
        """How much each file is worked on: the log of its recent commits; 0 for what is no source."""
        return (LEAST_ACTIVITY + np.log1p(self.commit_history.frequency())) * (self.kind_weight >= 1)

    @cached_property
    def active_usage(self) -> FloatsByDoc:
        """How much the files use each definition, each by its activity: such files will use more of it."""
        if self.load_active_usage is not None:
            return self.load_active_usage()
        return usage(self.corpus, self.mentions, self.activity)

    def with_commits(self, commits: Commits) -> "IndexData":
        """Return the same with another history."""
        return replace(self, commits=commits, load_active_usage=None)


def build_index_data(corpus: Corpus, commits: Commits, read: ReadFile | None = None) -> IndexData:
    """Resolve imports, link the files and rank them.

    ``read`` returns the bytes of the configuration files that say what imports mean.
    """
    kinds = kinds_of(corpus.paths)
    kind_weight = kind_weights(kinds)
    imported, consulted = find_imports(corpus, read)
    mentions = find_mentions(corpus, imported)
    graph = build_graph(corpus, mentions)
    return IndexData(
        corpus=corpus,
        load_mentions=lambda: mentions,
        load_graph=lambda: graph,
        kinds=kinds,
        kind_weight=kind_weight,
        centrality=page_rank(graph, kind_weight),
        commits=commits,
        imported=imported,
        consulted=consulted,
    )


def updated_index_data(
    index_data: IndexData, change: "CorpusChange", commits: Commits, read: ReadFile | None = None
) -> IndexData:
    """Apply a change of the corpus; the result equals what `build_index_data` would build."""
    from repomap.graph.update import same_imports, updated_mentions, updated_usage

    corpus = change.after
    kinds = index_data.kinds if corpus.paths == change.before.paths else kinds_of(corpus.paths)
    kind_weight = index_data.kind_weight if kinds is index_data.kinds else kind_weights(kinds)
    imported, consulted = index_data.imported, index_data.consulted
    if not same_imports(change, consulted):
        imported, consulted = find_imports(corpus, read)
    if _unread_import_alike(change, index_data.imported, imported):
        mentions, graph = updated_mentions(change, index_data.mentions, index_data.graph, imported)
    else:
        mentions = find_mentions(corpus, imported)
        graph = build_graph(corpus, mentions)
    same_graph = kind_weight is index_data.kind_weight and graph.equals(index_data.graph)
    centrality = index_data.centrality if same_graph else page_rank(graph, kind_weight)
    new_usage = new_active_usage = None
    if same_graph and mentions is index_data.mentions:
        new_usage = updated_usage(change, mentions, kind_weight, index_data.usage)
        if commits is index_data.commits:
            known = index_data.active_usage
            new_active_usage = updated_usage(change, mentions, index_data.activity, known)
    return IndexData(
        corpus=corpus,
        load_mentions=lambda: mentions,
        load_graph=lambda: graph,
        load_usage=None if new_usage is None else lambda: new_usage,
        load_active_usage=None if new_active_usage is None else lambda: new_active_usage,
        kinds=kinds,
        kind_weight=kind_weight,
        centrality=centrality,
        commits=commits,
        imported=imported,
        consulted=consulted,
    )


def _unread_import_alike(change: "CorpusChange", before: PairKeys, after: PairKeys) -> bool:
    """Return whether the files that were not read again still import what they did."""
    if before is after:
        return True
    old_count, new_count = max(1, len(change.before.paths)), max(1, len(change.after.paths))
    source, target = change.became[before // old_count], change.became[before % old_count]
    source_kept = (source >= 0) & ~np.isin(source, change.read)
    if (target[source_kept] < 0).any():
        return False
    keys = source[source_kept].astype(np.int64) * new_count + target[source_kept]
    return np.array_equal(np.sort(keys), after[~np.isin(after // new_count, change.read)])


def find_imports(corpus: Corpus, read: ReadFile | None) -> tuple[PairKeys, frozenset[RepoPath]]:
    """Resolve all imports: keys of (importing, imported) files, and the files consulted for it."""
    from repomap.graph.imports.resolve import imported_pairs  # a dozen languages' rules; warm starts skip it

    consulted: set[RepoPath] = set()

    def read_and_record(path: RepoPath) -> bytes | None:
        consulted.add(path)
        return read(path) if read else None

    pairs = imported_pairs(
        corpus.paths,
        corpus.languages,
        tuple(corpus.imports),
        read_and_record if read else None,
        namespaces(corpus),
    )
    return pairs, frozenset(consulted)


def namespaces(corpus: Corpus) -> dict[int, list[str]]:
    """Return the namespaces that each file declares, as C# and PHP write them, by file id."""
    declared: dict[int, list[str]] = {}
    for doc_id in (corpus.doc_kind == KINDS.index("namespace")).nonzero()[0].tolist():
        name = corpus.words[corpus.doc_name[doc_id]]
        declared.setdefault(int(corpus.doc_file[doc_id]), []).append(name)
    return declared


def kinds_of(paths: Sequence[str]) -> list[str]:
    """Return the kind of each file, judged by its path."""
    from repomap.files.file_kinds import kind_of  # compiles patterns that a warm start does without

    return [kind_of(path) for path in paths]


def kind_weights(kinds: Sequence[str]) -> FloatsByFile:
    """Weigh each file by its kind.

    >>> kind_weights(["source", "docs", "test"]).tolist()
    [1.0, 0.1, 0.2]
    """
    return np.array([KIND_WEIGHTS.get(kind, OTHER_KIND_WEIGHT) for kind in kinds], float)

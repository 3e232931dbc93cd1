"""Makes the library: all that does not depend on what is asked, from the files of a repository."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.graph.file_graph import file_graph, mentions
from repomap.graph.pagerank import page_rank
from repomap.model import KINDS, RepoPath
from repomap.ranking.file_evidence import Library, kinds_of, priors

if TYPE_CHECKING:
    from repomap.corpus.update import Changed

Commits = Sequence[tuple[str, Sequence[RepoPath]]]
"""Subject and touched paths of each commit, newest first."""
Read = Callable[[RepoPath], bytes | None]


def make_library(corpus: Corpus, commits: Commits, read: Read | None = None) -> Library:
    """The library of a corpus. ``read`` gives the bytes of configuration files that say what imports mean."""
    kinds = kinds_of(corpus.paths)
    prior = priors(kinds)
    imported, consulted = find_imports(corpus, read)
    found = mentions(corpus, imported)
    graph = file_graph(corpus, found)
    return Library(
        corpus,
        lambda: found,
        lambda: graph,
        kinds,
        prior,
        page_rank(graph, prior),
        commits,
        imported,
        consulted,
    )


def renewed_library(
    library: Library, change: "Changed", commits: Commits, read: Read | None = None
) -> Library:
    """The library of a corpus that changed: what `make_library` would make of it."""
    from repomap.graph.update import renewed_flow, renewed_mentions, same_imports

    corpus = change.after
    kinds = library.kinds if corpus.paths == change.before.paths else kinds_of(corpus.paths)
    prior = library.prior if kinds is library.kinds else priors(kinds)
    imported, consulted = library.imported, library.consulted
    if not same_imports(change, consulted):
        imported, consulted = find_imports(corpus, read)
    if _others_import_alike(change, library.imported, imported):
        found, graph = renewed_mentions(change, library.mentions, library.graph, imported)
    else:
        found = mentions(corpus, imported)
        graph = file_graph(corpus, found)
    same = prior is library.prior and graph.equals(library.graph)
    centrality = library.centrality if same else page_rank(graph, prior)
    flow = None
    if same and found is library.mentions:
        flow = renewed_flow(change, found, graph, centrality, library.flow)
    return Library(
        corpus,
        lambda: found,
        lambda: graph,
        kinds,
        prior,
        centrality,
        commits,
        imported,
        consulted,
        None if flow is None else lambda: flow,
    )


def _others_import_alike(
    change: "Changed", before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]
) -> bool:
    """Whether the files that were not read anew import what they did."""
    if before is after:
        return True
    old_files, files = max(1, len(change.before.paths)), max(1, len(change.after.paths))
    source, target = change.became[before // old_files], change.became[before % old_files]
    source_kept = (source >= 0) & ~np.isin(source, change.read)
    if (target[source_kept] < 0).any():
        return False
    keys = source[source_kept].astype(np.int64) * files + target[source_kept]
    return np.array_equal(np.sort(keys), after[~np.isin(after // files, change.read)])


def find_imports(corpus: Corpus, read: Read | None) -> tuple[npt.NDArray[np.int64], frozenset[RepoPath]]:
    """Keys of the pairs of files in which one imports the other, and the files that were read to tell."""
    from repomap.graph.imports.resolve import (
        imported_pairs,
    )  # a dozen languages' rules, which a warm start needs none of

    consulted: set[RepoPath] = set()

    def noted(path: RepoPath) -> bytes | None:
        consulted.add(path)
        return read(path) if read else None

    pairs = imported_pairs(
        corpus.paths,
        corpus.languages,
        tuple(corpus.imports),
        noted if read else None,
        namespaces(corpus),
    )
    return pairs, frozenset(consulted)


def namespaces(corpus: Corpus) -> dict[int, list[str]]:
    """The namespaces that each file declares, as C# and PHP write them."""
    declared: dict[int, list[str]] = {}
    code = KINDS.index("namespace")
    for doc in (corpus.doc_kind == code).nonzero()[0].tolist():
        if corpus.doc_kind[doc] != NO_KIND:
            declared.setdefault(int(corpus.doc_file[doc]), []).append(corpus.words[corpus.doc_name[doc]])
    return declared

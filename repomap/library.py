"""Makes the library: all that does not depend on what is asked, from the files of a repository."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from repomap.corpus import NO_KIND, Corpus
from repomap.evidence import Library, kinds_of, priors
from repomap.graph import file_graph, mentions
from repomap.imports import imported_pairs
from repomap.model import KINDS, RepoPath
from repomap.rank import page_rank

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
        corpus, found, graph, kinds, prior, page_rank(graph, prior), tuple(commits), imported, consulted
    )


def find_imports(corpus: Corpus, read: Read | None) -> tuple[npt.NDArray[np.int64], frozenset[RepoPath]]:
    """Keys of the pairs of files in which one imports the other, and the files that were read to tell."""
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

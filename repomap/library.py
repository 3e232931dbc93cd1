"""Makes the library: all that does not depend on what is asked, from the files of a repository."""

from collections.abc import Callable, Sequence

from repomap.chronicle import Chronicle
from repomap.corpus import NO_KIND, Corpus
from repomap.evidence import Library, kinds_of, priors
from repomap.graph import file_graph, mentions
from repomap.imports import imported_pairs
from repomap.model import KINDS, RepoPath
from repomap.rank import page_rank
from repomap.relevance import Lexicon

Commits = Sequence[tuple[str, Sequence[RepoPath]]]
"""Subject and touched paths of each commit, newest first."""


def make_library(
    corpus: Corpus, commits: Commits, read: Callable[[str], bytes | None] | None = None
) -> Library:
    """The library of a corpus. ``read`` gives the bytes of configuration files that say what imports mean."""
    kinds = kinds_of(corpus.paths)
    prior = priors(kinds)
    found = mentions(
        corpus, imported_pairs(corpus.paths, corpus.languages, corpus.imports, read, namespaces(corpus))
    )
    graph = file_graph(corpus, found)
    return Library(
        corpus,
        Lexicon.of(corpus.words),
        Lexicon.of(corpus.paths),
        found,
        graph,
        kinds,
        prior,
        page_rank(graph, prior),
        Chronicle.of(corpus.paths, commits),
    )


def namespaces(corpus: Corpus) -> dict[int, list[str]]:
    """The namespaces that each file declares, as C# and PHP write them."""
    declared: dict[int, list[str]] = {}
    code = KINDS.index("namespace")
    for doc in (corpus.doc_kind == code).nonzero()[0].tolist():
        if corpus.doc_kind[doc] != NO_KIND:
            declared.setdefault(int(corpus.doc_file[doc]), []).append(corpus.words[corpus.doc_name[doc]])
    return declared

"""Selects documents of a corpus: by kind, by name, and some thousands at a time."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import DocIds, Flags, Rows, WordIds
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import KINDS

FUNCTIONS = ("function", "method", "constructor", "macro")
CONTAINERS = (
    "class",
    "struct",
    "interface",
    "trait",
    "enum",
    "implementation",
    "module",
    "namespace",
    "type",
)

_DISCOURAGED = re.compile(
    r"(?:@[\w.]+(?:\([^)]*\))? +)*(?:\w+ +)*(?:private|fileprivate)\b|#\w+ *\("
    r"|(?:[@\[#\w.]+ +)*(?:@(?:\w+\.)?[Dd]eprecated|#\[deprecated|\[Obsolete)\b"
).match
"""What says that it is private (`#name(` is JavaScript's), or deprecated."""

CHUNK_DOCS = 1 << 13
"""Documents computed at a time: their features take about a megabyte."""
MANY_DOCUMENTS = 1 << 18
"""From here on, doing two things at once is worth a thread."""
IDS_PER_LOOKUP = 1 << 16
"""How many ids are looked up at a time, because numpy widens them to eight bytes."""


def of_kinds(corpus: Corpus, kinds: Sequence[str]) -> Flags:
    """Flag the documents of these kinds."""
    return is_of_kinds(corpus.doc_kind, kinds)


def is_of_kinds(kind_codes: npt.NDArray[np.uint8], kinds: Sequence[str]) -> Flags:
    """Flag the elements that are the code of one of these kinds."""
    flags = np.zeros(NO_KIND + 1, bool)
    flags[[KINDS.index(kind) for kind in kinds]] = True
    return flags[kind_codes]


def in_tests(corpus: Corpus) -> Flags:
    """Flag the tests that stand in source files, and what is in them."""
    flags = of_kinds(corpus, ("test",))
    parent, before = np.maximum(corpus.doc_parent, 0), 0
    while before < (found := int(np.count_nonzero(flags))):
        flags, before = flags | flags[parent], found
    return flags


def says_not_to_be_used(corpus: Corpus, doc_ids: Rows) -> Flags:
    """Flag those of some definitions whose declaration says that new code elsewhere should not use them."""
    signatures = corpus.signatures.take(doc_ids)
    return np.fromiter(
        (_DISCOURAGED(signature) is not None for signature in signatures), bool, len(signatures)
    )


def docs_named(corpus: Corpus, word_ids: Rows) -> Rows:
    """Find the documents with one of these names, ascending."""
    is_sought = np.zeros(len(corpus.words) + 1, bool)
    is_sought[word_ids] = True
    return rows_of(is_sought, corpus.doc_name)


def doc_chunks(first: int, end: int) -> Iterator[slice]:
    """Cut a range of documents into slices that are computed at once."""
    return (slice(at, min(at + CHUNK_DOCS, end)) for at in range(first, end, CHUNK_DOCS))


def rows_of(flags: Flags, ids: "DocIds | WordIds") -> Rows:
    """Return the rows whose id is flagged; id -1 means the last flag."""
    chunks = range(0, len(ids), IDS_PER_LOOKUP)
    rows = [first + np.flatnonzero(flags[ids[first : first + IDS_PER_LOOKUP]]) for first in chunks]
    return np.concatenate([np.zeros(0, np.int64), *rows])

"""Turns the `FileTags` of a repository into one set of arrays that every question is asked of.

Names are interned once, and everything else is a number: a repository of 50,000 files has a
million definitions and a hundred million words, which as Python objects fit no laptop.

A *document* is one definition, or what stands in a file outside all of them: document
`doc_start[f]` is file f itself, and those up to `doc_start[f + 1]` are its definitions in the
order of their first byte. `uses` are the occurrences of words in documents, sorted by word and
then by document, so that the uses of one word are one slice.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.model import KINDS, Definition, FileTags, Import, RepoPath, Span

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

NO_KIND = 255
"""In `doc_kind`: the document is a file, not a definition."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """All files, definitions and words of a repository, as arrays. Files are sorted by path."""

    paths: tuple[RepoPath, ...]
    languages: tuple[str, ...]
    skipped: tuple[str, ...]
    lines: Ints
    doc_start: Ints
    """One more than there are files."""
    doc_file: Ints
    doc_name: Ints
    """Number of the name in `words`; -1 for a file."""
    doc_kind: npt.NDArray[np.uint8]
    doc_parent: Ints
    """Document of the enclosing definition, or of the file; -1 for a file."""
    doc_span: npt.NDArray[np.uint32]
    """Five columns, as in `Span`; zeros for a file."""
    signatures: Sequence[str]
    owners: Sequence[str]
    words: Sequence[str]
    """Every distinct word and name, sorted."""
    word_start: npt.NDArray[np.int64]
    """One more than there are words: where the uses of each begin."""
    use_doc: Ints
    use_code: npt.NDArray[np.uint16]
    use_prose: npt.NDArray[np.uint16]
    doc_length: Ints
    """How many words a document has, in code and prose."""
    imports: tuple[tuple[Import, ...], ...]

    def __len__(self) -> int:
        """The number of documents."""
        return len(self.doc_file)

    def definition(self, doc: int) -> Definition:
        """The definition that is document `doc`, its parent as a document number."""
        parent = int(self.doc_parent[doc])
        return Definition(
            self.words[self.doc_name[doc]],
            KINDS[self.doc_kind[doc]],
            Span(*map(int, self.doc_span[doc])),
            self.signatures[doc],
            parent if self.doc_kind[parent] != NO_KIND else None,
            self.owners[doc],
        )

    def docs_of(self, file: int) -> range:
        """The definitions of a file, as documents."""
        return range(int(self.doc_start[file]) + 1, int(self.doc_start[file + 1]))

    def number_of(self, name: str) -> int | None:
        """The number of a word, or None where the repository does not hold it."""
        place = bisect_left(self.words, name)
        return place if place < len(self.words) and self.words[place] == name else None

    def uses(self, word: int) -> slice:
        """Where the uses of a word stand in the `use_*` columns."""
        return slice(int(self.word_start[word]), int(self.word_start[word + 1]))


def build_corpus(files: Sequence[tuple[RepoPath, FileTags]]) -> Corpus:
    """The corpus of these files, which must be sorted by path."""
    tags = [tag for _, tag in files]
    sizes = np.fromiter((len(tag) + 1 for tag in tags), np.int32, len(tags))
    doc_start = _starts(sizes)
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    word, doc, code, prose = _all_uses(tags, doc_start, numbers)
    doc_name = np.full(doc_start[-1], -1, np.int32)
    is_file = np.zeros(doc_start[-1], bool)
    is_file[doc_start[:-1]] = True
    names = chain.from_iterable(tag.names for tag in tags)
    doc_name[~is_file] = np.fromiter(map(numbers.__getitem__, names), np.int32)
    words = sorted(numbers)
    renumbered = np.empty(len(words), np.int32)
    renumbered[np.fromiter(map(numbers.__getitem__, words), np.int32, len(words))] = np.arange(len(words))
    word, doc_name[~is_file] = renumbered[word], renumbered[doc_name[~is_file]]
    doc_file = np.repeat(np.arange(len(tags), dtype=np.int32), sizes)
    order = np.lexsort((doc, word))
    doc_sorted, code, prose = doc[order], code[order], prose[order]
    return Corpus(
        tuple(path for path, _ in files),
        tuple(tag.language for tag in tags),
        tuple(tag.skipped for tag in tags),
        np.fromiter((tag.lines for tag in tags), np.int32, len(tags)),
        doc_start,
        doc_file,
        doc_name,
        _kinds(tags, is_file),
        _parents(tags, doc_start, is_file),
        _spans(tags, is_file),
        _per_doc(tags, "signatures"),
        _per_doc(tags, "owners"),
        tuple(words),
        np.searchsorted(word[order], np.arange(len(words) + 1)),
        doc_sorted,
        code,
        prose,
        np.bincount(doc_sorted, code.astype(np.int64) + prose, len(doc_file)).astype(np.int32),
        tuple(tag.imports for tag in tags),
    )


def summed(places: npt.NDArray[np.integer[Any]], weights: Floats, size: int) -> Floats:
    """The sum of the weights that fall on each of ``size`` places."""
    return np.bincount(places, weights, size).astype(np.float64, copy=False)


def _starts(sizes: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int32), np.cumsum(sizes, dtype=np.int32)])


def _joined(parts: list["array[int]"], dtype: Any) -> npt.NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *(np.asarray(part, dtype) for part in parts)])


def _all_uses(
    tags: list[FileTags], doc_start: Ints, numbers: defaultdict[str, int]
) -> tuple[Ints, Ints, npt.NDArray[np.uint16], npt.NDArray[np.uint16]]:
    """Word, document and both counts of every use, in the order of the files."""
    words, docs = [], []
    for tag, start in zip(tags, doc_start, strict=False):
        local = np.fromiter(map(numbers.__getitem__, tag.words), np.int32, len(tag.words))
        words.append(local[np.asarray(tag.use_word, np.int32)])
        docs.append(np.asarray(tag.use_owner, np.int32) + start)
    return (
        np.concatenate([np.zeros(0, np.int32), *words]),
        np.concatenate([np.zeros(0, np.int32), *docs]),
        _joined([tag.use_code for tag in tags], np.uint16),
        _joined([tag.use_prose for tag in tags], np.uint16),
    )


def _kinds(tags: list[FileTags], is_file: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    kinds = np.full(len(is_file), NO_KIND, np.uint8)
    kinds[~is_file] = np.frombuffer(b"".join(tag.kinds for tag in tags), np.uint8)
    return kinds


def _parents(tags: list[FileTags], doc_start: Ints, is_file: npt.NDArray[np.bool_]) -> Ints:
    parents = np.full(len(is_file), -1, np.int32)
    parents[~is_file] = np.concatenate(
        [np.zeros(0, np.int32)]
        + [np.asarray(tag.parents, np.int32) + 1 + start for tag, start in zip(tags, doc_start, strict=False)]
    )
    return parents


def _spans(tags: list[FileTags], is_file: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
    spans = np.zeros((len(is_file), 5), np.uint32)
    spans[~is_file] = _joined([tag.spans for tag in tags], np.uint32).reshape(-1, 5)
    return spans


def _per_doc(tags: list[FileTags], column: str) -> list[str]:
    """A text for each document, empty for a file."""
    return list(chain.from_iterable(("", *getattr(tag, column)) for tag in tags))

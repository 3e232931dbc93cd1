"""Builds a corpus from parsed files, which may come in any order.

Each file's columns are kept as they come, numbers in byte planes, and are joined only once all files
are there. Every join releases its parts, so that no column exists twice.
"""

import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Ints
from repomap.arrays.texts import Texts, starts_of
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.corpus.import_table import ImportTable, write_imports
from repomap.corpus.postings import InvertedIndex, Uses
from repomap.corpus.word_table import WordTable
from repomap.model import FileTags, RepoPath

if TYPE_CHECKING:
    from repomap.parsing.tags_codec import BytePlanes, EncodedTags

_SPAN = ("span first", "span above", "span below", "span head", "span more")
"""The first line, and how far the other lines of a `Span` are from each other, as `EncodedTags` has them."""


class FileColumns:
    """The columns of each file, by name, until they are joined into those of all files."""

    def __init__(self) -> None:
        self.paths: list[RepoPath] = []
        self.languages: list[str] = []
        self.skipped: list[str] = []
        self.lines = array("i")
        self.doc_counts = array("i")
        self._parts: defaultdict[str, list[BytePlanes]] = defaultdict(list)
        self._order: list[int] = []

    def add(self, path: RepoPath, tags: "FileTags | EncodedTags", word_id_of: Callable[[bytes], int]) -> None:
        """Add a file; ``word_id_of`` gives a word its number."""
        encoded = _encoded(tags) if isinstance(tags, FileTags) else tags
        self.paths.append(path)
        self.languages.append(sys.intern(encoded.language))
        self.skipped.append(encoded.skipped)
        self.lines.append(encoded.lines)
        self.doc_counts.append(len(encoded.names) + 1)
        parts = self._parts
        parts["imports"].append((write_imports(encoded.imports).encode() + b"\n",))
        parts["words"].append((array("i", map(word_id_of, encoded.words)).tobytes(),))
        parts["name"].append((array("i", map(word_id_of, encoded.names)).tobytes(),))
        parts["kind"].append((encoded.kinds,))
        parts["parent"].append(encoded.parents)
        for name, planes in zip(_SPAN, encoded.spans, strict=True):
            parts[name].append(planes)
        parts["word"].append(encoded.use_word)
        parts["owner"].append(encoded.use_owner)
        parts["code"].append(encoded.use_code)
        parts["prose"].append(encoded.use_prose)
        self._add_texts("signature", encoded.signatures)
        self._add_texts("owners", encoded.owners)

    def _add_texts(self, name: str, texts: Sequence[bytes]) -> None:
        self._parts[name].append((b"\n".join((b"", *texts, b"")),))
        self._parts[name + " size"].append((array("i", (0, *map(len, texts))).tobytes(),))

    def sort(self) -> None:
        """Put the files into the order of their paths."""
        self._order = sorted(range(len(self.paths)), key=self.paths.__getitem__)
        for name in ("paths", "languages", "skipped"):
            column = getattr(self, name)
            setattr(self, name, [column[row] for row in self._order])
        for name in ("lines", "doc_counts"):
            column = getattr(self, name)
            setattr(self, name, array("i", (column[row] for row in self._order)))

    def take(self, name: str, dtype: Any) -> npt.NDArray[Any]:
        """Join a column of all files, in their order, and forget its parts."""
        parts = self._parts.pop(name, [])
        return np.frombuffer(b"".join([parts[row][0] for row in self._order]), dtype)

    def take_planes(self, name: str, dtype: Any) -> npt.NDArray[Any]:
        """Do the same for a column whose parts are byte planes."""
        files = self._parts.pop(name, [])
        parts = [files[row] for row in self._order]
        plane_count = max(map(len, parts), default=0)
        whole = np.zeros((sum(len(part[0]) for part in parts), np.dtype(dtype).itemsize), np.uint8)
        for index in range(plane_count):
            planes = [part[index] if index < len(part) else bytes(len(part[0])) for part in parts]
            whole[:, index] = np.frombuffer(b"".join(planes), np.uint8)
        numbers: npt.NDArray[Any] = whole.reshape(-1).view(np.dtype(dtype).newbyteorder("<"))
        return numbers.astype(dtype, copy=False)

    def take_texts(self, name: str) -> Texts:
        """Do the same for a column of texts."""
        return Texts(self.take(name, np.uint8), starts_of(self.take(name + " size", np.int32) + 1))

    def take_text_of_each_file(self, name: str) -> Texts:
        """Do the same for a column that has one text in each file."""
        sizes = self.counts(name, 1)
        return Texts(self.take(name, np.uint8), starts_of(sizes))

    def counts(self, name: str, width: int) -> npt.NDArray[np.int64]:
        """Return how many numbers of ``width`` bytes each file has in a column."""
        parts = self._parts[name]
        counts = (len(parts[row][0]) // width for row in self._order)
        return np.fromiter(counts, np.int64, len(self._order))


def _encoded(tags: FileTags) -> "EncodedTags":
    from repomap.parsing.tags_codec import to_encoded  # late: a warm start does without it

    return to_encoded(tags)


class CorpusBuilder:
    """Takes files in any order and builds the corpus of all of them."""

    def __init__(self) -> None:
        self._word_ids: defaultdict[bytes, int] = defaultdict(count().__next__)
        self._columns = FileColumns()

    def add(self, path: RepoPath, tags: "FileTags | EncodedTags") -> None:
        """Add a file; no two may have the same path."""
        self._columns.add(path, tags, self._word_ids.__getitem__)

    def build(self) -> Corpus:
        """Build the corpus. The builder cannot be used afterwards."""
        words = list(self._word_ids)  # the index of each is its present id
        self._word_ids.clear()
        order = sorted(range(len(words)), key=words.__getitem__)
        texts = Texts.of_utf8(list(map(words.__getitem__, order)))
        del words
        final_ids = np.full(len(texts) + 1, -1, np.int32)
        final_ids[order] = np.arange(len(texts), dtype=np.int32)
        return assemble(self._columns, WordTable(texts, Texts.of(())), final_ids, InvertedIndex.of)


def assemble(
    files: FileColumns,
    words: WordTable,
    final_ids: Ints,
    index_uses: Callable[[Uses, int, int], InvertedIndex],
) -> Corpus:
    """Join the columns of files into a corpus.

    ``final_ids`` maps the word ids in the columns to those in ``words``; its last element is -1.
    ``index_uses`` builds the inverted index from uses, the number of words and the number of documents.
    """
    files.sort()
    doc_counts = np.asarray(files.doc_counts, np.int32)
    doc_start = starts_of(doc_counts).astype(np.int32)
    doc_count = int(doc_start[-1])
    is_definition = np.ones(doc_count, bool)
    is_definition[doc_start[:-1]] = False
    doc_file = np.repeat(np.arange(len(doc_counts), dtype=np.int32), doc_counts)
    doc_name = np.full(doc_count, -1, np.int32)
    doc_name[is_definition] = final_ids[files.take("name", np.int32)]
    doc_kind = np.full(doc_count, NO_KIND, np.uint8)
    doc_kind[is_definition] = files.take("kind", np.uint8)
    doc_parent = np.full(doc_count, -1, np.int32)
    doc_parent[is_definition] = files.take_planes("parent", np.int32) + doc_start[doc_file[is_definition]]
    doc_span = np.zeros((doc_count, 5), np.uint32)
    doc_span[is_definition] = _take_spans(files)
    uses = _take_uses(files, final_ids, doc_start)
    return Corpus(
        paths=tuple(files.paths),
        languages=tuple(files.languages),
        skipped=tuple(files.skipped),
        lines=np.asarray(files.lines, np.int32),
        imports=ImportTable(files.take_text_of_each_file("imports")),
        doc_start=doc_start,
        doc_file=doc_file,
        doc_name=doc_name,
        doc_kind=doc_kind,
        doc_parent=doc_parent,
        doc_span=doc_span,
        doc_length=uses.lengths(doc_count),
        doc_slot=np.arange(doc_count, dtype=np.int32),
        signatures=files.take_texts("signature"),
        owners=files.take_texts("owners"),
        words=words,
        inverted_index=index_uses(uses, len(words), doc_count),
    )


def _take_spans(files: FileColumns) -> npt.NDArray[np.uint32]:
    """Return the lines of all definitions, five columns as in `Span`."""
    first, above, below, head, more = (files.take_planes(name, np.uint32) for name in _SPAN)
    return np.stack((first - above, first, first + below, first + head, first + head + more), axis=1)


def _take_uses(files: FileColumns, final_ids: Ints, doc_start: Ints) -> Uses:
    """Return all uses; files number their words and definitions from 0, the result counts in the corpus."""
    use_counts = files.counts("code", 1)
    first_word = starts_of(files.counts("words", 4))[:-1].astype(np.int32)
    words_of_files = final_ids[files.take("words", np.int32)]
    word, slot = files.take_planes("word", np.int32), files.take_planes("owner", np.int32)
    word += np.repeat(first_word, use_counts)  # in place: there may be a hundred million
    slot += np.repeat(doc_start[:-1], use_counts)
    code, prose = files.take_planes("code", np.uint16), files.take_planes("prose", np.uint16)
    return Uses(words_of_files[word], slot, code, prose)

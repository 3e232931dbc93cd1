"""Turns the `FileTags` of a repository into one set of arrays that every question is asked of.

Names are interned once, and everything else is a number: a repository of 50,000 files has a
million definitions and a hundred million words, which as Python objects fit no laptop.

A *document* is one definition, or what stands in a file outside all of them: document
`doc_start[f]` is file f itself, and those up to `doc_start[f + 1]` are its definitions in the
order of their first byte. What belongs to files stands in their order, so that when a few files
change, the columns of all others are joined as they are (`splicing.py`).
"""

import json
import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import Texts, concat, starts_of
from repomap.corpus.postings import Postings, Rows, Uses
from repomap.model import KINDS, Definition, FileTags, Import, RepoPath, Span

if TYPE_CHECKING:
    from repomap.parsing.tags_codec import BytePlanes, EncodedTags

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

NO_KIND = 255
"""In `doc_kind`: the document is a file, not a definition."""


@dataclass(frozen=True, eq=False)
class Words(Sequence[str]):
    """Every distinct word and name: those of the first reading sorted, then what came later."""

    first: Texts
    later: Texts

    @cached_property
    def texts(self) -> Texts:
        """All of them."""
        return concat([(part, 0, len(part)) for part in (self.first, self.later)])

    @cached_property
    def _later_numbers(self) -> Mapping[str, int]:
        return {word: number for number, word in enumerate(self.later, len(self.first))}

    def __len__(self) -> int:
        return len(self.first) + len(self.later)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: "int | slice") -> "str | tuple[str, ...]":
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        place += len(self) if place < 0 else 0
        return self.first[place] if place < len(self.first) else self.later[place - len(self.first)]

    def __iter__(self) -> Iterator[str]:
        return chain(self.first, self.later)

    def number(self, word: str) -> int | None:
        """The number of a word, or None where there is none."""
        place = self.first.find_sorted(word)
        return self._later_numbers.get(word) if place is None else place

    def have_chars(self, numbers: npt.NDArray[np.int64], chars: int) -> npt.NDArray[np.bool_]:
        """By word of these ascending numbers: whether it has so many characters or more."""
        cut, many = int(np.searchsorted(numbers, len(self.first))), len(self.first)
        return np.concatenate(
            [self.first.have_chars(numbers[:cut], chars), self.later.have_chars(numbers[cut:] - many, chars)]
        )

    def first_bytes(self) -> npt.NDArray[np.int16]:
        """By word: its first byte; -1 where it is empty."""
        return np.concatenate([self.first.first_bytes(), self.later.first_bytes()])

    def extended(self, more: Sequence[str]) -> "Words":
        """The same with words that were not among them."""
        if not more:
            return self
        new = Texts.of(more)
        return Words(self.first, concat([(part, 0, len(part)) for part in (self.later, new)]))


@dataclass(frozen=True, slots=True, eq=False)
class ImportTable(Sequence[tuple[Import, ...]]):
    """The imports of each file, taken apart when they are asked for."""

    texts: Texts
    """As JSON; empty where a file imports nothing."""

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> tuple[Import, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[tuple[Import, ...], ...]: ...
    def __getitem__(self, place: "int | slice") -> "tuple[Import, ...] | tuple[tuple[Import, ...], ...]":
        found = self.texts[place]
        return imports_of(found) if isinstance(found, str) else tuple(map(imports_of, found))

    def __iter__(self) -> Iterator[tuple[Import, ...]]:
        return map(imports_of, self.texts)


def imports_of(written: str) -> tuple[Import, ...]:
    """The imports that `import_text` wrote down."""
    rows = json.loads(written) if written else ()
    return tuple(Import(module, tuple(names)) for module, *names in rows)


def import_text(imports: Sequence[Import]) -> str:
    """The imports of a file as one text."""
    rows = [(one.module, *one.names) for one in imports]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """All files, definitions and words of a repository, as arrays. Files are sorted by path."""

    paths: tuple[RepoPath, ...]
    languages: tuple[str, ...]
    skipped: tuple[str, ...]
    lines: Ints
    imports: ImportTable
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
    doc_length: Ints
    """How many words a document has, in code and prose."""
    doc_slot: Ints
    """The document's place in `uses`."""
    signatures: Texts
    owners: Texts
    words: Words
    """Every distinct word and name."""
    uses: Uses

    def __len__(self) -> int:
        """The number of documents."""
        return len(self.doc_file)

    def definition(self, doc: int) -> Definition:
        """The definition that is document `doc`, its parent as a document number."""
        parent = int(self.doc_parent[doc])
        return Definition(
            name=self.words[self.doc_name[doc]],
            kind=KINDS[self.doc_kind[doc]],
            span=Span(*map(int, self.doc_span[doc])),
            signature=self.signatures[doc],
            parent=parent if self.doc_kind[parent] != NO_KIND else None,
            owner=self.owners[doc],
        )

    def docs_of(self, file: int) -> range:
        """The definitions of a file, as documents."""
        return range(int(self.doc_start[file]) + 1, int(self.doc_start[file + 1]))

    def number_of(self, name: str) -> int | None:
        """The number of a word, or None where the repository does not hold it."""
        number = self.words.number(name)
        if number is None or len(self.postings([number]).doc) or (self.doc_name == number).any():
            return number
        return None  # it has gone with the last file that held it

    def postings(self, words: npt.ArrayLike) -> Postings:
        """The uses of these words."""
        return self.uses.of_words(words)


class Columns:
    """The columns of files as they come, one part a file, so that each can be joined and let go.

    Numbers stay in the byte planes they came in until all files are there.
    """

    def __init__(self) -> None:
        self.paths: list[RepoPath] = []
        self.languages: list[str] = []
        self.skipped: list[str] = []
        self.lines = array("i")
        self.sizes = array("i")
        """Documents of each file."""
        self._parts: defaultdict[str, list[BytePlanes]] = defaultdict(list)
        self._order: list[int] = []

    def add(self, path: RepoPath, tags: "FileTags | EncodedTags", number: Callable[[bytes], int]) -> None:
        """``number`` gives the number of a word."""
        sheet = _as_sheet(tags) if isinstance(tags, FileTags) else tags
        self.paths.append(path)
        self.languages.append(sys.intern(sheet.language))
        self.skipped.append(sheet.skipped)
        self.lines.append(sheet.lines)
        self.sizes.append(len(sheet.names) + 1)
        parts = self._parts
        parts["imports"].append((import_text(sheet.imports).encode() + b"\n",))
        parts["words"].append((array("i", map(number, sheet.words)).tobytes(),))
        parts["name"].append((array("i", map(number, sheet.names)).tobytes(),))
        parts["kind"].append((sheet.kinds,))
        parts["parent"].append(sheet.parents)
        for name, planes in zip(_SPAN, sheet.spans, strict=True):
            parts[name].append(planes)
        parts["word"].append(sheet.use_word)
        parts["owner"].append(sheet.use_owner)
        parts["code"].append(sheet.use_code)
        parts["prose"].append(sheet.use_prose)
        for name, texts in (("signature", sheet.signatures), ("owners", sheet.owners)):
            parts[name].append((b"\n".join((b"", *texts, b"")),))
            parts[name + " size"].append((array("i", (0, *map(len, texts))).tobytes(),))

    def sort(self) -> None:
        """Puts the files into the order of their paths."""
        self._order = sorted(range(len(self.paths)), key=self.paths.__getitem__)
        for name in ("paths", "languages", "skipped"):
            column = getattr(self, name)
            setattr(self, name, [column[place] for place in self._order])
        for name in ("lines", "sizes"):
            column = getattr(self, name)
            setattr(self, name, array("i", (column[place] for place in self._order)))

    def take(self, name: str, dtype: Any) -> npt.NDArray[Any]:
        """A column of all files, in their order; it can be taken once."""
        parts = self._parts.pop(name, [])
        return np.frombuffer(b"".join([parts[place][0] for place in self._order]), dtype)

    def take_planes(self, name: str, dtype: Any) -> npt.NDArray[Any]:
        """The same for a column whose parts are byte planes."""
        files = self._parts.pop(name, [])
        parts = [files[place] for place in self._order]
        width = max(map(len, parts), default=0)
        whole = np.zeros((sum(len(part[0]) for part in parts), np.dtype(dtype).itemsize), np.uint8)
        for place in range(width):
            plane = b"".join([part[place] if place < len(part) else bytes(len(part[0])) for part in parts])
            whole[:, place] = np.frombuffer(plane, np.uint8)
        numbers: npt.NDArray[Any] = whole.reshape(-1).view(np.dtype(dtype).newbyteorder("<"))
        return numbers.astype(dtype, copy=False)

    def take_texts(self, name: str) -> Texts:
        return Texts(self.take(name, np.uint8), starts_of(self.take(name + " size", np.int32) + 1))

    def many(self, name: str, width: int) -> npt.NDArray[np.int64]:
        """How many numbers of so many bytes each file has in a column."""
        parts = self._parts[name]
        sizes = (len(parts[place][0]) // width for place in self._order)
        return np.fromiter(sizes, np.int64, len(self._order))


def _as_sheet(tags: FileTags) -> "EncodedTags":
    from repomap.parsing.tags_codec import to_encoded  # which a warm start does without

    return to_encoded(tags)


_SPAN = ("span first", "span above", "span below", "span head", "span more")


class CorpusBuilder:
    """Takes files as they come, and makes a corpus of them in the order of their paths."""

    def __init__(self) -> None:
        self._numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
        self._columns = Columns()

    def add(self, path: RepoPath, tags: "FileTags | EncodedTags") -> None:
        self._columns.add(path, tags, self._numbers.__getitem__)

    def build(self) -> Corpus:
        """The corpus of all files added, no two of the same path. The builder is of no use then."""
        words = list(self._numbers)  # each at the place that is its number
        self._numbers.clear()
        order = sorted(range(len(words)), key=words.__getitem__)
        texts = Texts.of_utf8(list(map(words.__getitem__, order)))
        del words
        renumbered = np.full(len(texts) + 1, -1, np.int32)
        renumbered[order] = np.arange(len(texts), dtype=np.int32)
        return assembled(self._columns, Words(texts, Texts.of(())), renumbered, Uses.of)


def build_corpus(files: Sequence[tuple[RepoPath, FileTags]]) -> Corpus:
    """The corpus of these files."""
    builder = CorpusBuilder()
    for path, tags in files:
        builder.add(path, tags)
    return builder.build()


def summed(places: npt.NDArray[np.integer[Any]], weights: npt.NDArray[Any], size: int) -> Floats:
    """The sum of the weights that fall on each of ``size`` places."""
    return np.bincount(places, weights, size).astype(np.float64, copy=False)


def assembled(
    files: Columns, words: Words, renumbered: Ints, make_uses: Callable[[Rows, int, int], Uses]
) -> Corpus:
    """The corpus of these files alone; the last of ``renumbered`` is -1."""
    files.sort()
    sizes = np.asarray(files.sizes, np.int32)
    doc_start = starts_of(sizes).astype(np.int32)
    docs = int(doc_start[-1])
    defined = np.ones(docs, bool)
    defined[doc_start[:-1]] = False
    name = np.full(docs, -1, np.int32)
    name[defined] = renumbered[files.take("name", np.int32)]
    kind = np.full(docs, NO_KIND, np.uint8)
    kind[defined] = files.take("kind", np.uint8)
    file = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    parent = np.full(docs, -1, np.int32)
    parent[defined] = files.take_planes("parent", np.int32) + doc_start[file[defined]]
    span = np.zeros((docs, 5), np.uint32)
    span[defined] = _spans(files)
    many = files.many("code", 1)
    first_word = starts_of(files.many("words", 4))[:-1].astype(np.int32)
    words_of_files = renumbered[files.take("words", np.int32)]
    word, slot = files.take_planes("word", np.int32), files.take_planes("owner", np.int32)
    word += np.repeat(first_word, many)  # in place: there may be a hundred million
    slot += np.repeat(doc_start[:-1], many)
    rows = Rows(
        words_of_files[word],
        slot,
        files.take_planes("code", np.uint16),
        files.take_planes("prose", np.uint16),
    )
    return Corpus(
        tuple(files.paths),
        tuple(files.languages),
        tuple(files.skipped),
        np.asarray(files.lines, np.int32),
        ImportTable(_texts_of_files(files, "imports")),
        doc_start,
        file,
        name,
        kind,
        parent,
        span,
        rows.lengths(docs),
        np.arange(docs, dtype=np.int32),
        files.take_texts("signature"),
        files.take_texts("owners"),
        words,
        make_uses(rows, len(words), docs),
    )


def _spans(files: Columns) -> npt.NDArray[np.uint32]:
    """The lines of all definitions, five columns as in `Span`."""
    first, above, below, head, more = (files.take_planes(name, np.uint32) for name in _SPAN)
    return np.stack((first - above, first, first + below, first + head, first + head + more), axis=1)


def _texts_of_files(files: Columns, name: str) -> Texts:
    """One text for each file. Its sizes are those of the parts."""
    sizes = files.many(name, 1)
    return Texts(files.take(name, np.uint8), starts_of(sizes))

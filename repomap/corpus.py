"""Turns the `FileTags` of a repository into one set of arrays that every question is asked of.

Names are interned once, and everything else is a number: a repository of 50,000 files has a
million definitions and a hundred million words, which as Python objects fit no laptop.

A *document* is one definition, or what stands in a file outside all of them: document
`doc_start[f]` is file f itself, and those up to `doc_start[f + 1]` are its definitions in the
order of their first byte. What of a corpus belongs to files stands in their order, so that when a
few files change, the columns of all others are joined as they are (`changed`).
"""

import json
import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from repomap.model import KINDS, Definition, FileTags, Import, RepoPath, Span
from repomap.texts import Texts, joined, starts_of
from repomap.uses import GONE, Postings, Rows, Uses

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Column = TypeVar("Column", bound=npt.NDArray[Any])

NO_KIND = 255
"""In `doc_kind`: the document is a file, not a definition."""


@dataclass(frozen=True, eq=False)
class Words(Sequence[str]):
    """Every distinct word and name: those of the first reading sorted, then what came later."""

    texts: Texts
    ordered: int
    """How many of them are sorted."""

    @cached_property
    def _later(self) -> Mapping[str, int]:
        return {self.texts[number]: number for number in range(self.ordered, len(self.texts))}

    @cached_property
    def _first(self) -> Texts:
        return Texts(self.texts.block, self.texts.start[: self.ordered + 1])

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: "int | slice") -> "str | tuple[str, ...]":
        return self.texts[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def number(self, word: str) -> int | None:
        """The number of a word, or None where there is none."""
        place = self._first.find_sorted(word)
        return self._later.get(word) if place is None else place

    def extended(self, more: Sequence[str]) -> "Words":
        """The same with words that were not among them."""
        if not more:
            return self
        new = Texts.of(more)
        return Words(joined([(self.texts, 0, len(self)), (new, 0, len(new))]), self.ordered)


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
        number = self.words.number(name)
        if number is None or len(self.postings([number]).doc) or (self.doc_name == number).any():
            return number
        return None  # it has gone with the last file that held it

    def postings(self, words: npt.ArrayLike) -> Postings:
        """The uses of these words."""
        return self.uses.of_words(words)


class _Columns:
    """The columns of files as they come, one part a file, so that each can be joined and let go."""

    def __init__(self) -> None:
        self.paths: list[RepoPath] = []
        self.languages: list[str] = []
        self.skipped: list[str] = []
        self.lines = array("i")
        self.sizes = array("i")
        """Documents of each file."""
        self._parts: defaultdict[str, list[bytes]] = defaultdict(list)
        self._order: list[int] = []

    def add(self, path: RepoPath, tags: FileTags, number: Callable[[str], int]) -> None:
        """``number`` gives the number of a word."""
        self.paths.append(path)
        self.languages.append(sys.intern(tags.language))
        self.skipped.append(tags.skipped)
        self.lines.append(tags.lines)
        self.sizes.append(len(tags) + 1)
        local = np.fromiter(map(number, tags.words), np.int32, len(tags.words))
        parts: dict[str, bytes] = {
            "imports": import_text(tags.imports).encode() + b"\n",
            "name": array("i", map(number, tags.names)).tobytes(),
            "kind": tags.kinds,
            "parent": tags.parents.tobytes(),
            "span": tags.spans.tobytes(),
            "word": local[np.asarray(tags.use_word, np.int32)].tobytes(),
            "owner": tags.use_owner.tobytes(),
            "code": tags.use_code.tobytes(),
            "prose": tags.use_prose.tobytes(),
        }
        for name, texts in (("signature", tags.signatures), ("owners", tags.owners)):
            parts[name], parts[name + " size"] = _packed(("", *texts))
        for name, part in parts.items():
            self._parts[name].append(part)

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
        return np.frombuffer(b"".join([parts[place] for place in self._order]), dtype)

    def take_texts(self, name: str) -> Texts:
        return Texts(self.take(name, np.uint8), starts_of(self.take(name + " size", np.int32)))

    def many(self, name: str, width: int) -> npt.NDArray[np.int64]:
        """How many numbers of so many bytes each file has in a column."""
        parts = self._parts[name]
        return np.fromiter((len(parts[place]) // width for place in self._order), np.int64, len(self._order))


def _packed(texts: Sequence[str]) -> tuple[bytes, bytes]:
    """Texts as `Texts` holds them, and the size of each."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return b"\n".join((*encoded, b"")), array("i", [len(text) + 1 for text in encoded]).tobytes()


class CorpusBuilder:
    """Takes files as they come, and makes a corpus of them in the order of their paths."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self._columns = _Columns()

    def add(self, path: RepoPath, tags: FileTags) -> None:
        self._columns.add(path, tags, self._numbers.__getitem__)

    def build(self) -> Corpus:
        """The corpus of all files added, no two of the same path. The builder is of no use then."""
        words = sorted(self._numbers)
        numbers = np.fromiter(map(self._numbers.__getitem__, words), np.int32, len(words))
        self._numbers.clear()
        texts = Texts.of(words)
        del words
        renumbered = np.full(len(texts) + 1, -1, np.int32)
        renumbered[numbers] = np.arange(len(texts), dtype=np.int32)
        return _assembled(self._columns, Words(texts, len(texts)), renumbered, Uses.of)


def build_corpus(files: Sequence[tuple[RepoPath, FileTags]]) -> Corpus:
    """The corpus of these files."""
    builder = CorpusBuilder()
    for path, tags in files:
        builder.add(path, tags)
    return builder.build()


def summed(places: npt.NDArray[np.integer[Any]], weights: npt.NDArray[Any], size: int) -> Floats:
    """The sum of the weights that fall on each of ``size`` places."""
    return np.bincount(places, weights, size).astype(np.float64, copy=False)


def _assembled(
    files: _Columns, words: Words, renumbered: Ints, make_uses: Callable[[Rows, int, int], Uses]
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
    parent[defined] = files.take("parent", np.int32) + 1 + doc_start[file[defined]]
    span = np.zeros((docs, 5), np.uint32)
    span[defined] = files.take("span", np.uint32).reshape(-1, 5)
    many = files.many("code", 2)
    rows = Rows(
        renumbered[files.take("word", np.int32)],
        (files.take("owner", np.uint32) + np.repeat(doc_start[:-1], many)).astype(np.int32),
        files.take("code", np.uint16),
        files.take("prose", np.uint16),
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


def _texts_of_files(files: _Columns, name: str) -> Texts:
    """One text for each file. Its sizes are those of the parts."""
    sizes = files.many(name, 1)
    return Texts(files.take(name, np.uint8), starts_of(sizes))


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A corpus after some files changed, and what became of its files."""

    before: Corpus
    after: Corpus
    became: Ints
    """By file before: its number after, by its path; -1 where it is gone."""
    read: Ints
    """Files after that were read anew, new ones among them, ascending."""
    uses: Rows
    """The uses in these files, their slots documents after; in any order."""

    def stale(self) -> Ints:
        """Files before that are gone or were read anew, ascending."""
        return np.flatnonzero((self.became < 0) | np.isin(self.became, self.read)).astype(np.int32)


def changed(corpus: Corpus, paths: Sequence[RepoPath], read: Mapping[RepoPath, FileTags]) -> Changed:
    """The corpus of these sorted paths, where those that were ``read`` are as read, the others as they were.

    Equal to a corpus built of all of them in every answer, not in how words are numbered.
    """
    new = _read_anew(read, corpus.words)
    old_place = {path: place for place, path in enumerate(corpus.paths)}
    new_place = {path: place for place, path in enumerate(new.paths)}
    became = np.full(len(corpus.paths), -1, np.int32)
    pieces: list[_Piece] = []
    for number, path in enumerate(paths):
        known = old_place.get(path)
        if known is not None:
            became[known] = number
        place = new_place.get(path, known)
        if place is None:
            raise ValueError(f"{path} is neither known nor read")
        last, from_new = pieces[-1] if pieces else None, path in new_place
        if last is not None and last.new == from_new and last.end == place:
            last.end = place + 1
        else:
            pieces.append(_Piece(from_new, place, place + 1))
    after = _spliced(corpus, new, tuple(paths), pieces)
    numbers = np.fromiter((number for number, path in enumerate(paths) if path in new_place), np.int32)
    moved = after.doc_start[numbers] - new.doc_start[:-1]
    rows = new.uses.later
    return Changed(
        corpus, after, became, numbers, rows._replace(slot=rows.slot + moved[new.doc_file[rows.slot]])
    )


@dataclass(slots=True)
class _Piece:
    """Files that stand next to each other before and after: of the old corpus, or of what was read."""

    new: bool
    first: int
    end: int


def _read_anew(read: Mapping[RepoPath, FileTags], words: Words) -> Corpus:
    """A corpus of what was read, its words numbered on from those there are."""
    more: dict[str, int] = {}

    def number(word: str) -> int:
        known = words.number(word)
        return more.setdefault(word, len(words) + len(more)) if known is None else known

    files = _Columns()
    for path, tags in read.items():
        files.add(path, tags, number)
    all_words = words.extended(tuple(more))
    return _assembled(files, all_words, _same_numbers(len(all_words)), Uses.loose)


def _same_numbers(words: int) -> Ints:
    return np.append(np.arange(words, dtype=np.int32), np.int32(-1))


def _spliced(old: Corpus, new: Corpus, paths: tuple[RepoPath, ...], pieces: Sequence[_Piece]) -> Corpus:
    def files(column: Callable[[Corpus], Any]) -> list[Any]:
        return [column(new if one.new else old)[one.first : one.end] for one in pieces]

    def docs(column: Callable[[Corpus], Column], dtype: Any) -> Column:
        parts = [
            column(source)[source.doc_start[one.first] : source.doc_start[one.end]]
            for one in pieces
            for source in (new if one.new else old,)
        ]
        return np.concatenate([column(new)[:0], *parts]).astype(dtype, copy=False)  # type: ignore[return-value]

    def texts(column: Callable[[Corpus], Texts]) -> Texts:
        return joined(
            [
                (column(source), int(source.doc_start[one.first]), int(source.doc_start[one.end]))
                for one in pieces
                for source in (new if one.new else old,)
            ]
        )

    sizes = np.concatenate([np.zeros(0, np.int32), *files(lambda one: np.diff(one.doc_start))])
    doc_start = starts_of(sizes).astype(np.int32)
    file = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    shift = _shifts(old, new, doc_start, pieces)
    parent = docs(lambda one: one.doc_parent, np.int32)
    parent = np.where(parent >= 0, parent + np.repeat(shift, sizes), -1).astype(np.int32)
    slots = len(old.uses.slot_doc)
    slot = docs(lambda one: one.doc_slot + slots if one is new else one.doc_slot, np.int32)
    slot_doc = np.full(slots + len(new), GONE, np.int32)
    slot_doc[slot] = np.arange(len(slot), dtype=np.int32)
    uses = old.uses.moved(slot_doc, new.uses.later.shifted(slots), len(new.words))
    return Corpus(
        paths,
        tuple(chain.from_iterable(files(lambda one: one.languages))),
        tuple(chain.from_iterable(files(lambda one: one.skipped))),
        np.concatenate([new.lines[:0], *files(lambda one: one.lines)]),
        ImportTable(
            joined([((new if one.new else old).imports.texts, one.first, one.end) for one in pieces])
        ),
        doc_start,
        file,
        docs(lambda one: one.doc_name, np.int32),
        docs(lambda one: one.doc_kind, np.uint8),
        parent,
        docs(lambda one: one.doc_span, np.uint32),
        docs(lambda one: one.doc_length, np.int32),
        np.arange(len(slot), dtype=np.int32) if uses.in_order else slot,
        texts(lambda one: one.signatures),
        texts(lambda one: one.owners),
        new.words,
        uses,
    )


def _shifts(old: Corpus, new: Corpus, doc_start: Ints, pieces: Sequence[_Piece]) -> Ints:
    """By file: how far its documents moved."""
    before = [(new if one.new else old).doc_start[one.first : one.end] for one in pieces]
    shift: Ints = doc_start[:-1] - np.concatenate([np.zeros(0, np.int32), *before])
    return shift

"""Keeps all that an index knows of a folder in one file, so that the next run begins where this one ended.

The content cache (`cache.py`) spares parsing; this spares everything else: tags need not be decoded,
names not be numbered, the graph not be ranked. A snapshot belongs to one folder, as one version of
the program read it. It is only ever a shortcut: what it says of a file counts as long as the file's
stat data are the same, and a snapshot that is not what it should be is as good as none.
"""

import contextlib
import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from repomap.arrays import array_file
from repomap.arrays.array_types import IntsByDoc
from repomap.arrays.blocks import PackedBytes
from repomap.arrays.texts import Texts
from repomap.corpus.corpus import Corpus
from repomap.corpus.import_table import ImportTable
from repomap.corpus.postings import InvertedIndex, PostingLists, Uses
from repomap.corpus.word_table import WordTable
from repomap.graph.file_graph import GRAIN, FileGraph, Mentions
from repomap.index.locations import index_name, own_folder, user_folder
from repomap.parsing.grammars import grammar_versions
from repomap.ranking.index_data import IndexData, kind_weights

SIZE_LIMIT = 2 << 30
"""Bytes of all snapshots together; beyond them those that were written first go first."""

Array = npt.NDArray[Any]
Arrays = dict[str, Array]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What an index knows, and of which files."""

    index_data: IndexData
    stat: npt.NDArray[np.int64]
    """By file: size, mtime, ctime (both in ns) and inode when it was listed."""
    digest: npt.NDArray[np.uint8]
    """By file: 16 bytes, the digest of its content; zeros where it was not read."""
    failure: npt.NDArray[np.uint8]
    """By file: why its parser died, as a number of the caller's; 0 where none did."""
    listed_ns: int
    """When the files were listed."""
    commit: str | None
    """HEAD when the history was read."""


@dataclass(frozen=True, slots=True, eq=False)
class Log(Sequence[tuple[str, Sequence[str]]]):
    """Commits as (subject, touched paths), newest first, made when they are asked for."""

    subjects: Texts
    names: Texts
    start: npt.NDArray[Any]
    touched: npt.NDArray[Any]
    """Numbers of names; those of commit c from `start[c]` on."""

    @classmethod
    def of(cls, commits: Sequence[tuple[str, Sequence[str]]]) -> "Log":
        if isinstance(commits, Log):
            return commits
        numbers: dict[str, int] = {}
        touched = [numbers.setdefault(path, len(numbers)) for _, paths in commits for path in paths]
        sizes = [len(paths) for _, paths in commits]
        return cls(
            Texts.of(subject for subject, _ in commits),
            Texts.of(numbers),
            np.cumsum([0, *sizes]),
            np.array(touched, np.int64),
        )

    def __len__(self) -> int:
        return len(self.subjects)

    @overload
    def __getitem__(self, place: int) -> tuple[str, Sequence[str]]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[str, Sequence[str]]]: ...
    def __getitem__(self, place: "int | slice") -> Any:
        return list(self)[place]

    def __iter__(self) -> Iterator[tuple[str, Sequence[str]]]:
        names, touched = list(self.names), self.touched.tolist()
        for subject, (start, end) in zip(self.subjects, pairwise(self.start.tolist()), strict=True):
            yield subject, tuple(names[number] for number in touched[start:end])


class Snapshots:
    """The user's snapshots. No method raises: what cannot be read or written is not there."""

    def __init__(self, folder: Path | None = None, size_limit: int = SIZE_LIMIT) -> None:
        self.folder = folder or user_folder("indexes")
        self.size_limit = size_limit

    def load(self, root: Path, settings: str) -> State | None:
        """What is known of a folder, as it was read with these settings."""
        try:
            own_folder(self.folder, create=False)
            head, arrays = array_file.read(self._path(root, settings))
            return _state(head, arrays) if head.get("key") == _key(root, settings) else None
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return None

    def save(self, root: Path, settings: str, state: State) -> None:
        """Put this in the place of what was known of a folder."""
        with contextlib.suppress(OSError):
            own_folder(self.folder)
            head, arrays = _parts(state)
            head["key"] = _key(root, settings)
            array_file.write(self._path(root, settings), head, arrays, _ENCODINGS)
            self._evict()

    def size(self) -> int:
        """Bytes of all snapshots."""
        return sum(size for _, size, _ in self._files())

    def clear(self) -> None:
        """Remove all of them."""
        for _, _, path in self._files():
            with contextlib.suppress(OSError):
                path.unlink()

    def _path(self, root: Path, settings: str) -> Path:
        return self.folder / index_name(root, settings)

    def _files(self) -> list[tuple[int, int, Path]]:
        """Time of writing in ns, size in bytes and path of each, the oldest first."""
        found = []
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime_ns, status.st_size, Path(entry.path)))
        return sorted(found)

    def _evict(self) -> None:
        files = self._files()
        total = sum(size for _, size, _ in files)
        for _, size, path in files[:-1]:
            if total <= self.size_limit:
                return
            path.unlink(missing_ok=True)
            total -= size


def _key(root: Path, settings: str) -> list[str]:
    """What a snapshot must have been made of to be of use."""
    where = os.path.realpath(root).encode("utf-8", "surrogateescape").hex()
    return [where, settings, _program_version()]


@functools.cache
def _program_version() -> str:
    """A digest of this package's code and queries, and of the grammars: all that decides what is known."""
    package = str(Path(__file__).parents[1])
    seen = blake2b(grammar_versions().encode(), digest_size=16)
    for folder, folders, names in os.walk(package):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".py", ".scm")):
                path = os.path.join(folder, name)
                seen.update(os.path.relpath(path, package).encode() + b"\0" + Path(path).read_bytes() + b"\0")
    return seen.hexdigest()


def _parts(state: State) -> tuple[dict[str, Any], Arrays]:
    """A state as JSON and arrays."""
    index_data = state.index_data
    corpus, uses, log = index_data.corpus, index_data.corpus.inverted_index, Log.of(index_data.commits)
    tables = {name: sorted(set(column)) for name, column in _labels(index_data).items()}
    head = {
        "listed_ns": state.listed_ns,
        "commit": state.commit,
        "tables": tables,
        "consulted": sorted(index_data.consulted),
        "in_order": uses.in_order,
    }
    arrays: Arrays = {"stat": state.stat, "digest": state.digest, "failure": state.failure}
    for name, column in _labels(index_data).items():
        numbers = {label: number for number, label in enumerate(tables[name])}
        arrays[name] = np.fromiter(map(numbers.__getitem__, column), np.int32, len(column))
    for name, texts in _texts(corpus, log).items():
        arrays[f"{name} block"], arrays[f"{name} start"] = texts.whole_block(), texts.start
    _pack_signatures(arrays)
    for name in _PLAIN:
        arrays[name] = getattr(corpus, name)
    for name in _LISTS:
        arrays[f"uses {name}"] = getattr(uses.lists, name)
    if not uses.in_order:
        arrays |= {f"later {name}": column for name, column in uses.later._asdict().items()}
        arrays |= {"slot_doc": uses.slot_doc, "doc_slot": corpus.doc_slot}
    arrays |= {f"mentions {name}": getattr(index_data.mentions, name) for name in _MENTIONS}
    graph = index_data.graph
    arrays |= {"graph source": graph.source, "graph target": graph.target}
    arrays["graph grains"] = np.round(graph.weight / GRAIN).astype(np.int64)
    arrays |= {"imported": index_data.imported, "centrality": index_data.centrality, "flow": index_data.flow}
    arrays |= {"log start": log.start, "log touched": log.touched}
    return head, {name: _narrowed(array) for name, array in arrays.items()}


_PLAIN = ("lines", "doc_start", "doc_name", "doc_kind", "doc_parent", "doc_span", "doc_length")
_MENTIONS = ("word_id", "source", "target", "weight")
_LISTS = ("start", "gap_start", "gaps", "counts", "large", "large_counts")
_ENCODINGS: Mapping[str, array_file.Encoding] = {
    **dict.fromkeys(("words start", "uses start", "uses gap_start", "signatures start"), "differences"),
    **dict.fromkeys(("owners start", "mentions word_id", "mentions source", "imported"), "differences"),
    **dict.fromkeys(("graph source", "graph target"), "differences"),
    **dict.fromkeys(("uses gaps", "uses counts", "signatures parts", "words block"), "raw"),
}
"""Arrays whose differences are small, and those that are compact as they are."""


def _pack_signatures(arrays: Arrays) -> None:
    """Puts long signatures into parts: a map shows a few dozen of a million."""
    block = arrays["signatures block"]
    if block.nbytes >= array_file.MIN_PACKED_BYTES:
        parts = PackedBytes.of(block)
        del arrays["signatures block"]
        arrays |= {"signatures parts": parts.packed, "signatures part start": parts.start}
        arrays["signatures size"] = np.array([parts.size])


def _labels(index_data: IndexData) -> dict[str, Sequence[str]]:
    return {
        "languages": index_data.corpus.languages,
        "skipped": index_data.corpus.skipped,
        "kinds": index_data.kinds,
    }


def _texts(corpus: Corpus, log: Log) -> dict[str, Texts]:
    return {
        "paths": Texts.of(corpus.paths),
        "imports": corpus.imports.texts,
        "signatures": corpus.signatures,
        "owners": corpus.owners,
        "words": corpus.words.first,
        "later words": corpus.words.later,
        "subjects": log.subjects,
        "names": log.names,
    }


def _narrowed(array: Array) -> Array:
    """The same numbers in the smallest signed type that holds them."""
    if array.dtype.kind != "i" or not array.size:
        return array
    low, high = int(array.min()), int(array.max())
    kind = next(kind for kind in (np.int8, np.int16, np.int32, np.int64) if _fits(low, high, kind))
    return array.astype(kind, copy=False)


def _fits(low: int, high: int, kind: type[Any]) -> bool:
    bounds = np.iinfo(kind)
    return bool(bounds.min <= low and high <= bounds.max)


def _block(arrays: Mapping[str, Array], name: str) -> "npt.NDArray[np.uint8] | PackedBytes":
    if f"{name} parts" not in arrays:
        return arrays[f"{name} block"]
    size = int(arrays[f"{name} size"][0])
    return PackedBytes(arrays[f"{name} parts"], arrays[f"{name} part start"], size)


@dataclass(frozen=True, slots=True)
class _Stored:
    """The parts of a snapshot, by name."""

    head: dict[str, Any]
    arrays: Mapping[str, Array]

    def texts(self, name: str) -> Texts:
        return Texts(_block(self.arrays, name), self.arrays[f"{name} start"])

    def labels(self, name: str) -> tuple[str, ...]:
        return tuple(map(self.head["tables"][name].__getitem__, self.arrays[name].tolist()))

    def ints(self, name: str) -> npt.NDArray[np.int32]:
        return self.arrays[name].astype(np.int32, copy=False)


def _state(head: dict[str, Any], arrays: Mapping[str, Array]) -> State:
    """The state that `_parts` took apart. Raises ValueError, KeyError or TypeError for anything else."""
    index_data = _index_data_from(_Stored(head, arrays))
    listed_ns, commit = int(head["listed_ns"]), head["commit"]
    return State(index_data, arrays["stat"], arrays["digest"], arrays["failure"], listed_ns, commit)


def _index_data_from(stored: _Stored) -> IndexData:
    arrays, texts = stored.arrays, stored.texts
    corpus, kinds = _corpus(stored), stored.labels("kinds")
    return IndexData(
        corpus=corpus,
        load_mentions=lambda: Mentions(*(arrays[f"mentions {name}"] for name in _MENTIONS)),
        load_graph=lambda: _graph(stored, len(corpus.paths)),
        load_flow=lambda: arrays["flow"],
        kinds=kinds,
        kind_weight=kind_weights(kinds),
        centrality=arrays["centrality"],
        commits=Log(texts("subjects"), texts("names"), arrays["log start"], arrays["log touched"]),
        imported=arrays["imported"].astype(np.int64, copy=False),
        consulted=frozenset(stored.head["consulted"]),
    )


def _graph(stored: _Stored, files: int) -> FileGraph:
    grains = stored.arrays["graph grains"] * GRAIN
    return FileGraph(files, stored.ints("graph source"), stored.ints("graph target"), grains)


def _corpus(stored: _Stored) -> Corpus:
    arrays, ints, texts = stored.arrays, stored.ints, stored.texts
    doc_start = ints("doc_start")
    sizes = np.diff(doc_start)
    inverted_index, doc_slot = _inverted_index(stored, int(doc_start[-1]))
    return Corpus(
        paths=tuple(texts("paths")),
        languages=stored.labels("languages"),
        skipped=stored.labels("skipped"),
        lines=ints("lines"),
        imports=ImportTable(texts("imports")),
        doc_start=doc_start,
        doc_file=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        doc_name=ints("doc_name"),
        doc_kind=arrays["doc_kind"],
        doc_parent=ints("doc_parent"),
        doc_span=arrays["doc_span"],
        doc_length=ints("doc_length"),
        doc_slot=doc_slot,
        signatures=texts("signatures"),
        owners=texts("owners"),
        words=WordTable(texts("words"), texts("later words")),
        inverted_index=inverted_index,
    )


def _inverted_index(stored: _Stored, doc_count: int) -> tuple[InvertedIndex, IntsByDoc]:
    """Return the inverted index and the slot of each document.

    A slot is the doc id unless a file has changed since all were read together.
    """
    arrays, ints = stored.arrays, stored.ints
    lists = PostingLists(**{name: arrays[f"uses {name}"] for name in _LISTS})
    if stored.head["in_order"]:
        slots = np.arange(doc_count, dtype=np.int32)
        return InvertedIndex(lists, Uses.empty(), slots, in_order=True), slots
    later = Uses(ints("later word_id"), ints("later slot"), arrays["later code"], arrays["later prose"])
    return InvertedIndex(lists, later, ints("slot_doc"), in_order=False), ints("doc_slot")

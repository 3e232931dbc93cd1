"""Saves a whole index in one file, so that the next run starts where this one ended.

The content cache (`tags_cache.py`) saves parsing; a snapshot saves everything else: decoding tags,
numbering words, resolving and ranking. It belongs to one folder as one version of the program read it,
and is only ever a shortcut: what it says about a file counts as long as the file's stat data are the
same, and a snapshot with anything wrong is ignored.
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
"""Bytes of all snapshots together; beyond this, the oldest are removed."""

Array = npt.NDArray[Any]
Arrays = dict[str, Array]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SavedIndex:
    """An index, and the state of the files that it describes."""

    index_data: IndexData
    stat: npt.NDArray[np.int64]
    """By file, four columns: size in bytes, mtime and ctime in ns, inode."""
    digest: npt.NDArray[np.uint8]
    """By file: the 16 bytes of its content's digest; zeros if it was not read."""
    failure: npt.NDArray[np.uint8]
    """By file: why its parser died, as `KnownFiles.failure` has it; 0 if it did not."""
    listed_ns: int
    """When the listing of the files was started."""
    commit: str | None
    """HEAD when the history was read."""


@dataclass(frozen=True, slots=True, eq=False)
class CommitLog(Sequence[tuple[str, Sequence[str]]]):
    """Commits as (subject, touched paths), newest first, decoded when they are asked for."""

    subjects: Texts
    """By commit."""
    paths: Texts
    """Every distinct path, those of the newest commits first."""
    start: npt.NDArray[Any]
    """By commit: its first element in `touched`; one more for the end of the last."""
    touched: npt.NDArray[Any]
    """Indexes into `paths`."""

    @classmethod
    def of(cls, commits: Sequence[tuple[str, Sequence[str]]]) -> "CommitLog":
        """Pack commits; packed ones are returned as they are."""
        if isinstance(commits, CommitLog):
            return commits
        path_indexes: dict[str, int] = {}
        touched = [path_indexes.setdefault(path, len(path_indexes)) for _, paths in commits for path in paths]
        sizes = [len(paths) for _, paths in commits]
        return cls(
            Texts.of(subject for subject, _ in commits),
            Texts.of(path_indexes),
            np.cumsum([0, *sizes]),
            np.array(touched, np.int64),
        )

    def __len__(self) -> int:
        return len(self.subjects)

    @overload
    def __getitem__(self, index: int) -> tuple[str, Sequence[str]]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[str, Sequence[str]]]: ...
    def __getitem__(self, index: "int | slice") -> Any:
        return list(self)[index]

    def __iter__(self) -> Iterator[tuple[str, Sequence[str]]]:
        touched = tuple(map(list(self.paths).__getitem__, self.touched.tolist()))
        for subject, (start, end) in zip(self.subjects, pairwise(self.start.tolist()), strict=True):
            yield subject, touched[start:end]


class Snapshots:
    """The user's snapshots. No method raises: one that cannot be read or written counts as missing."""

    def __init__(self, folder: Path | None = None, size_limit: int = SIZE_LIMIT) -> None:
        self.folder = folder or user_folder("indexes")
        self.size_limit = size_limit

    def load(self, root: Path, settings: str) -> SavedIndex | None:
        """Load the snapshot of a folder that was read with these settings; None if there is none."""
        try:
            own_folder(self.folder, create=False)
            head, arrays = array_file.read(self._path(root, settings))
            return _saved_index(head, arrays) if head.get("key") == _key(root, settings) else None
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return None

    def save(self, root: Path, settings: str, saved: SavedIndex) -> None:
        """Replace the snapshot of a folder."""
        with contextlib.suppress(OSError):
            own_folder(self.folder)
            head, arrays = _head_and_arrays(saved)
            head["key"] = _key(root, settings)
            array_file.write(self._path(root, settings), head, arrays, _ENCODINGS)
            self._evict()

    def size(self) -> int:
        """Return the bytes of all snapshots."""
        return sum(size for _, size, _ in self._files())

    def clear(self) -> None:
        """Remove all snapshots."""
        for _, _, path in self._files():
            with contextlib.suppress(OSError):
                path.unlink()

    def _path(self, root: Path, settings: str) -> Path:
        return self.folder / index_name(root, settings)

    def _files(self) -> list[tuple[int, int, Path]]:
        """List the snapshots, oldest first: time of writing in ns, size in bytes, path."""
        files = []
        with contextlib.suppress(OSError):
            own_folder(self.folder, create=False)
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    files.append((status.st_mtime_ns, status.st_size, Path(entry.path)))
        return sorted(files)

    def _evict(self) -> None:
        files = self._files()
        total = sum(size for _, size, _ in files)
        for _, size, path in files[:-1]:
            if total <= self.size_limit:
                return
            path.unlink(missing_ok=True)
            total -= size


def _key(root: Path, settings: str) -> list[str]:
    """Return what a snapshot has to agree with to be used."""
    real_root = os.path.realpath(root).encode("utf-8", "surrogateescape").hex()
    return [real_root, settings, _program_version()]


@functools.cache
def _program_version() -> str:
    """Digest everything that decides what an index contains: code, queries and grammars."""
    package = str(Path(__file__).parents[1])
    digest = blake2b(grammar_versions().encode(), digest_size=16)
    for folder, folders, names in os.walk(package):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".py", ".scm")):
                with open(os.path.join(folder, name), "rb", buffering=0) as file:
                    digest.update(f"{folder[len(package) :]}/{name}\0".encode() + file.read() + b"\0")
    return digest.hexdigest()


def _head_and_arrays(saved: SavedIndex) -> tuple[dict[str, Any], Arrays]:
    """Take an index apart into JSON and named arrays."""
    index_data, log = saved.index_data, CommitLog.of(saved.index_data.commits)
    tables = {name: sorted(set(column)) for name, column in _labels(index_data).items()}
    head = {
        "listed_ns": saved.listed_ns,
        "commit": saved.commit,
        "tables": tables,
        "consulted": sorted(index_data.consulted),
        "in_order": index_data.corpus.inverted_index.in_order,
    }
    arrays: Arrays = {"stat": saved.stat, "digest": saved.digest, "failure": saved.failure}
    for name, column in _labels(index_data).items():
        codes = {label: code for code, label in enumerate(tables[name])}
        arrays[name] = np.fromiter(map(codes.__getitem__, column), np.int32, len(column))
    arrays |= _arrays_of_corpus(index_data.corpus, log)
    arrays |= _arrays_of_graph(index_data)
    arrays |= {"log start": log.start, "log touched": log.touched}
    return head, {name: _narrowed(array) for name, array in arrays.items()}


def _arrays_of_corpus(corpus: Corpus, log: CommitLog) -> Arrays:
    arrays: Arrays = {}
    inverted_index = corpus.inverted_index
    for name, texts in _texts(corpus, log).items():
        arrays[f"{name} block"], arrays[f"{name} start"] = texts.whole_block(), texts.start
    _pack_signatures(arrays)
    for name in _PLAIN:
        arrays[name] = getattr(corpus, name)
    for name in _LISTS:
        arrays[f"uses {name}"] = getattr(inverted_index.lists, name)
    if not inverted_index.in_order:
        arrays |= {f"later {name}": column for name, column in inverted_index.later._asdict().items()}
        arrays |= {"slot_doc": inverted_index.slot_doc, "doc_slot": corpus.doc_slot}
    return arrays


def _arrays_of_graph(index_data: IndexData) -> Arrays:
    graph = index_data.graph
    arrays: Arrays = {f"mentions {name}": getattr(index_data.mentions, name) for name in _MENTIONS}
    arrays |= {"graph source": graph.source, "graph target": graph.target}
    arrays["graph grains"] = np.round(graph.weight / GRAIN).astype(np.int64)
    return arrays | {
        "imported": index_data.imported,
        "centrality": index_data.centrality,
        "usage": index_data.usage,
        "active usage": index_data.active_usage,
    }


_PLAIN = ("lines", "doc_start", "doc_name", "doc_kind", "doc_parent", "doc_span", "doc_length")
_MENTIONS = ("word_id", "source", "target", "weight")
_LISTS = ("start", "gap_start", "gaps", "counts", "large", "large_counts")
_ENCODINGS: Mapping[str, array_file.Encoding] = {
    **dict.fromkeys(("words start", "uses start", "uses gap_start", "signatures start"), "differences"),
    **dict.fromkeys(("owners start", "mentions word_id", "mentions source", "imported"), "differences"),
    **dict.fromkeys(("graph source", "graph target"), "differences"),
    **dict.fromkeys(("uses gaps", "uses counts", "signatures parts", "words block"), "raw"),
}
"""Arrays with small differences, and arrays that compress too little to be worth it."""


def _pack_signatures(arrays: Arrays) -> None:
    """Pack long signatures in parts, since a map shows a few dozen of a million."""
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


def _texts(corpus: Corpus, log: CommitLog) -> dict[str, Texts]:
    return {
        "paths": Texts.of(corpus.paths),
        "imports": corpus.imports.texts,
        "signatures": corpus.signatures,
        "owners": corpus.owners,
        "words": corpus.words.first,
        "later words": corpus.words.later,
        "subjects": log.subjects,
        "log paths": log.paths,
    }


def _narrowed(array: Array) -> Array:
    """Convert integers to the smallest signed type that holds them all."""
    if array.dtype.kind != "i" or not array.size:
        return array
    low, high = int(array.min()), int(array.max())
    dtype = next(dtype for dtype in (np.int8, np.int16, np.int32, np.int64) if _fits(low, high, dtype))
    return array.astype(dtype, copy=False)


def _fits(low: int, high: int, dtype: type[Any]) -> bool:
    bounds = np.iinfo(dtype)
    return bool(bounds.min <= low and high <= bounds.max)


def _block(arrays: Mapping[str, Array], name: str) -> "npt.NDArray[np.uint8] | PackedBytes":
    if f"{name} parts" not in arrays:
        return arrays[f"{name} block"]
    size = int(arrays[f"{name} size"][0])
    return PackedBytes(arrays[f"{name} parts"], arrays[f"{name} part start"], size)


@dataclass(frozen=True, slots=True)
class _Stored:
    """The head and the arrays of a snapshot, with the types that the index needs."""

    head: dict[str, Any]
    arrays: Mapping[str, Array]

    def texts(self, name: str) -> Texts:
        return Texts(_block(self.arrays, name), self.arrays[f"{name} start"])

    def labels(self, name: str) -> tuple[str, ...]:
        return tuple(map(self.head["tables"][name].__getitem__, self.arrays[name].tolist()))

    def ints(self, name: str) -> npt.NDArray[np.int32]:
        return self.arrays[name].astype(np.int32, copy=False)


def _saved_index(head: dict[str, Any], arrays: Mapping[str, Array]) -> SavedIndex:
    """Put together what `_head_and_arrays` took apart.

    Raises ValueError, KeyError or TypeError for anything else.
    """
    return SavedIndex(
        index_data=_index_data(_Stored(head, arrays)),
        stat=arrays["stat"],
        digest=arrays["digest"],
        failure=arrays["failure"],
        listed_ns=int(head["listed_ns"]),
        commit=head["commit"],
    )


def _index_data(stored: _Stored) -> IndexData:
    arrays, texts = stored.arrays, stored.texts
    corpus, kinds = _corpus(stored), stored.labels("kinds")
    return IndexData(
        corpus=corpus,
        load_mentions=lambda: Mentions(*(arrays[f"mentions {name}"] for name in _MENTIONS)),
        load_graph=lambda: _graph(stored, len(corpus.paths)),
        load_usage=lambda: arrays["usage"],
        load_active_usage=lambda: arrays["active usage"],
        kinds=kinds,
        kind_weight=kind_weights(kinds),
        centrality=arrays["centrality"],
        commits=CommitLog(texts("subjects"), texts("log paths"), arrays["log start"], arrays["log touched"]),
        imported=arrays["imported"].astype(np.int64, copy=False),
        consulted=frozenset(stored.head["consulted"]),
    )


def _graph(stored: _Stored, file_count: int) -> FileGraph:
    weight = stored.arrays["graph grains"] * GRAIN
    return FileGraph(file_count, stored.ints("graph source"), stored.ints("graph target"), weight)


def _corpus(stored: _Stored) -> Corpus:
    arrays, ints, texts = stored.arrays, stored.ints, stored.texts
    doc_start = ints("doc_start")
    doc_counts = np.diff(doc_start)
    inverted_index, doc_slot = _inverted_index(stored, int(doc_start[-1]))
    return Corpus(
        paths=tuple(texts("paths")),
        languages=stored.labels("languages"),
        skipped=stored.labels("skipped"),
        lines=ints("lines"),
        imports=ImportTable(texts("imports")),
        doc_start=doc_start,
        doc_file=np.repeat(np.arange(len(doc_counts), dtype=np.int32), doc_counts),
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

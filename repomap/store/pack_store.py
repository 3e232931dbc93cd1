"""A folder or bucket full of packs, as a store of entries.

One listing tells which packs there are; their tables, which never change, are kept in a folder of this machine. So it
is known without a further request what is there, and what is needed of a pack comes in a few large pieces. Writers need
no lock: packs have distinct names, and two with the same entries do no harm.
"""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from repomap.safety.whole_file import write_whole
from repomap.store.pack import Table, make_pack, read_table, sound_entries, table_bytes
from repomap.store.place import Place, Range
from repomap.store.port import Entry

PACK_BYTES, PACK_ENTRIES = 8_000_000, 8192
"""A pack is written when this much has come in; the rest by `flush`."""
GAP_BYTES = 128_000
"""What lies between two wanted entries is read along if it is shorter: a request would take longer."""
RELOAD_S = 30.0
"""How long a listing counts: what others write meanwhile is found then."""
SMALL_BYTES, MANY_SMALL = 1_000_000, 64
"""When there are this many small packs, they are made one."""

Result = TypeVar("Result")


class _Wanted(NamedTuple):
    """One entry that is to be read."""

    pack: int
    start: int
    end: int
    row: int


@dataclass(frozen=True, slots=True, eq=False)
class _Index:
    """All entries of all packs; the columns have a row for each entry, in the order of the keys."""

    names: tuple[str, ...]
    tables: tuple[Table, ...]
    keys: npt.NDArray[Any]
    pack: npt.NDArray[np.int32]
    row: npt.NDArray[np.int32]
    """In the table of its pack."""

    @classmethod
    def of(cls, tables: dict[str, Table]) -> "_Index":
        packs = tuple(tables.values())
        keys = np.concatenate([np.zeros(0, "S16"), *(table.keys for table in packs)])
        pack = np.repeat(np.arange(len(packs), dtype=np.int32), [len(table.keys) for table in packs])
        row = np.concatenate([np.zeros(0, np.int32), *(np.arange(len(table.keys)) for table in packs)])
        order = np.argsort(keys, kind="stable")
        return cls(tuple(tables), packs, keys[order], pack[order], row[order].astype(np.int32))

    def find(self, keys: Sequence[bytes]) -> Iterator[_Wanted]:
        """Yield where those of the keys are that are there."""
        if not len(self.keys) or not keys:
            return
        sought = np.array(keys, "S16")
        places = np.minimum(np.searchsorted(self.keys, sought), len(self.keys) - 1)
        for place in places[self.keys[places] == sought].tolist():
            pack, row = int(self.pack[place]), int(self.row[place])
            start = self.tables[pack].start
            yield _Wanted(pack, int(start[row]), int(start[row + 1]), row)


class PackStore:
    """The packs in a place. After its first trouble it is left alone: everything is missing, nothing is written."""

    def __init__(self, place: Place, tables: Path) -> None:
        """``tables`` is the folder in which the tables of its packs are kept."""
        self.place = place
        self._tables = tables
        self._loaded_tables: dict[str, Table] = {}
        self._index: _Index | None = None
        self._listed_s = 0.0
        """Monotonic time of the last listing."""
        self._taken: dict[bytes, bytes] = {}
        """What is not written yet."""
        self._taken_bytes = 0
        self._written: set[bytes] = set()
        self._trouble = ""
        self._is_said = False

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the entries of these keys, without those that are missing or damaged."""
        return self._attempt(lambda: dict(self._read(keys)), {})

    def put_many(self, entries: Sequence[Entry]) -> None:
        """Take entries that are not there; they are written as a pack is full."""
        keys = [key for key, _ in entries]
        known = self._attempt(lambda: self._known(keys), set(keys))
        for key, data in entries:
            if key not in known and key not in self._taken:
                self._taken[key] = data
                self._taken_bytes += len(data)
        if self._taken_bytes > PACK_BYTES or len(self._taken) > PACK_ENTRIES:
            self._write()

    def flush(self) -> None:
        """Write what was taken, and make many small packs one."""
        self._write()
        self._attempt(self._merge, None)

    def take_warnings(self) -> list[str]:
        """Return why the store is left alone, once."""
        if not self._trouble or self._is_said:
            return []
        self._is_said = True
        return [
            f"The store {self.place.shown} cannot be used, so nothing more is looked up or kept there: {self._trouble}"
        ]

    def _attempt(self, act: Callable[[], Result], default: Result) -> Result:
        if self._trouble:
            return default
        try:
            return act()
        except Exception as error:  # each backend of fsspec has its own
            self._trouble = self.place.say(error)
            return default

    def _known(self, keys: Sequence[bytes]) -> set[bytes]:
        index = self._loaded()
        found = {index.tables[wanted.pack].key(wanted.row) for wanted in index.find(keys)}
        return found | self._written.intersection(keys)

    def _read(self, keys: Sequence[bytes]) -> Iterator[Entry]:
        """Yield the sound entries; several reads at a time, each of them of neighbours."""
        index = self._loaded()
        spans = list(_spans(sorted(index.find(keys))))
        ranges: list[Range] = [(index.names[span[0].pack], span[0].start, span[-1].end) for span in spans]
        asked = set(keys)
        for span, part in zip(spans, self.place.read_ranges(ranges), strict=True):
            for wanted in span:
                data = (part or b"")[wanted.start - span[0].start : wanted.end - span[0].start]
                entry = index.tables[wanted.pack].entry(wanted.row, data)
                if entry and entry[0] in asked:
                    yield entry

    def _loaded(self) -> _Index:
        if self._index is None or time.monotonic() - self._listed_s > RELOAD_S:
            tables = self._load_tables(self.place.sizes())
            if self._index is None or tables.keys() != self._loaded_tables.keys():
                self._index = _Index.of(tables)
            self._loaded_tables, self._listed_s = tables, time.monotonic()
        return self._index

    def _load_tables(self, sizes: dict[str, int]) -> dict[str, Table]:
        """Read the tables of the packs that are there; a pack whose table is damaged counts as missing."""
        tables = {name: self._loaded_tables[name] for name in sizes if name in self._loaded_tables}
        names = sorted(name for name in sizes if table_bytes(name) and name not in tables)
        kept = {name: data for name in names if (data := self._kept_table(name))}
        missing = [name for name in names if name not in kept]
        ranges: list[Range] = [(name, 0, table_bytes(name) or 0) for name in missing]
        fetched = dict(zip(missing, self.place.read_ranges(ranges), strict=True))
        for name in names:
            with contextlib.suppress(ValueError):
                tables[name] = read_table(kept.get(name) or fetched.get(name) or b"", name)
                if name not in kept:
                    self._keep_table(name, fetched[name] or b"")
        return tables

    def _kept_table(self, name: str) -> bytes | None:
        with contextlib.suppress(OSError):
            return (self._tables / name).read_bytes()
        return None

    def _keep_table(self, name: str, data: bytes) -> None:
        if not self.place.is_local:
            with contextlib.suppress(OSError):
                write_whole(self._tables / name, data)

    def _write(self) -> None:
        entries, self._taken, self._taken_bytes = list(self._taken.items()), {}, 0
        if entries:
            self._attempt(lambda: self.place.write(*make_pack(entries)), None)
            self._written.update(key for key, _ in entries)

    def _merge(self) -> None:
        """Make many small packs one, which is written before they go: who reads meanwhile finds either."""
        sizes = self.place.sizes()
        small = sorted(name for name, size in sizes.items() if table_bytes(name) and size < SMALL_BYTES)
        if len(small) < MANY_SMALL:
            return
        parts = self.place.read_ranges([(name, 0, sizes[name]) for name in small])
        read = {name: part for name, part in zip(small, parts, strict=True) if part is not None}
        entries: dict[bytes, bytes] = {}
        for name, part in read.items():
            with contextlib.suppress(ValueError):
                entries |= dict(sound_entries(part, name))
        merged, data = make_pack(list(entries.items()))
        self.place.write(merged, data)
        for name in read:
            if name != merged:
                with contextlib.suppress(FileNotFoundError):  # another run merges, too
                    self.place.remove(name)


def _spans(wanted: Iterable[_Wanted]) -> Iterator[list[_Wanted]]:
    """Group wanted entries, in order, into runs of one pack without large gaps."""
    for _, of_pack in groupby(wanted, key=lambda each: each.pack):
        span: list[_Wanted] = []
        for each in of_pack:
            if span and each.start - span[-1].end > GAP_BYTES:
                yield span
                span = []
            span.append(each)
        yield span

"""All entries of a repository in one file: written to a URL, and fetched from one.

A snapshot is a pack whose entries are in the order of their keys, so that the same files give the same bytes. It names
no files: an entry is used for whatever has the content that its key was made from. The SHA-256 of the file is printed
when it is made, and written beside it; whoever fetches it compares it with the one that he was given, or with the one
beside it. A snapshot with anything wrong is not used at all.
"""

import hashlib
import mmap
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from repomap.errors import NotWritten
from repomap.safety.printable import escaped
from repomap.store.pack import Table, make_pack, read_table
from repomap.store.place import Place
from repomap.store.port import Entry

_SHA256 = re.compile(r"[0-9a-f]{64}")


class _Refused(Exception):
    """The snapshot has another digest than it should, or none to compare with."""


@dataclass(frozen=True, slots=True)
class WrittenSnapshot:
    """A snapshot that was written."""

    url: str
    """Without secrets."""
    sha256: str
    entries: int
    size: int
    """In bytes."""


class SnapshotWriter:
    """Collects the entries of a repository; a `TagsStore` that has nothing."""

    def __init__(self, url: str) -> None:
        self._place, self._name = _place_of(url)
        self._entries: dict[bytes, bytes] = {}

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:  # noqa: ARG002
        """Return nothing."""
        return {}

    def put_many(self, entries: Sequence[Entry]) -> None:
        """Collect entries."""
        self._entries.update(entries)

    def flush(self) -> None:
        """Do nothing: a snapshot is written as a whole."""

    def take_warnings(self) -> list[str]:
        """Return nothing."""
        return []

    def write(self) -> WrittenSnapshot:
        """Write the snapshot, and its digest beside it. Raises NotWritten."""
        _, data = make_pack(sorted(self._entries.items()))
        digest = hashlib.sha256(data).hexdigest()
        url = f"{self._place.shown}/{_shown(self._name)}"
        try:
            self._place.write(self._name, data)
            self._place.write(_beside(self._name), f"{digest}\n".encode())
        except Exception as error:  # each backend of fsspec has its own
            raise NotWritten(
                f"The snapshot {url} cannot be written: {self._place.say(error)}. Everything is indexed all the same."
            ) from error
        return WrittenSnapshot(url, digest, len(self._entries), len(data))


class FetchedSnapshot:
    """The entries of a snapshot, which is fetched when it is first asked; a `TagsStore` that takes nothing."""

    def __init__(self, url: str, sha256: str = "") -> None:
        """``sha256`` is the digest it must have, in hexadecimal; without, the one beside it counts."""
        self._place, self._name = _place_of(url)
        self._sha256 = sha256.lower()
        self._pack: tuple[mmap.mmap, Table] | None = None
        self._row_of: dict[bytes, int] = {}
        self._is_fetched = False
        self._trouble = ""

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the entries of these keys, without those that are missing or damaged."""
        if not self._is_fetched:
            self._is_fetched = True
            self._fetch()
        rows = (self._row_of[key] for key in keys if key in self._row_of)
        return dict(entry for row in rows if (entry := self._entry(row)))

    def put_many(self, entries: Sequence[Entry]) -> None:
        """Take nothing."""

    def flush(self) -> None:
        """Do nothing."""

    def take_warnings(self) -> list[str]:
        """Return why the snapshot is not used, once."""
        trouble, self._trouble = self._trouble, ""
        if not trouble:
            return []
        return [
            f"The snapshot {self._place.shown}/{_shown(self._name)} is not used, so files are parsed instead: {trouble}"
        ]

    def _entry(self, row: int) -> Entry | None:
        if self._pack is None:
            return None
        data, table = self._pack
        return table.entry(row, data[table.start[row] : table.start[row + 1]])

    def _fetch(self) -> None:
        try:
            with tempfile.TemporaryFile() as file:
                self._fetch_into(file)
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._pack = (data, read_table(data))
            self._row_of = {self._pack[1].key(row): row for row in range(len(self._pack[1].keys))}
        except _Refused as refusal:
            self._trouble = str(refusal)
        except Exception as error:  # each backend of fsspec has its own
            self._trouble = self._place.say(error)

    def _fetch_into(self, file: IO[bytes]) -> None:
        """Fetch the snapshot. Raises _Refused where its digest is not as it should be."""
        expected = self._sha256 or self._digest_beside()
        digest = hashlib.sha256()
        for block in self._place.blocks(self._name):
            digest.update(block)
            file.write(block)
        file.flush()
        if digest.hexdigest() != expected:
            raise _Refused(f"its SHA-256 is {digest.hexdigest()}, and {expected} was expected.")

    def _digest_beside(self) -> str:
        """Read the digest that was written with the snapshot."""
        name = _beside(self._name)
        try:
            text = next(self._place.blocks(name), b"")[:100].decode("ascii", "replace")
        except Exception as error:
            raise _Refused(
                f"no digest was given, and {_shown(name)} beside it cannot be read ({self._place.say(error)}). "
                "Correct the URL, or give the digest."
            ) from error
        match = _SHA256.match(text)
        if match is None:
            raise _Refused(f"{_shown(name)} does not begin with a SHA-256.")
        return match[0]


def _place_of(url: str) -> tuple[Place, str]:
    """Split the URL of a file into its folder and its name; a query stays with the name."""
    path, mark, query = url.partition("?")
    folder, _, name = path.rpartition("/")
    return Place(folder or ("/" if path.startswith("/") else ".")), f"{name}{mark}{query}"


def _beside(name: str) -> str:
    path, mark, query = name.partition("?")
    return f"{path}.sha256{mark}{query}"


def _shown(name: str) -> str:
    return escaped(name.partition("?")[0])

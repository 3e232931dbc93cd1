"""[io] The files of a folder without git → snapshots in the user's state folder, and back.

What git does for a repository, in small: the bytes of a file are kept once, compressed, under their
digest; the files of a folder are a listing that is kept the same way; a snapshot names the listings.
A file whose stat data have not changed is not read again.
"""

import difflib
import io
import json
import os
import secrets
import stat
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from chat.errors import ChatError
from chat.model import RepoPath
from chat.snapshots.restore import (
    MOST_FILE_B,
    MOST_NEW_B,
    FileState,
    Restored,
    Snapshot,
    States,
    plan_restore,
    read_state,
    write_restored,
)
from repomap import escaped, write_whole

_COARSEST_NS = 2_000_000_000
"""Of the clocks of file systems; a file this young may change without its time changing."""
_MOST_TRIES = 100

_Row = tuple[str, bool, str]
"""(kind, executable, digest) of one file."""
_Stats = tuple[int, int, int, int]


class StoreCheckpoints:
    """The snapshots of one session of a folder."""

    def __init__(self, root: Path, folder: Path, paths: Callable[[], Iterable[RepoPath]]) -> None:
        """``folder`` is this session's own; ``paths`` lists the files below ``root`` that count."""
        self.root = root
        self._folder = folder
        self._paths = paths
        self._known: dict[RepoPath, tuple[_Stats, _Row]] | None = None
        self._left_out: list[RepoPath] = []

    def take(self, label: str) -> str:
        """Keeps the files as they are now; gives the snapshot's id. Raises ChatError."""
        try:
            listings: dict[str, dict[str, _Row]] = {}
            for path, row in self._rows():
                folder, _, name = path.rpartition("/")
                listings.setdefault(folder, {})[name] = row
            folders = {folder: self._keep(_json(listing)) for folder, listing in sorted(listings.items())}
            return self._number({"v": 1, "label": label, "time_s": time.time(), "folders": folders})
        except OSError as error:
            raise ChatError(
                f"{escaped(str(error.filename or self._folder))}: {error.strerror}; no snapshot was kept. "
                "Without one a turn cannot be undone."
            ) from error

    def read(self, snapshot: str, path: RepoPath) -> bytes | None:
        """The bytes that a file had, or None where it was not there; of a link, where it led."""
        state = self.states(snapshot, (path,))[path]
        return state.data if state else None

    def changed(self, before: str, after: str) -> tuple[RepoPath, ...]:
        """The paths in which two snapshots differ, sorted."""
        old, new = self._listings(before), self._listings(after)
        found = []
        for folder in old.keys() | new.keys():
            if old.get(folder) != new.get(folder):
                one, other = self._listing(old.get(folder)), self._listing(new.get(folder))
                names = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
                found += [f"{folder}/{name}" if folder else name for name in names]
        return tuple(sorted(found))

    def diff(self, before: str, after: str) -> str:
        """The unified diff from one snapshot to another."""
        paths = self.changed(before, after)
        old, new = self.states(before, paths), self.states(after, paths)
        return "".join(_diff(path, old[path], new[path]) for path in paths)

    def snapshots(self) -> tuple[Snapshot, ...]:
        """The session's snapshots, oldest first."""
        return tuple(
            Snapshot(int(name), name, str(kept["label"]), float(kept["time_s"]))
            for name in sorted(self._names(), key=int)
            for kept in [self._manifest(name)]
        )

    def restore(self, snapshot: str, paths: Sequence[RepoPath] | None, expected: str) -> Restored:
        """Makes files as they were in a snapshot, None being all that differ from ``expected``.

        A file that is not as in the snapshot ``expected`` is merged with what was done to it since, or
        NothingToUndo is raised and no file has changed.
        """
        return write_restored(self.root, plan_restore(self, self.root, snapshot, paths, expected))

    def prune(self, age_s: float, number: int) -> int:
        """Drops snapshots older than ``age_s`` and all but the newest ``number``; gives how many."""
        all_of_them = self.snapshots()
        oldest_s = time.time() - age_s
        kept = [each for each in all_of_them[max(len(all_of_them) - number, 0) :] if each.time_s >= oldest_s]
        gone = [each for each in all_of_them if each not in kept]
        for each in gone:
            (self._folder / "snapshots" / each.id).unlink(missing_ok=True)
        if gone:
            self._sweep()
        return len(gone)

    def states(self, snapshot: str, paths: Sequence[RepoPath]) -> States:
        """The paths as they were in a snapshot, None where they were not there."""
        folders = self._listings(snapshot)
        listings = {
            folder: self._listing(folders.get(folder)) for folder in {p.rpartition("/")[0] for p in paths}
        }
        rows = {path: listings[path.rpartition("/")[0]].get(path.rpartition("/")[2]) for path in paths}
        return {path: self._state(row) if row else None for path, row in rows.items()}

    def left_out(self, snapshot: str) -> frozenset[RepoPath]:
        """Files that were there and are not in the snapshot, because they are too large."""
        return frozenset(self._manifest(snapshot)["left_out"])

    def _rows(self) -> Iterator[tuple[RepoPath, _Row]]:
        """Each file that is there now, read where it is not known to be as it was."""
        known = self._load_known()
        now_ns = time.time_ns()
        fresh: dict[RepoPath, tuple[_Stats, _Row]] = {}
        new_b = 0
        self._left_out = []
        for path in sorted(self._paths()):
            stats = _stats(self.root / path)
            if stats is None:
                continue
            found = known.get(path)
            if found is None or found[0] != stats:
                new_b += stats[0]
                if stats[0] > MOST_FILE_B or new_b > MOST_NEW_B:
                    self._left_out.append(path)
                    continue
                row = self._read(path)
                if row is None:
                    continue
                found = (stats, row)
            if max(stats[1:3]) < now_ns - _COARSEST_NS:
                fresh[path] = found
            yield path, found[1]
        if fresh != known:
            self._known = fresh
            self._write(self._folder / "stats", _packed(fresh))

    def _read(self, path: RepoPath) -> _Row | None:
        state = read_state(self.root, path)
        if state is None or state.kind == "other":
            return None
        return state.kind, state.executable, self._keep(state.data)

    def _load_known(self) -> dict[RepoPath, tuple[_Stats, _Row]]:
        if self._known is None:
            self._known = {}
            with suppress(OSError, ValueError, zlib.error):
                rows = json.loads(zlib.decompress((self._folder / "stats").read_bytes()))
                self._known = {path: (tuple(stats), tuple(row)) for path, (stats, row) in rows.items()}
        return self._known

    def _keep(self, data: bytes) -> str:
        """Keeps bytes under their digest, once."""
        digest = sha256(data).hexdigest()
        target = self._folder / "blobs" / digest[:2] / digest[2:]
        if not target.exists():
            self._write(target, zlib.compress(data, 1))
        return digest

    def _blob(self, digest: str) -> bytes:
        try:
            data = zlib.decompress((self._folder / "blobs" / digest[:2] / digest[2:]).read_bytes())
        except (OSError, zlib.error) as error:
            raise ChatError(
                f"What the snapshot holds under {digest[:12]} cannot be read ({error})."
            ) from error
        if sha256(data).hexdigest() != digest:
            raise ChatError(
                f"What the snapshot holds under {digest[:12]} has been damaged; nothing was read."
            )
        return data

    def _state(self, row: _Row) -> FileState:
        return FileState(self._blob(row[2]), "link" if row[0] == "link" else "file", row[1])

    def _number(self, manifest: Mapping[str, object]) -> str:
        """Writes a snapshot under the next number that is free."""
        number = max(map(int, self._names()), default=0)
        data = _packed({**manifest, "left_out": self._left_out})
        spare = self._folder / "snapshots" / f".{secrets.token_hex(8)}"
        self._write(spare, data)
        for name in map(str, range(number + 1, number + _MOST_TRIES)):
            try:
                os.link(spare, spare.with_name(name))
            except FileExistsError:
                continue
            except (OSError, NotImplementedError):  # a file system without links
                spare.replace(spare.with_name(name))
            spare.unlink(missing_ok=True)
            return name
        raise ChatError("No free number was found for a snapshot, so none was kept.")

    def _names(self) -> list[str]:
        with suppress(FileNotFoundError):
            return [name for name in os.listdir(self._folder / "snapshots") if name.isdigit()]
        return []

    def _manifest(self, snapshot: str) -> dict[str, Any]:
        try:
            if not snapshot.isdigit():
                raise ValueError("no such snapshot")
            kept = json.loads(zlib.decompress((self._folder / "snapshots" / snapshot).read_bytes()))
        except (OSError, ValueError, zlib.error) as error:
            raise ChatError(f"Snapshot {escaped(snapshot)} cannot be read ({error}).") from error
        return dict(kept)

    def _listings(self, snapshot: str) -> dict[str, str]:
        return dict(self._manifest(snapshot)["folders"])

    def _listing(self, digest: str | None) -> dict[str, _Row]:
        rows = json.loads(self._blob(digest)) if digest else {}
        return {name: (kind, executable, blob) for name, (kind, executable, blob) in rows.items()}

    def _sweep(self) -> None:
        """Removes what no snapshot names any more."""
        listings = {digest for each in self.snapshots() for digest in self._listings(each.id).values()}
        named = listings | {row[2] for digest in listings for row in self._listing(digest).values()}
        for blob in (self._folder / "blobs").glob("*/*"):
            if blob.parent.name + blob.name not in named:
                blob.unlink(missing_ok=True)
        self._known = {path: row for path, row in self._load_known().items() if row[1][2] in named}
        self._write(self._folder / "stats", _packed(self._known))

    def _write(self, target: Path, data: bytes) -> None:
        write_whole(target, data)


def _json(value: object) -> bytes:
    """Equal values give equal bytes; names that are no text come back as they were."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _packed(value: object) -> bytes:
    return zlib.compress(_json(value), 1)


def _stats(full: Path) -> _Stats | None:
    """By which a file is known to be unchanged; None for what is no file or link."""
    try:
        found = os.lstat(full)
    except OSError:
        return None
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
        return None
    changed_ns = 0 if os.name == "nt" else found.st_ctime_ns  # of the mode too; there it is when it was made
    return found.st_size, found.st_mtime_ns, changed_ns, found.st_ino


def _diff(path: RepoPath, old: FileState | None, new: FileState | None) -> str:
    before, after = (state.data if state else b"" for state in (old, new))
    names = f"a/{path}" if old else "/dev/null", f"b/{path}" if new else "/dev/null"
    if b"\0" in before or b"\0" in after:
        return f"Binary files {names[0]} and {names[1]} differ\n"
    old_lines, new_lines = (list(io.StringIO(data.decode("utf-8", "replace"))) for data in (before, after))
    rows = difflib.unified_diff(old_lines, new_lines, *names)
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)

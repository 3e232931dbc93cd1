"""Snapshots of a folder without git, kept in the user's state folder.

The bytes of a file are kept once, compressed, under their digest; the files of a folder are a
listing that is kept the same way; a snapshot names the listings. A file whose stat data have not
changed is not read again. Touches the disk.
"""

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

from chat.display.diffs import unified_diff
from chat.errors import ChatError
from chat.model import RepoPath
from chat.snapshots.file_states import read_state
from chat.snapshots.store import MAX_FILE_BYTES, MAX_NEW_BYTES, FileState, Snapshot, States
from repomap import COARSE_TICK_NS, escaped, write_whole

_MAX_TRIES = 100

_Entry = tuple[str, bool, str]
"""(kind, executable, digest) of one file."""
_Listing = dict[str, _Entry]
"""The files of one folder, by name."""
_Stats = tuple[int, int, int, int]


class FileSnapshots:
    """The snapshots of one session of a folder; a `SnapshotStore`."""

    def __init__(self, root: Path, folder: Path, paths: Callable[[], Iterable[RepoPath]]) -> None:
        """``folder`` is this session's own; ``paths`` lists the files below ``root`` that count."""
        self.root = root
        self._folder = folder
        self._paths = paths
        self._known: dict[RepoPath, tuple[_Stats, _Entry]] | None = None
        self._left_out: list[RepoPath] = []

    def take(self, label: str) -> str:
        """Keep the files as they are now; return the snapshot's id. Raises ChatError."""
        try:
            listings: dict[str, _Listing] = {}
            for path, entry in self._current_entries():
                folder, _, name = path.rpartition("/")
                listings.setdefault(folder, {})[name] = entry
            folders = {folder: self._keep(_json(listing)) for folder, listing in sorted(listings.items())}
            manifest = {"v": 1, "label": label, "time_s": time.time(), "folders": folders}
            return self._write_manifest({**manifest, "left_out": self._left_out})
        except OSError as error:
            raise ChatError(
                f"{escaped(str(error.filename or self._folder))}: {error.strerror}. No snapshot was taken, "
                "and without one a turn cannot be undone."
            ) from error

    def read(self, snapshot: str, path: RepoPath) -> bytes | None:
        """Return the bytes that a file had, or None where it was not there."""
        state = self.states(snapshot, (path,))[path]
        return state.data if state else None

    def states(self, snapshot: str, paths: Sequence[RepoPath]) -> States:
        """Return what the paths were in a snapshot."""
        digests = self._folders(snapshot)
        split = {path: path.rpartition("/")[::2] for path in paths}
        listings = {folder: self._listing(digests.get(folder)) for folder, _ in split.values()}
        entries = {path: listings[folder].get(name) for path, (folder, name) in split.items()}
        return {path: self._state(entry) if entry else None for path, entry in entries.items()}

    def changed(self, before: str, after: str) -> tuple[RepoPath, ...]:
        """Return the paths in which two snapshots differ, sorted."""
        old, new = self._folders(before), self._folders(after)
        changed = []
        for folder in old.keys() | new.keys():
            if old.get(folder) != new.get(folder):
                was, is_now = self._listing(old.get(folder)), self._listing(new.get(folder))
                names = {name for name in was.keys() | is_now.keys() if was.get(name) != is_now.get(name)}
                changed += [f"{folder}/{name}" if folder else name for name in names]
        return tuple(sorted(changed))

    def diff(self, before: str, after: str) -> str:
        """Return the unified diff from one snapshot to another."""
        paths = self.changed(before, after)
        old, new = self.states(before, paths), self.states(after, paths)
        return "".join(_diff(path, old[path], new[path]) for path in paths)

    def left_out(self, snapshot: str) -> frozenset[RepoPath]:
        """Return the files that were too large for a snapshot."""
        return frozenset(self._manifest(snapshot)["left_out"])

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return the session's snapshots, oldest first."""
        return tuple(
            Snapshot(int(name), name, str(manifest["label"]), float(manifest["time_s"]))
            for name in sorted(self._names(), key=int)
            for manifest in [self._manifest(name)]
        )

    def prune(self, age_s: float, number: int) -> int:
        """Drop snapshots older than ``age_s`` and all but the newest ``number``; return how many."""
        snapshots = self.snapshots()
        oldest_s = time.time() - age_s
        first_kept = max(len(snapshots) - number, 0)
        dropped = [
            snapshot
            for position, snapshot in enumerate(snapshots)
            if position < first_kept or snapshot.time_s < oldest_s
        ]
        for snapshot in dropped:
            self._manifest_path(snapshot.id).unlink(missing_ok=True)
        if dropped:
            self._sweep()
        return len(dropped)

    def _current_entries(self) -> Iterator[tuple[RepoPath, _Entry]]:
        """Yield each file that is there now; read those that may not be what they were."""
        known = self._load_known()
        now_ns = time.time_ns()
        fresh: dict[RepoPath, tuple[_Stats, _Entry]] = {}
        new_bytes = 0
        self._left_out = []
        root = os.fspath(self.root)
        for path in sorted(self._paths()):
            stats = _stats(f"{root}/{path}")
            if stats is None:
                continue
            last = known.get(path)
            if last is None or last[0] != stats:
                new_bytes += stats[0]
                if stats[0] > MAX_FILE_BYTES or new_bytes > MAX_NEW_BYTES:
                    self._left_out.append(path)
                    continue
                entry = self._read_entry(path)
                if entry is None:
                    continue
                last = (stats, entry)
            # a younger file may change without its time changing
            if max(stats[1:3]) < now_ns - COARSE_TICK_NS:
                fresh[path] = last
            yield path, last[1]
        if fresh != known:
            self._known = fresh
            self._write_known(fresh)

    def _read_entry(self, path: RepoPath) -> _Entry | None:
        state = read_state(self.root, path)
        if state is None or state.kind == "other":
            return None
        return state.kind, state.executable, self._keep(state.data)

    def _load_known(self) -> dict[RepoPath, tuple[_Stats, _Entry]]:
        if self._known is None:
            self._known = {}
            with suppress(OSError, ValueError, zlib.error):
                rows = json.loads(zlib.decompress((self._folder / "stats").read_bytes()))
                self._known = {path: (tuple(stats), tuple(entry)) for path, (stats, entry) in rows.items()}
        return self._known

    def _write_known(self, known: Mapping[RepoPath, tuple[_Stats, _Entry]]) -> None:
        write_whole(self._folder / "stats", _packed(known))

    def _keep(self, data: bytes) -> str:
        """Keep bytes under their digest, once, and return it."""
        digest = sha256(data).hexdigest()
        if not os.path.exists(blob := self._blob_path(digest)):
            write_whole(blob, zlib.compress(data, 1))
        return digest

    def _blob(self, digest: str) -> bytes:
        try:
            data = zlib.decompress(self._blob_path(digest).read_bytes())
        except (OSError, zlib.error) as error:
            raise ChatError(f"Part {digest[:12]} of the snapshot cannot be read: {error}.") from error
        if sha256(data).hexdigest() != digest:
            raise ChatError(f"Part {digest[:12]} of the snapshot is damaged. Nothing was read from it.")
        return data

    def _blob_path(self, digest: str) -> Path:
        return self._folder / "blobs" / digest[:2] / digest[2:]

    def _state(self, entry: _Entry) -> FileState:
        kind, executable, digest = entry
        return FileState(self._blob(digest), "link" if kind == "link" else "file", executable)

    def _write_manifest(self, manifest: Mapping[str, object]) -> str:
        """Write a snapshot under the next free number: another process may take one, too."""
        last = max(map(int, self._names()), default=0)
        temporary = self._manifest_path(f".{secrets.token_hex(8)}")
        write_whole(temporary, _packed(manifest))
        for name in map(str, range(last + 1, last + _MAX_TRIES)):
            try:
                os.link(temporary, self._manifest_path(name))
            except FileExistsError:
                continue
            except (OSError, NotImplementedError):  # a file system without links
                temporary.replace(self._manifest_path(name))
            temporary.unlink(missing_ok=True)
            return name
        raise ChatError("There is no free number for a snapshot, so none was taken.")

    def _manifest(self, snapshot: str) -> dict[str, Any]:
        try:
            if not snapshot.isdigit():
                raise ValueError("no such snapshot")
            manifest = json.loads(zlib.decompress(self._manifest_path(snapshot).read_bytes()))
        except (OSError, ValueError, zlib.error) as error:
            raise ChatError(f"Snapshot {escaped(snapshot)} cannot be read: {error}.") from error
        return dict(manifest)

    def _manifest_path(self, name: str) -> Path:
        return self._folder / "snapshots" / name

    def _names(self) -> list[str]:
        with suppress(FileNotFoundError):
            return [name for name in os.listdir(self._folder / "snapshots") if name.isdigit()]
        return []

    def _folders(self, snapshot: str) -> dict[str, str]:
        """Return the digests of a snapshot's listings, by folder."""
        return dict(self._manifest(snapshot)["folders"])

    def _listing(self, digest: str | None) -> _Listing:
        rows = json.loads(self._blob(digest)) if digest else {}
        return {name: (kind, executable, blob) for name, (kind, executable, blob) in rows.items()}

    def _sweep(self) -> None:
        """Remove the blobs that no snapshot names any more."""
        listings = {digest for snapshot in self.snapshots() for digest in self._folders(snapshot.id).values()}
        named = listings | {entry[2] for digest in listings for entry in self._listing(digest).values()}
        for blob in (self._folder / "blobs").glob("*/*"):
            if blob.parent.name + blob.name not in named:
                blob.unlink(missing_ok=True)
        self._known = {path: last for path, last in self._load_known().items() if last[1][2] in named}
        self._write_known(self._known)


def _json(value: object) -> bytes:
    """Encode a value; equal values give equal bytes, and names that are no text come back as they were."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _packed(value: object) -> bytes:
    return zlib.compress(_json(value), 1)


def _stats(full: str) -> _Stats | None:
    """Return what shows that a file is unchanged; None for anything but a file or link."""
    try:
        status = os.lstat(full)
    except OSError:
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
        return None
    # ctime shows a change of the mode, too; on Windows it is when the file was made
    ctime_ns = 0 if os.name == "nt" else status.st_ctime_ns
    return status.st_size, status.st_mtime_ns, ctime_ns, status.st_ino


def _diff(path: RepoPath, old: FileState | None, new: FileState | None) -> str:
    before, after = (state.data if state else None for state in (old, new))
    if b"\0" in (before or b"") or b"\0" in (after or b""):
        names = f"a/{path}" if old else "/dev/null", f"b/{path}" if new else "/dev/null"
        return f"Binary files {names[0]} and {names[1]} differ\n"
    return unified_diff(path, before, after)

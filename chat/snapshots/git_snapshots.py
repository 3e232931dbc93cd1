"""Snapshots of a work tree as commits under `refs/trigpoint/`, which touch no index, branch or file.

A snapshot holds every file that git tracks or does not ignore, with the bytes that are on disk. Only
what has changed since the last one is read. Runs git. Folders without git have `file_snapshots`.
"""

import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from chat.errors import ChatError, GitError
from chat.git.committer import changes_between, chunks
from chat.git.process import Git
from chat.git.repository import DIFF, GitRepository
from chat.model import RepoPath
from chat.snapshots.private_repository import copy_excludes, private_git
from chat.snapshots.store import MAX_FILE_BYTES, MAX_NEW_BYTES, FileState, Snapshot, States
from repomap import EXECUTABLE_MODE, LINK_MODE, SUBMODULE_MODE, escaped, join_zero

_REFS = "refs/trigpoint"
_MAX_LEFT_OUT = 2_000
"""So many files that were left out are named in a snapshot's message."""
_MAX_TRIES = 100


class _Ref(NamedTuple):
    """A row of `git for-each-ref`."""

    name: str
    commit: str
    time_s: float
    subject: str


class GitSnapshots:
    """The snapshots of one session, in the repository's own store of objects; a `SnapshotStore`."""

    def __init__(self, repository: GitRepository, session_id: str, folder: Path | None = None) -> None:
        """``folder`` is where the index of snapshots is kept; by default in the user's state folder."""
        self._work_tree = repository.work_tree
        self._session = ref_name(session_id)
        self._folder = folder or _state_folder() / f"{self._session}-{_folder_key(repository)}"
        self._private_git: Git | None = None
        self._number = 0
        self._tree = ""
        self._left_out: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        """The folder that paths are relative to."""
        return self._work_tree.git.folder / self._work_tree.prefix

    def take(self, label: str) -> str:
        """Keep the whole tree as it is now; return the snapshot's id. Raises GitError."""
        git = self._git
        if self._refresh(git) or not self._tree:
            self._tree = git.line("write-tree", "--missing-ok")
        subject = escaped(" ".join(label.split())) or "snapshot"
        if not self._number:
            self._number = max((snapshot.number for snapshot in self.snapshots()), default=0)
        for _ in range(_MAX_TRIES):
            self._number += 1
            body = json.dumps({"v": 1, "number": self._number, "left_out": self._left_out[:_MAX_LEFT_OUT]})
            message = f"{subject}\n\n{body}\n".encode("utf-8", "replace")
            commit = git.line("commit-tree", self._tree, "-F", "-", stdin=message)
            if self._set_ref(commit):
                return commit
        raise GitError("There is no free number for a snapshot, so none was taken.")

    def read(self, snapshot: str, path: RepoPath) -> bytes | None:
        """Return the bytes that a file had, or None where it was not there."""
        state = self.states(snapshot, (path,)).get(path)
        return state.data if state else None

    def states(self, snapshot: str, paths: Sequence[RepoPath]) -> States:
        """Return what the paths were in a snapshot."""
        prefix = self._work_tree.prefix
        entries: dict[RepoPath, tuple[str, str]] = {}
        for part in chunks([prefix + path for path in paths]):
            for row in self._git.paths("ls-tree", "-r", "-z", snapshot, "--", *part):
                description, _, path = row.partition("\t")
                mode, _, object_id = description.split(" ")
                entries[path[len(prefix) :]] = (mode, object_id)
        blobs = self._blobs(object_id for mode, object_id in entries.values() if mode != SUBMODULE_MODE)
        return {path: _state(*entries[path], blobs) if path in entries else None for path in paths}

    def changed(self, before: str, after: str) -> tuple[RepoPath, ...]:
        """Return the paths in which two snapshots differ, sorted."""
        prefix = self._work_tree.prefix
        return tuple(
            sorted(
                change.path[len(prefix) :]
                for change in changes_between(self._git, before, after)
                if change.path.startswith(prefix) and SUBMODULE_MODE not in (change.old_mode, change.new_mode)
            )
        )

    def diff(self, before: str, after: str) -> str:
        """Return the unified diff from one snapshot to another."""
        relative = [f"--relative={self._work_tree.prefix}"] if self._work_tree.prefix else []
        return self._git.run(*DIFF, *relative, before, after, "--").decode("utf-8", "replace")

    def left_out(self, snapshot: str) -> frozenset[RepoPath]:
        """Return the files that were too large for a snapshot."""
        body = self._git.line("log", "-1", "--format=%b", snapshot)
        prefix = self._work_tree.prefix
        paths = json.loads(body)["left_out"] if body else []
        return frozenset(path[len(prefix) :] for path in paths if path.startswith(prefix))

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return the session's snapshots, oldest first."""
        numbered = ((ref.name.rpartition("/")[2], ref) for ref in self._refs(f"{_REFS}/{self._session}"))
        snapshots = (
            Snapshot(int(number), ref.commit, ref.subject, ref.time_s)
            for number, ref in numbered
            if number.isdigit()
        )
        return tuple(sorted(snapshots, key=lambda snapshot: snapshot.number))

    def prune(self, age_s: float, number: int) -> int:
        """Drop snapshots older than ``age_s``, of any session, and all but the newest ``number`` of this.

        Returns how many. git removes what they held when it next collects garbage.
        """
        oldest_s = time.time() - age_s
        own = self.snapshots()
        excess = {snapshot.id for snapshot in own[: max(len(own) - number, 0)]}
        refs = self._refs(_REFS)
        dropped = [
            ref
            for ref in refs
            if ref.time_s < oldest_s
            or (ref.commit in excess and ref.name.startswith(f"{_REFS}/{self._session}/"))
        ]
        commands = "".join(f"delete {ref.name} {ref.commit}\n" for ref in dropped)
        if dropped:
            self._work_tree.git.run("update-ref", "--stdin", stdin=commands.encode())
        sessions = {ref.name.split("/")[2] for ref in refs}
        self._remove_index_folders(sessions - {self._session}, oldest_s)
        return len(dropped)

    def drop(self) -> None:
        """Drop all snapshots of the session, and the index that they were taken with."""
        refs = self._refs(f"{_REFS}/{self._session}")
        commands = "".join(f"delete {ref.name} {ref.commit}\n" for ref in refs)
        if refs:
            self._work_tree.git.run("update-ref", "--stdin", stdin=commands.encode())
        drop_index(self._session)

    @property
    def _git(self) -> Git:
        if self._private_git is None:
            self._private_git, is_new = private_git(self._work_tree, self._folder)
            if not is_new:
                self._drop_ignored(self._private_git)
        return self._private_git

    def _refresh(self, git: Git) -> bool:
        """Bring our index to what is on disk; return whether anything had changed."""
        excludes_changed = copy_excludes(self._work_tree, self._folder)
        rows = dict.fromkeys(git.paths("ls-files", "-t", "-m", "-d", "-o", "--exclude-standard", "-z"))
        gone = [row[2:] for row in rows if row[0] == "R"]
        present = {row[2:] for row in rows if row[0] != "R" and not row.endswith("/")}.difference(gone)
        kept = self._affordable(present)
        if gone or kept:
            unreadable = self._add(git, [*gone, *kept])
            if unreadable and len(unreadable) == len(gone) + len(kept):
                raise GitError(f"{escaped(unreadable[0])} cannot be read, so no snapshot was taken.")
            self._left_out = tuple(sorted({*self._left_out, *unreadable}))
        changed = bool(gone or kept)
        if excludes_changed or any(path.rpartition("/")[2] == ".gitignore" for path in (*gone, *kept)):
            changed = self._drop_ignored(git) or changed
        return changed

    def _add(self, git: Git, paths: Sequence[str]) -> list[str]:
        """Put paths into our index as they are on disk; return those that cannot be read just now."""
        try:
            git.run("update-index", "--add", "--remove", "--replace", "-z", "--stdin", stdin=join_zero(paths))
        except GitError:
            if len(paths) == 1:
                return list(paths)
            half = len(paths) // 2
            return self._add(git, paths[:half]) + self._add(git, paths[half:])
        return []

    def _affordable(self, paths: Iterable[str]) -> list[str]:
        """Leave out files that are too large, and note them; the small ones come first."""
        top = self._work_tree.git.folder
        sized = sorted((size, path) for path in paths if (size := _size(top / path)) >= 0)
        total_bytes = 0
        kept: list[str] = []
        left_out: list[str] = []
        for size, path in sized:
            total_bytes += size
            fits = size <= MAX_FILE_BYTES and total_bytes <= MAX_NEW_BYTES
            (kept if fits else left_out).append(path)
        self._left_out = tuple(sorted(left_out))
        return sorted(kept)

    def _drop_ignored(self, git: Git) -> bool:
        """Take out what the user now ignores, unless git tracks it; return whether there was any."""
        ignored = git.paths("ls-files", "-c", "-i", "--exclude-standard", "-z")
        if not ignored:
            return False
        users_git = self._work_tree.git
        tracked = {
            path for part in chunks(ignored) for path in users_git.paths("ls-files", "-z", "--", *part)
        }
        dropped = [path for path in ignored if path not in tracked]
        if dropped:
            git.run("update-index", "--force-remove", "-z", "--stdin", stdin=join_zero(dropped))
        return bool(dropped)

    def _set_ref(self, commit: str) -> bool:
        """Put a ref on a commit; False where another process was quicker to take the number."""
        name = f"{_REFS}/{self._session}/{self._number}"
        try:
            self._work_tree.git.run("update-ref", name, commit, "0" * len(commit))
        except GitError as error:
            if "already exists" not in str(error):
                raise
            return False
        return True

    def _refs(self, prefix: str) -> list[_Ref]:
        form = "%(refname)%00%(objectname)%00%(committerdate:unix)%00%(contents:subject)"
        output = self._work_tree.git.line("for-each-ref", f"--format={form}", prefix)
        rows = [row.split("\0") for row in output.split("\n") if row]
        return [_Ref(name, commit, float(time_s), subject) for name, commit, time_s, subject in rows]

    def _remove_index_folders(self, sessions: set[str], oldest_s: float) -> None:
        """Remove the index folders of sessions that have no snapshots any more."""
        for index in self._folder.parent.glob("*/index"):
            session = index.parent.name.rpartition("-")[0]
            is_old = index.stat().st_mtime < oldest_s
            if index.parent != self._folder and session not in sessions and is_old:
                shutil.rmtree(index.parent, ignore_errors=True)

    def _blobs(self, object_ids: Iterable[str]) -> dict[str, bytes]:
        wanted = list(dict.fromkeys(object_ids))
        if not wanted:
            return {}
        names = "".join(f"{object_id}\n" for object_id in wanted).encode()
        output = self._git.run("cat-file", "--batch", "--buffer", stdin=names)
        blobs, position = {}, 0
        for object_id in wanted:
            header_end = output.index(b"\n", position)
            size = output[position:header_end].rpartition(b" ")[2]
            if not size.isdigit():
                raise ChatError(
                    f"The snapshot's object {object_id} is missing from the repository. Nothing was read."
                )
            position = header_end + 1 + int(size) + 1
            blobs[object_id] = output[header_end + 1 : position - 1]
        return blobs


def ref_name(session_id: str) -> str:
    """Return a session's id as part of a ref's name, or its digest where git allows no such name.

    >>> ref_name("20261130-101500-abcdef")
    '20261130-101500-abcdef'
    >>> ref_name("a..b")
    'f62b42414c514fa689d3e087ba397c60'
    """
    is_plain = re.fullmatch(r"[A-Za-z0-9_-]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?", session_id)
    if is_plain and ".." not in session_id and not session_id.endswith(".lock"):
        return session_id
    return sha256(session_id.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _state(mode: str, object_id: str, blobs: dict[str, bytes]) -> FileState:
    if mode == SUBMODULE_MODE:
        return FileState(object_id.encode(), "other")
    return FileState(blobs[object_id], "link" if mode == LINK_MODE else "file", mode == EXECUTABLE_MODE)


def _size(path: Path) -> int:
    """Return the size of a file or a link; -1 for what cannot be kept."""
    try:
        status = os.lstat(path)
    except OSError:
        return -1
    if stat.S_ISLNK(status.st_mode) or stat.S_ISDIR(status.st_mode):
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) and os.access(path, os.R_OK) else -1


def drop_index(session_id: str) -> None:
    """Drop the index that the snapshots of a session were taken with, which needs no repository."""
    for folder in _state_folder().glob(f"{ref_name(session_id)}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _state_folder() -> Path:
    from platformdirs import user_state_path

    return user_state_path("trigpoint", appauthor=False) / "checkpoints"


def _folder_key(repository: GitRepository) -> str:
    return sha256(os.fsencode(repository.work_tree.git.folder)).hexdigest()[:12]

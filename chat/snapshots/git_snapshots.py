"""[io] The work tree → a commit under `refs/trigpoint/`, without touching index, branch or file.

A snapshot holds every file that git tracks or does not ignore, with the bytes that are on disk. Only
what has changed since the one before is read. Folders without git have `chat/snapshots/file_snapshots.py`.
"""

import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from chat.errors import ChatError, GitError
from chat.git.committer import changes_between, chunks
from chat.git.process import Git, join_zero
from chat.git.repository import DIFF, GitRepository
from chat.model import RepoPath
from chat.snapshots.private_repository import copy_excludes, private_git
from chat.snapshots.restore import (
    MOST_FILE_B,
    MOST_NEW_B,
    FileState,
    Restored,
    Snapshot,
    States,
    plan_restore,
    write_restored,
)
from repomap import escaped

_REFS = "refs/trigpoint"
_MOST_NAMED = 2_000
_MOST_TRIES = 100
_SUBMODULE = "160000"
_LINK = "120000"


class GitCheckpoints:
    """The snapshots of one session, in the repository's own store of objects."""

    def __init__(self, repository: GitRepository, session_id: str, folder: Path | None = None) -> None:
        """``folder`` is where the index of snapshots is kept; by default in the user's state folder."""
        self._found = repository.found
        self._session = ref_name(session_id)
        self._folder = folder or _state_folder() / f"{self._session}-{_key(repository)}"
        self._made: Git | None = None
        self._number = 0
        self._tree = ""
        self._left_out: tuple[str, ...] = ()

    def take(self, label: str) -> str:
        """Keeps the whole tree as it is now; gives the snapshot's id. Raises GitError."""
        git = self._git
        if self._refresh(git) or not self._tree:
            self._tree = git.line("write-tree", "--missing-ok")
        subject = escaped(" ".join(label.split())) or "snapshot"
        if not self._number:
            self._number = max((each.number for each in self.snapshots()), default=0)
        for _ in range(_MOST_TRIES):
            self._number += 1
            body = json.dumps({"v": 1, "number": self._number, "left_out": self._left_out[:_MOST_NAMED]})
            message = f"{subject}\n\n{body}\n".encode("utf-8", "replace")
            commit = git.line("commit-tree", self._tree, "-F", "-", stdin=message)
            if self._name(commit):
                return commit
        raise GitError("No free number was found for a snapshot, so none was kept.")

    def read(self, snapshot: str, path: RepoPath) -> bytes | None:
        """The bytes that a file had, or None where it was not there; of a link, where it led."""
        state = self.states(snapshot, (path,)).get(path)
        return state.data if state else None

    def changed(self, before: str, after: str) -> tuple[RepoPath, ...]:
        """The paths in which two snapshots differ, sorted."""
        prefix = self._found.prefix
        return tuple(
            sorted(
                change.path[len(prefix) :]
                for change in changes_between(self._git, before, after)
                if change.path.startswith(prefix) and _SUBMODULE not in (change.old_mode, change.new_mode)
            )
        )

    def diff(self, before: str, after: str) -> str:
        """The unified diff from one snapshot to another."""
        relative = [f"--relative={self._found.prefix}"] if self._found.prefix else []
        return self._git.run(*DIFF, *relative, before, after, "--").decode("utf-8", "replace")

    def snapshots(self) -> tuple[Snapshot, ...]:
        """The session's snapshots, oldest first."""
        return tuple(sorted(self._named(f"{_REFS}/{self._session}"), key=lambda each: each.number))

    def restore(self, snapshot: str, paths: Sequence[RepoPath] | None, expected: str) -> Restored:
        """Makes files as they were in a snapshot, None being all that differ from ``expected``.

        A file that is not as in the snapshot ``expected`` is merged with what was done to it since, or
        NothingToUndo is raised and no file has changed.
        """
        return write_restored(self.root, plan_restore(self, self.root, snapshot, paths, expected))

    def prune(self, age_s: float, number: int) -> int:
        """Drops snapshots older than ``age_s``, of any session, and all but the newest ``number`` of this.

        Gives how many. git removes what they held when it next collects garbage.
        """
        oldest_s = time.time() - age_s
        mine = self.snapshots()
        spare = {each.id for each in mine[: max(len(mine) - number, 0)]}
        rows = self._rows(_REFS)
        gone = [
            (ref, name)
            for ref, name, time_s, _ in rows
            if float(time_s) < oldest_s or (name in spare and ref.startswith(f"{_REFS}/{self._session}/"))
        ]
        given = "".join(f"delete {ref} {name}\n" for ref, name in gone)
        if gone:
            self._found.git.run("update-ref", "--stdin", stdin=given.encode())
        self._forget({ref.split("/")[2] for ref, *_ in rows} - {self._session}, oldest_s)
        return len(gone)

    @property
    def root(self) -> Path:
        """The folder that paths are relative to."""
        return self._found.git.folder / self._found.prefix

    def states(self, snapshot: str, paths: Sequence[RepoPath]) -> States:
        """The paths as they were in a snapshot, None where they were not there."""
        prefix = self._found.prefix
        modes: dict[RepoPath, tuple[str, str]] = {}
        for part in chunks([prefix + path for path in paths]):
            for row in self._git.paths("ls-tree", "-r", "-z", snapshot, "--", *part):
                what, _, path = row.partition("\t")
                mode, _, name = what.split(" ")
                modes[path[len(prefix) :]] = (mode, name)
        blobs = self._blobs(name for mode, name in modes.values() if mode != _SUBMODULE)
        return {path: _state(*modes[path], blobs) if path in modes else None for path in paths}

    def left_out(self, snapshot: str) -> frozenset[RepoPath]:
        """Files that were there and are not in the snapshot, because they are too large."""
        body = self._git.line("log", "-1", "--format=%b", snapshot)
        prefix = self._found.prefix
        paths = json.loads(body)["left_out"] if body else []
        return frozenset(path[len(prefix) :] for path in paths if path.startswith(prefix))

    @property
    def _git(self) -> Git:
        if self._made is None:
            self._made, new = private_git(self._found, self._folder)
            if not new:
                self._drop_ignored(self._made)
        return self._made

    def _refresh(self, git: Git) -> bool:
        """Brings our index to what is on disk; whether anything had changed."""
        excludes = copy_excludes(self._found, self._folder)
        rows = dict.fromkeys(git.paths("ls-files", "-t", "-m", "-d", "-o", "--exclude-standard", "-z"))
        gone = [row[2:] for row in rows if row[0] == "R"]
        there = {row[2:] for row in rows if row[0] != "R" and not row.endswith("/")}.difference(gone)
        kept = self._affordable(there)
        if gone or kept:
            out = self._put(git, [*gone, *kept])
            if out and len(out) == len(gone) + len(kept):
                raise GitError(f"{escaped(out[0])} cannot be kept, so no snapshot was taken.")
            self._left_out = tuple(sorted({*self._left_out, *out}))
        changed = bool(gone or kept)
        if excludes or any(path.rpartition("/")[2] == ".gitignore" for path in (*gone, *kept)):
            changed = self._drop_ignored(git) or changed
        return changed

    def _put(self, git: Git, paths: Sequence[str]) -> list[str]:
        """Puts paths into our index as they are on disk; gives those that cannot be read just now."""
        try:
            git.run("update-index", "--add", "--remove", "--replace", "-z", "--stdin", stdin=join_zero(paths))
        except GitError:
            if len(paths) == 1:
                return list(paths)
            half = len(paths) // 2
            return self._put(git, paths[:half]) + self._put(git, paths[half:])
        return []

    def _affordable(self, paths: Iterable[str]) -> list[str]:
        """The paths without files that are too large, the small ones first; notes the others."""
        sized = sorted((size, path) for path in paths if (size := _size(self._found.git.folder / path)) >= 0)
        total = 0
        kept: list[str] = []
        out: list[str] = []
        for size, path in sized:
            total += size
            (kept if size <= MOST_FILE_B and total <= MOST_NEW_B else out).append(path)
        self._left_out = tuple(sorted(out))
        return sorted(kept)

    def _drop_ignored(self, git: Git) -> bool:
        """Takes out what the user has come to ignore, unless git tracks it; whether there was any."""
        ignored = git.paths("ls-files", "-c", "-i", "--exclude-standard", "-z")
        if not ignored:
            return False
        tracked = {
            path for part in chunks(ignored) for path in self._found.git.paths("ls-files", "-z", "--", *part)
        }
        gone = [path for path in ignored if path not in tracked]
        if gone:
            git.run("update-index", "--force-remove", "-z", "--stdin", stdin=join_zero(gone))
        return bool(gone)

    def _name(self, commit: str) -> bool:
        """Puts a ref on a commit, unless another process was quicker to take the number."""
        try:
            self._found.git.run(
                "update-ref", f"{_REFS}/{self._session}/{self._number}", commit, "0" * len(commit)
            )
        except GitError as error:
            if "already exists" not in str(error):
                raise
            return False
        return True

    def _named(self, prefix: str) -> Iterator[Snapshot]:
        for ref, name, time_s, label in self._rows(prefix):
            number = ref.rpartition("/")[2]
            if number.isdigit():
                yield Snapshot(int(number), name, label, float(time_s))

    def _rows(self, prefix: str) -> list[list[str]]:
        form = "%(refname)%00%(objectname)%00%(committerdate:unix)%00%(contents:subject)"
        said = self._found.git.line("for-each-ref", f"--format={form}", prefix)
        return [row.split("\0") for row in said.split("\n") if row]

    def _forget(self, sessions: set[str], oldest_s: float) -> None:
        """Removes the index folders of sessions that are long gone."""
        for index in self._folder.parent.glob("*/index"):
            name = index.parent.name.rpartition("-")[0]
            if index.parent != self._folder and name not in sessions and index.stat().st_mtime < oldest_s:
                shutil.rmtree(index.parent, ignore_errors=True)

    def _blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        output = self._git.run(
            "cat-file", "--batch", "--buffer", stdin="".join(f"{name}\n" for name in wanted).encode()
        )
        found, at = {}, 0
        for name in wanted:
            end = output.index(b"\n", at)
            size = output[at:end].rpartition(b" ")[2]
            if not size.isdigit():
                raise ChatError(
                    f"The snapshot's object {name} is missing from the repository, so nothing was read."
                )
            at = end + 1 + int(size) + 1
            found[name] = output[end + 1 : at - 1]
        return found


def ref_name(session_id: str) -> str:
    """A session's id as a part of a ref's name."""
    plain = re.fullmatch(r"[A-Za-z0-9_-]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?", session_id)
    if plain and ".." not in session_id and not session_id.endswith(".lock"):
        return session_id
    return sha256(session_id.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _state(mode: str, name: str, blobs: dict[str, bytes]) -> FileState:
    if mode == _SUBMODULE:
        return FileState(name.encode(), "other")
    return FileState(blobs[name], "link" if mode == _LINK else "file", mode.endswith("755"))


def _size(path: Path) -> int:
    """Of a file or a link; -1 for what cannot be kept."""
    try:
        found = os.lstat(path)
    except OSError:
        return -1
    if stat.S_ISLNK(found.st_mode) or stat.S_ISDIR(found.st_mode):
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) and os.access(path, os.R_OK) else -1


def _state_folder() -> Path:
    from platformdirs import user_state_path

    return user_state_path("trigpoint", appauthor=False) / "checkpoints"


def _key(repository: GitRepository) -> str:
    return sha256(os.fsencode(repository.found.git.folder)).hexdigest()[:12]

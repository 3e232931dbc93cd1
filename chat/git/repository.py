"""[io] The repository around the root: what differs, commits of just these paths, undoing them.

Everything that the chat does with the user's repository goes through here. Paths in and out are
relative to the root, which may be a folder of the work tree. Never used are `stash`, `reset --hard`
and `checkout -- path`: they lose what is nowhere else.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chat.errors import GitError
from chat.git.committer import Change, Committer, changes_between, chunks
from chat.git.index_lock import index_copy
from chat.git.links import real_paths
from chat.git.merge_file import merge_texts
from chat.git.process import Git, join_zero
from chat.git.work_tree import Found, blocked, find_repository, under_way
from chat.model import RepoPath
from chat.ports import Commit
from repomap import escaped

DIFF = (
    *("diff", "--no-color", "--no-ext-diff", "--no-textconv", "-U3", "--inter-hunk-context=0"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=dirty"),
)
_LINK = "120000"
_SUBMODULE = "160000"

_MOST_LOOKED_AT = 500


def open_repository(root: Path, *, trusted: bool, verify: bool = True) -> "GitRepository | None":
    """The repository around a folder, or None where there is none or git is not installed.

    In a ``trusted`` one the user's hooks, filters and signing are used, the hooks that can refuse a
    commit only with ``verify``; in another one, no program that the repository names is run. Raises
    GitError where git refuses the repository, with advice.
    """
    found = find_repository(root, trusted)
    return GitRepository(found, verify) if found else None


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A work tree, or a folder in one."""

    found: Found
    verify: bool = True

    def blocked(self) -> str:
        """Why nothing may be committed now, or "" where it may."""
        return blocked(self.found)

    def branch(self) -> str:
        """The branch, a short commit id where HEAD is detached, or "" before the first commit."""
        head = self.head()
        name = self._git.answer("symbolic-ref", "-q", "--short", "HEAD", accept=(0, 1))
        if head is None:
            return ""
        return os.fsdecode(name.stdout).strip() or self._git.line("rev-parse", "--short", head)

    def head(self) -> str | None:
        """The commit that HEAD is at, or None before the first."""
        return self._committer.head()

    def on_branch(self) -> bool:
        """Whether HEAD is a branch, with or without commits, and not detached."""
        return self._git.answer("symbolic-ref", "-q", "HEAD", accept=(0, 1)).code == 0

    def subject(self, commit: str) -> str:
        """The subject of a commit's message."""
        return self._git.line("log", "-1", "--format=%s", commit)

    def message(self, commit: str) -> str:
        """The whole message of a commit."""
        return self._git.line("log", "-1", "--format=%B", commit)

    def subjects(self, count: int) -> tuple[str, ...]:
        """Subjects of the newest commits, newest first."""
        if self.head() is None:
            return ()
        return self._git.paths("log", "-z", f"--max-count={count}", "--format=tformat:%s")

    def made_since(self, head: str, paths: Sequence[RepoPath], message: str) -> str:
        """The newest commit after ``head`` that changes just these paths under this subject, or ""."""
        now = self.head()
        if now is None or now == head:
            return ""
        since = [f"{head}..{now}"] if head else [now]
        subject = message.strip().split("\n", maxsplit=1)[0]
        for row in self._git.paths("log", "-z", f"--max-count={_MOST_LOOKED_AT}", "--format=%H %s", *since):
            commit, _, theirs = row.partition(" ")
            if theirs != subject:
                continue
            changed = {change.path for change in changes_between(self._git, self.parent(commit), commit)}
            if changed == set(self._full(paths)):
                return commit
        return ""

    def dirty(self, paths: Sequence[RepoPath]) -> tuple[RepoPath, ...]:
        """Which of the paths differ from HEAD, in the index or on disk, new ones included; sorted."""
        full = {path: self._real(path) for path in self._full(paths)}
        asked = tuple(dict.fromkeys(each for real in full.values() for each in real))
        found = {path for part in chunks(asked) for path in self._status(part)}
        return self._below(path for path, real in full.items() if not found.isdisjoint(real))

    def changes(self) -> tuple[RepoPath, ...]:
        """Every path below the root that differs from HEAD, in the index or on disk; sorted."""
        return self._below(self._status([self.found.prefix] if self.found.prefix else []))

    def commit(self, paths: Sequence[RepoPath], message: str) -> Commit | None:
        """Commits just these paths as they are on disk; what else is staged stays staged.

        Paths that git ignores are left out. None where nothing differs from HEAD. Raises HookFailed
        or GitError; then neither branch nor index has changed.
        """
        return self._commit(paths, message, amend=False)

    def amend(self, commit: str, paths: Sequence[RepoPath], message: str) -> Commit | None:
        """Puts the paths into a commit that is there already; a new one where that must not change.

        It must not unless HEAD is it and it has not been pushed.
        """
        allowed = self.head() == commit and not self.pushed(commit)
        return self._commit(paths, message, amend=allowed)

    def stage(self, paths: Sequence[RepoPath]) -> None:
        """Puts the paths into the index as they are on disk; those that git ignores are left out."""
        full = self._addable(paths)
        self._committer.edit_index(lambda index: self._add(full, index))

    def diff(self, paths: Sequence[RepoPath] = (), against: str = "HEAD") -> str:
        """The unified diff of the work tree against a commit, new files included."""
        if against == "HEAD" and self.head() is None:
            against = self._git.line("hash-object", "-t", "tree", "--stdin", stdin=b"")
        full = self._full(paths) or ((self.found.prefix,) if self.found.prefix else ())
        with index_copy(self.found.git_dir) as index:
            new = self._untracked(full, index)
            if new:
                self._git.run(
                    *("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul"),
                    stdin=join_zero(new),
                    index=index,
                )
            relative = [f"--relative={self.found.prefix}"] if self.found.prefix else []
            parts = [
                self._git.run(*DIFF, *relative, against, "--", *part, index=index)
                for part in (chunks(full) if full else [()])
            ]
        return b"".join(parts).decode("utf-8", "replace")

    def pushed(self, commit: str) -> bool:
        """Whether a branch of a remote is known to hold a commit."""
        return bool(self._git.run("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes"))

    def holds(self, commit: str) -> bool:
        """Whether a commit is HEAD or before it."""
        head = self.head()
        if head is None:
            return False
        said = self._git.answer("merge-base", "--is-ancestor", commit, head, accept=(0, 1, 128))
        return said.code == 0

    def parent(self, commit: str) -> str | None:
        """The first parent of a commit, or None for the first commit of all."""
        return next(iter(self._committer.parents(commit)), None)

    def move(self, old: str | None, new: str | None, why: str) -> None:
        """Moves the branch, by compare and swap; index entries that were as in ``old`` follow, files do not.

        None is before the first commit. Raises GitError where HEAD is not at ``old`` or nothing may
        be committed now.
        """
        self._insist()
        self._committer.move(old, new, why)

    def reverse(self, old: str | None, new: str, message: str) -> Commit | None:
        """Commits the way back from ``new`` to ``old`` on top of HEAD; files on disk stay.

        Where HEAD has changed the same files since, both are merged. None where nothing would change;
        raises GitError where they clash, and then nothing has changed.
        """
        self._insist()
        changes = changes_between(self._git, old, new)
        head = self.head()
        since = {change.path: change for change in changes_between(self._git, new, head)}
        rows = [self._reversal(change, since.get(change.path)) for change in changes]
        rows.sort(key=lambda row: not row.startswith("0 "))

        def fill(index: Path) -> None:
            self._git.run("update-index", "-z", "--index-info", stdin=join_zero(rows), index=index)

        return self._made(self._committer.commit(fill, (), message, keep_staged=True))

    def object(self, name: str) -> bytes:
        """The bytes of a blob."""
        return self._git.run("cat-file", "blob", name)

    @property
    def _git(self) -> Git:
        return self.found.git

    @property
    def _committer(self) -> Committer:
        return Committer(self._git, self.found.git_dir, self.verify)

    def _insist(self) -> None:
        why = under_way(self.found)
        if why:
            raise GitError(why)

    def _commit(self, paths: Sequence[RepoPath], message: str, *, amend: bool) -> Commit | None:
        self._insist()
        full = self._addable(paths)
        return self._made(
            self._committer.commit(lambda index: self._add(full, index), full, message, amend=amend)
        )

    def _made(self, new: str | None) -> Commit | None:
        if new is None:
            return None
        parents, _, subject = self._git.line("log", "-1", "--format=%P%x00%s", new).partition("\0")
        parent = parents.partition(" ")[0] or None
        paths = {change.path for change in changes_between(self._git, parent, new)}
        return Commit(new, subject, self._below(paths))

    def _add(self, full: Sequence[str], index: Path) -> None:
        """Puts paths into an index as they are on disk, also those that are marked as not to be looked at."""
        rows = (
            row
            for part in chunks(full)
            for row in self._git.paths("ls-files", "-v", "-z", "--", *part, index=index)
        )
        hidden = [row[2:] for row in rows if row[0] == "S" or row[0].islower()]
        if hidden:
            marks = ("--no-skip-worktree", "--no-assume-unchanged")
            for mark in marks:
                self._git.run("update-index", mark, "-z", "--stdin", stdin=join_zero(hidden), index=index)
        there = sorted(full, key=lambda path: os.path.lexists(self._git.folder / path))
        self._git.run(
            *("update-index", "--add", "--remove", "--replace", "-z", "--stdin"),
            stdin=join_zero(there),
            index=index,
        )

    def _addable(self, paths: Sequence[RepoPath]) -> tuple[str, ...]:
        """The paths that may be put into the index; raises GitError for those that git would refuse."""
        full = self._resolved(self._full(paths))
        ignored = {
            path
            for part in chunks(full)
            for path in self._git.paths("ls-files", "-o", "-i", "--exclude-standard", "-z", "--", *part)
        }
        full = tuple(path for path in full if path not in ignored)
        if not self._git.trusted:
            self._refuse_filtered(full)
        return full

    def _resolved(self, full: Sequence[str]) -> tuple[str, ...]:
        """Paths as git knows them; raises GitError for those in a repository of their own."""
        for path in full:
            nested = self._nested(path)
            if nested:
                raise GitError(
                    f"{escaped(path)} is in {escaped(nested)}, which is a repository of its own; nothing was "
                    "committed. Start trigpoint in that folder to commit there."
                )
        return tuple(dict.fromkeys(each for path in full for each in self._real(path)))

    def _real(self, path: str) -> tuple[str, ...]:
        return real_paths(self._git.folder, path)

    def _nested(self, path: str) -> str:
        """The innermost folder above a path that is a repository of its own, or ""."""
        folder = path.rpartition("/")[0]
        while folder:
            if os.path.lexists(self._git.folder / folder / ".git"):
                return folder
            folder = folder.rpartition("/")[0]
        return ""

    def _refuse_filtered(self, full: Sequence[str]) -> None:
        """Content that should pass a filter which must not run would be committed as what it is not."""
        switched_off = {
            key.split(".", 1)[1].rpartition(".")[0]
            for key in self._git.overrides
            if key.startswith("filter.")
        }
        if not switched_off:
            return
        fields = self._git.paths("check-attr", "-z", "--stdin", "filter", stdin=join_zero(full))
        for path, _, name in zip(fields[::3], fields[1::3], fields[2::3], strict=True):
            if name in switched_off and not self._own_filter(name):
                raise GitError(
                    f"{escaped(path)} passes the filter {escaped(name)}, a program that this repository's own "
                    "settings name and that is not run because the repository is not trusted; nothing was "
                    "committed. Trust it with trigpoint trust, or commit yourself."
                )

    def _own_filter(self, name: str) -> bool:
        """Whether the user's own settings define a filter too; then that one is used."""
        return any(self._git.overrides.get(f"filter.{name}.{way}") for way in ("clean", "process"))

    def _status(self, full: Sequence[str]) -> set[str]:
        said = self._git.paths(
            *("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"),
            *("--ignore-submodules=dirty", "--", *full),
        )
        return {row[3:] for row in said}

    def _untracked(self, full: Sequence[str], index: Path) -> list[str]:
        found = [
            path
            for part in (chunks(full) if full else [()])
            for path in self._git.paths(
                "ls-files", "-o", "--exclude-standard", "-z", "--", *part, index=index
            )
        ]
        return [path for path in found if not path.endswith("/")]

    def _reversal(self, change: Change, since: Change | None) -> str:
        """The index entry that takes one change back, on top of what came after it."""
        if since is None:
            return _entry(change.old_mode, change.old, change.path)
        if (since.new_mode, since.new) == (change.old_mode, change.old):
            return _entry(change.old_mode, change.old, change.path)
        merged = None
        if not (change.added or change.removed or since.added or since.removed):
            special = {_LINK, _SUBMODULE} & {change.old_mode, change.new_mode, since.new_mode}
            if not special:
                base, ours, theirs = (self.object(name) for name in (change.new, since.new, change.old))
                merged = merge_texts(base, ours, theirs)
        if merged is None:
            raise GitError(
                f"{escaped(change.path)} has been changed by later commits in the same lines, so the commit "
                "cannot be taken back; nothing was done. Take the later one back first, or edit the file."
            )
        name = self._git.line("hash-object", "-w", "--stdin", stdin=merged)
        return f"{since.new_mode} {name}\t{change.path}"

    def _full(self, paths: Iterable[RepoPath]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.found.prefix + path for path in paths))

    def _below(self, full: Iterable[str]) -> tuple[RepoPath, ...]:
        prefix = self.found.prefix
        return tuple(
            sorted(path[len(prefix) :] for path in full if path.startswith(prefix) and not path.endswith("/"))
        )


def _entry(mode: str, name: str, path: str) -> str:
    """A row for `update-index --index-info`; a mode of zeros takes the path out."""
    return f"{mode if mode.strip('0') else '0'} {name}\t{path}"

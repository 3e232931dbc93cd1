"""The repository around the root: what differs, commits of just these paths, and undoing them.

Everything that the chat does with the user's repository goes through here. Paths in and out are
relative to the root, which may be a folder of the work tree. Never used are `stash`, `reset --hard`
and `checkout -- path`: they lose what is nowhere else.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from chat.errors import GitError, HookFailed
from chat.git.committer import (
    Announce,
    Committer,
    Entries,
    Fill,
    TreeChange,
    changes_between,
    chunks,
    index_row,
)
from chat.git.guard import Decide
from chat.git.index_lock import clear_up, index_copy
from chat.git.known_commits import commit_holding, entries_of
from chat.git.links import real_paths
from chat.git.merge_file import merge_texts
from chat.git.process import Git
from chat.git.staging import add_to_index, put_contents, stageable, untracked
from chat.git.work_tree import WorkTree, blocked, find_work_tree, unfinished_operation
from chat.git.worktrees import clear_up_worktrees
from chat.model import RepoPath
from chat.ports import Commit
from repomap import DIFF_OPTIONS, LINK_MODE, SUBMODULE_MODE, empty_tree, escaped, join_zero, read_if_regular

DIFF = ("diff", *DIFF_OPTIONS)

Contents = Mapping[RepoPath, bytes | None]
"""What is committed of some files instead of what is on disk; None: nothing."""
_MAX_COMPARED_BYTES = 50_000_000
NO_CONTENTS: Contents = MappingProxyType({})


def open_repository(root: Path, *, trusted: bool | Decide, verify: bool = True) -> "GitRepository | None":
    """Return the repository around a folder, or None where there is none or git is not installed.

    In a ``trusted`` one the user's hooks, filters and signing are used, the hooks that can refuse a
    commit only with ``verify``; in another one, no program that the repository names is run. A function
    decides anew whenever what the repository asks for has changed. Raises GitError where git refuses
    the repository or may not be asked about it, with advice.
    """
    decide = trusted if callable(trusted) else lambda _: trusted
    work_tree = find_work_tree(root, decide)
    return GitRepository(work_tree, verify) if work_tree else None


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A work tree, or a folder in one."""

    work_tree: WorkTree
    verify: bool = True

    def blocked(self) -> str:
        """Return why nothing may be committed now, or "" where it may."""
        return blocked(self.work_tree)

    def branch(self) -> str:
        """Return the branch, a short commit id where HEAD is detached, or "" before the first commit."""
        head = self.head()
        output = self._git.answer("symbolic-ref", "-q", "--short", "HEAD", accept=(0, 1))
        if head is None:
            return ""
        return os.fsdecode(output.stdout).strip() or self._git.line("rev-parse", "--short", head)

    def head(self) -> str | None:
        """Return the commit that HEAD is at, or None before the first."""
        return self._committer.head()

    def on_branch(self) -> bool:
        """Whether HEAD is a branch, with or without commits, and not detached."""
        return self._git.answer("symbolic-ref", "-q", "HEAD", accept=(0, 1)).code == 0

    def subject(self, commit: str) -> str:
        """Return the subject of a commit's message."""
        return self._git.line("log", "-1", "--format=%s", commit)

    def message(self, commit: str) -> str:
        """Return the whole message of a commit."""
        return self._git.line("log", "-1", "--format=%B", commit)

    def subjects(self, count: int) -> tuple[str, ...]:
        """Return the subjects of the newest commits, newest first."""
        if self.head() is None:
            return ()
        return self._git.paths("log", "-z", f"--max-count={count}", "--format=tformat:%s")

    def made_since(self, head: str, entries: Entries, paths: Sequence[RepoPath] = ()) -> str:
        """Return the commit after ``head`` that holds these entries, or changes all of the paths, or "".

        ``entries`` are as `commit` announces them; `commit_holding` says when the paths count.
        """
        given = {self.work_tree.prefix + path: entry for path, entry in entries.items()}
        return commit_holding(self._committer, head, given, self._from_top(paths)) or ""

    def dirty(self, paths: Sequence[RepoPath]) -> tuple[RepoPath, ...]:
        """Return which of the paths differ from HEAD, in the index or on disk, new ones included; sorted."""
        real = {path: real_paths(self._git.folder, path) for path in self._from_top(paths)}
        unique = tuple(dict.fromkeys(target for targets in real.values() for target in targets))
        differing = {path for part in chunks(unique) for path in self._status(part)}
        return self._below_root(path for path, targets in real.items() if not differing.isdisjoint(targets))

    def partly_staged(self, paths: Sequence[RepoPath]) -> Mapping[RepoPath, bytes]:
        """Return what is staged of those paths that differ from HEAD both there and on disk, and not alike."""
        staged = [
            path
            for part in chunks(self._from_top(paths))
            for state, path in self._states(part)
            if state[0] in "MA" and state[1] in "MD"
        ]
        if staged and self.head() is not None:
            names = ("diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "HEAD", "--")
            on_disk = {path for part in chunks(staged) for path in self._git.paths(*names, *part)}
            staged = [path for path in staged if path in on_disk]
        return {path: self.object(f":{self.work_tree.prefix}{path}") for path in self._below_root(staged)}

    def changes(self) -> tuple[RepoPath, ...]:
        """Return every path below the root that differs from HEAD, in the index or on disk; sorted."""
        prefix = self.work_tree.prefix
        return self._below_root(self._status([prefix] if prefix else []))

    def named(self, *, author: bool, committer: bool) -> "GitRepository":
        """Return the repository with "(trigpoint)" behind the names in the commits that it makes.

        Raises GitError where git knows no name.
        """
        roles = [*(["AUTHOR"] if author else []), *(["COMMITTER"] if committer else [])]
        names = {role: self._git.line("var", f"GIT_{role}_IDENT").rpartition(" <")[0] for role in roles}
        variables = {f"GIT_{role}_NAME": f"{name} (trigpoint)" for role, name in names.items()}
        git = replace(self._git, environment={**self._git.environment, **variables})
        return replace(self, work_tree=replace(self.work_tree, git=git))

    def commit(
        self,
        paths: Sequence[RepoPath],
        message: str,
        *,
        contents: Contents = NO_CONTENTS,
        announce: Announce | None = None,
    ) -> Commit | None:
        """Commit just these paths as they are on disk, or as ``contents`` has them; what is staged stays staged.

        ``announce`` is told the entries of the new commit before it is made. Paths that git ignores are left
        out. None where nothing differs from HEAD. Raises HookFailed or GitError; then neither branch nor index
        has changed.
        """
        return self._commit(paths, message, contents, announce, amend=False)

    def amend(
        self,
        commit: str,
        paths: Sequence[RepoPath],
        message: str,
        *,
        contents: Contents = NO_CONTENTS,
        announce: Announce | None = None,
    ) -> Commit | None:
        """Add the paths to an existing commit, or make a new one where that must not change.

        It must not unless HEAD is it and it has not been pushed.
        """
        may_change = self.head() == commit and not self.pushed(commit)
        return self._commit(paths, message, contents, announce, amend=may_change)

    def stage(self, paths: Sequence[RepoPath], contents: Contents = NO_CONTENTS) -> None:
        """Put the paths into the index as they are on disk, or as ``contents`` has them.

        Those that git ignores are left out.
        """
        fill = self._filling(stageable(self._git, self._from_top(paths)), contents)
        self._committer.edit_index(fill)

    @contextmanager
    def candidate(self, paths: Sequence[RepoPath], contents: Contents = NO_CONTENTS) -> Iterator[Path]:
        """Give an index that holds what `commit` would make of these paths, and is gone afterwards."""
        with self._committer.candidate(
            self._filling(stageable(self._git, self._from_top(paths)), contents)
        ) as index:
            yield index

    def at_head(self, path: RepoPath) -> bytes | None:
        """Return what HEAD holds at a path, as git would write it to disk; None for no file."""
        head = self.head()
        if head is None:
            return None
        name = f"{head}:{self.work_tree.prefix}{path}"
        output = self._git.answer("cat-file", "--filters", name, accept=(0, 128))
        return output.stdout if output.code == 0 else None

    def is_left_out(self, path: RepoPath) -> bool:
        """Return whether git has a file here and keeps it off the disk: it is outside the sparse checkout."""
        if os.path.lexists(self._git.folder / self.work_tree.prefix / path):
            return False
        rows = self._git.answer("ls-files", "-t", "-z", "--", *self._from_top([path]), accept=(0, 128))
        return rows.stdout.startswith(b"S ")  # 128: the path leads out of the work tree

    def diff(self, paths: Sequence[RepoPath] = (), against: str = "HEAD") -> str:
        """Return the unified diff of the work tree against a commit, new files included."""
        if against == "HEAD" and self.head() is None:
            against = empty_tree(self._git)
        prefix = self.work_tree.prefix
        wanted = self._from_top(paths) or ((prefix,) if prefix else ())
        relative = [f"--relative={prefix}"] if prefix else []
        with index_copy(self.work_tree.git_dir) as index:
            if new := untracked(self._git, wanted, index):
                self._announce_new(new, index)
            parts = [
                self._git.run(*DIFF, *relative, against, "--", *part, index=index)
                for part in (chunks(wanted) if wanted else [()])
            ]
        return b"".join(parts).decode("utf-8", "replace")

    def _announce_new(self, paths: Sequence[str], index: Path) -> None:
        """Add new files to an index without their contents."""
        options = ("--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")
        try:
            self._git.run("add", *options, stdin=join_zero(paths), index=index)
        except GitError:  # outside of a sparse checkout, which versions without this option do not refuse
            self._git.run("add", "--sparse", *options, stdin=join_zero(paths), index=index)

    def clear_up(self) -> None:
        """Remove what killed sessions left: a lock of the index, files beside that, and their own work trees."""
        clear_up(self.work_tree.git_dir)
        clear_up_worktrees(self.work_tree)

    def pushed(self, commit: str) -> bool:
        """Whether a branch of a remote is known to hold a commit."""
        return bool(self._git.run("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes"))

    def holds(self, commit: str) -> bool:
        """Whether a commit is HEAD or before it."""
        head = self.head()
        if head is None:
            return False
        output = self._git.answer("merge-base", "--is-ancestor", commit, head, accept=(0, 1, 128))
        return output.code == 0

    def parent(self, commit: str) -> str | None:
        """Return the first parent of a commit, or None for the first commit of all."""
        return next(iter(self._committer.parents(commit)), None)

    def move(self, old: str | None, new: str | None, reason: str) -> None:
        """Move the branch, by compare and swap; index entries that were as in ``old`` follow, files do not.

        None is before the first commit. Raises GitError where HEAD is not at ``old`` or nothing may
        be committed now.
        """
        self._require_no_operation()
        self._committer.move(old, new, reason)

    def reverse(self, old: str | None, new: str, message: str, since: str | None = None) -> Commit | None:
        """Commit the way back from ``new`` to ``old`` on top of HEAD; files on disk stay.

        Where HEAD has changed the same files since, both are merged. A commit behind ``since`` that does that
        already is returned instead. None where nothing would change; raises GitError where they clash, and
        then nothing has changed.
        """
        self._require_no_operation()
        if since and (made := self._reversed_since(since, old, new)):
            return self._described(made)
        changes = changes_between(self._git, old, new)
        later = {change.path: change for change in changes_between(self._git, new, self.head())}
        rows = [self._reversal_row(change, later.get(change.path)) for change in changes]
        rows.sort(key=lambda row: not row.startswith("0 "))  # removals first: a folder may follow a file

        def fill(index: Path) -> None:
            self._git.run("update-index", "-z", "--index-info", stdin=join_zero(rows), index=index)

        return self._described(self._committer.commit(fill, (), message, keep_staged=True))

    def object(self, object_id: str) -> bytes:
        """Return the bytes of a blob, given by its id or as git names revisions."""
        return self._git.run("cat-file", "blob", object_id)

    @property
    def _git(self) -> Git:
        return self.work_tree.git

    @property
    def _committer(self) -> Committer:
        return Committer(self._git, self.work_tree.git_dir, self.verify)

    def _require_no_operation(self) -> None:
        reason = unfinished_operation(self.work_tree)
        if reason:
            raise GitError(reason)

    def _commit(
        self,
        paths: Sequence[RepoPath],
        message: str,
        contents: Contents,
        announce: Announce | None,
        *,
        amend: bool,
    ) -> Commit | None:
        self._require_no_operation()
        staged = stageable(self._git, self._from_top(paths))
        prefix = self.work_tree.prefix
        announced: dict[RepoPath, str] = {}

        def take_note(entries: Entries) -> None:
            below = ((path, entry) for path, entry in entries.items() if path.startswith(prefix))
            announced.update((path[len(prefix) :], entry) for path, entry in below)
            if announce is not None:
                announce(announced)

        fill = self._filling(staged, contents)
        try:
            made = self._committer.commit(fill, staged, message, amend=amend, announce=take_note)
        except HookFailed as error:
            raise HookFailed(str(error), self._below_root(error.rewritten)) from None
        commit = self._described(made)
        return replace(commit, rewritten=self._rewritten(commit.id, announced)) if commit else None

    def _rewritten(self, commit: str, announced: Mapping[RepoPath, str]) -> tuple[RepoPath, ...]:
        """Return the files that a commit holds otherwise than was announced, and that are so on disk."""
        if not self._git.trusted:
            return ()
        prefix = self.work_tree.prefix
        holds = entries_of(self._git, commit, [prefix + path for path in announced])
        changed = (path for path, entry in announced.items() if holds[prefix + path] != entry)
        return tuple(path for path in changed if self.at_head(path) == self._on_disk(path))

    def _on_disk(self, path: RepoPath) -> bytes | None:
        return read_if_regular(self._git.folder / self.work_tree.prefix / path, _MAX_COMPARED_BYTES)

    def _filling(self, staged: Sequence[str], contents: Contents) -> Fill:
        """Return what puts paths into an index, those of ``contents`` with other bytes than on disk."""
        given = {self.work_tree.prefix + path: data for path, data in contents.items()}
        given = {path: data for path, data in given.items() if path in staged}

        def fill(index: Path) -> None:
            add_to_index(self._git, [path for path in staged if path not in given], index)
            put_contents(self._git, given, index)

        return fill

    def _reversed_since(self, since: str, old: str | None, new: str) -> str:
        """Return the commit after ``since`` that undoes a change already, or ""."""
        changes = changes_between(self._git, old, new)
        entries = {
            change.path: "" if change.added else f"{change.old_mode} {change.old}" for change in changes
        }
        return commit_holding(self._committer, since, entries) or ""

    def _described(self, commit: str | None) -> Commit | None:
        """Return a commit with its subject and the paths that it changes."""
        if commit is None:
            return None
        parents, _, subject = self._git.line("log", "-1", "--format=%P%x00%s", commit).partition("\0")
        parent = parents.partition(" ")[0] or None
        paths = {change.path for change in changes_between(self._git, parent, commit)}
        return Commit(commit, subject, self._below_root(paths))

    def _status(self, paths: Sequence[str]) -> set[str]:
        return {path for _, path in self._states(paths)}

    def _states(self, paths: Sequence[str]) -> list[tuple[str, str]]:
        """Return (state in the index and on disk, path from the top) for each path that differs.

        Temporary files of a write that goes on are none of the user's.
        """
        from edits import is_temporary

        rows = self._git.paths(
            *("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"),
            *("--ignore-submodules=dirty", "--", *paths),
        )
        return [(row[:2], row[3:]) for row in rows if not is_temporary(row[3:])]

    def _reversal_row(self, change: TreeChange, later: TreeChange | None) -> str:
        """Return the index entry that undoes one change, on top of what came after it."""
        if later is None or (later.new_mode, later.new) == (change.old_mode, change.old):
            return index_row(change.old_mode, change.old, change.path)
        merged = None
        if not (change.added or change.removed or later.added or later.removed):
            modes = {change.old_mode, change.new_mode, later.new_mode}
            if modes.isdisjoint((LINK_MODE, SUBMODULE_MODE)):
                base, ours, theirs = (self.object(name) for name in (change.new, later.new, change.old))
                merged = merge_texts(base, ours, theirs)
        if merged is None:
            raise GitError(
                f"{escaped(change.path)} has been changed by later commits in the same lines, so the commit "
                "cannot be undone; nothing was done. Undo the later one first, or edit the file."
            )
        object_id = self._git.line("hash-object", "-w", "--stdin", stdin=merged)
        return index_row(later.new_mode, object_id, change.path)

    def _from_top(self, paths: Iterable[RepoPath]) -> tuple[str, ...]:
        """Return paths as they are from the work tree's top, each once."""
        return tuple(dict.fromkeys(self.work_tree.prefix + path for path in paths))

    def _below_root(self, paths: Iterable[str]) -> tuple[RepoPath, ...]:
        """Return the files among paths from the top that are below the root, relative to it; sorted."""
        prefix = self.work_tree.prefix
        files = (path for path in paths if path.startswith(prefix) and not path.endswith("/"))
        return tuple(sorted(path[len(prefix) :] for path in files))

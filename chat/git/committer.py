"""Makes commits of given paths, with the branch and the user's index following; nothing else moves.

A commit is made in an index of its own, which holds HEAD and the given paths, so that what the user
has staged is neither committed nor lost. Branch and index change together under the index's lock,
the branch only from the very commit that was looked at.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chat.errors import GitError, HookFailed
from chat.git.index_lock import copy_index, index_copy, lock_index, put_index
from chat.git.process import HOOKS_TIMEOUT_S, Git
from chat.safety.printable import plain_message
from repomap import EMPTY_TREES, escaped, escaped_lines, is_object_id, join_zero, read_if_regular

_MAX_PATHS_BYTES = 20_000
"""Of paths on one command line; Windows takes 32,767 characters in all."""
_MAX_LINE_BYTES = 10_000
_MAX_WATCHED_BYTES = 50_000_000
"""A larger file is not watched while hooks run."""
_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "reference-transaction")
_NO_IDENTITY = (
    *("please tell me who you are", "empty ident name", "no email was given", "no name was given"),
    "unable to auto-detect email",
)
_NOT_SIGNED = "failed to sign"
_PERHAPS_NOT_SIGNED = (_NOT_SIGNED, "gpg", "signing", "load public key", "failed to write commit object")
"""Where no hook may have said it."""

Fill = Callable[[Path], None]
"""Puts what is to be committed into an index that holds HEAD."""
Entries = Mapping[str, str]
"""Mode and id of what a tree holds at some paths, "" where it holds nothing."""
Announce = Callable[[Entries], None]
"""Is told what a commit will change, before it is made."""


@dataclass(frozen=True, slots=True)
class TreeChange:
    """How one path differs between two trees; a mode of zeros where it is not there."""

    path: str
    old_mode: str
    new_mode: str
    old: str
    new: str

    @property
    def added(self) -> bool:
        """Whether the path is not in the old tree."""
        return set(self.old_mode) == {"0"}

    @property
    def removed(self) -> bool:
        """Whether the path is not in the new tree."""
        return set(self.new_mode) == {"0"}


@dataclass(frozen=True, slots=True)
class Committer:
    """Makes commits in one work tree; paths here are from its top."""

    git: Git
    git_dir: Path
    verify: bool

    def head(self) -> str | None:
        """Return the commit that HEAD is at, or None before the first."""
        head = _read_head(self.git_dir)
        if head:
            return head
        output = self.git.answer("rev-parse", "-q", "--verify", "HEAD^{commit}", accept=(0, 1, 128))
        return output.stdout.decode().strip() if output.code == 0 else None

    def commit(
        self,
        fill: Fill,
        paths: Sequence[str],
        message: str,
        *,
        amend: bool = False,
        keep_staged: bool = False,
        announce: Announce | None = None,
    ) -> str | None:
        """Return the new commit's id, or None where nothing would change, and then ``announce`` is not called.

        ``paths`` are watched while hooks run. The user's index gets what was committed, with
        ``keep_staged`` only where it was as HEAD had it.
        """
        with lock_index(self.git_dir), index_copy(self.git_dir) as index:
            head = self._fill(index, fill)
            tree = self.git.line("write-tree", index=index)
            changes = changes_between(self.git, head, tree)
            if head and not changes:
                return None
            if announce is not None:
                announce({change.path: _entry(change) for change in changes})
            message = plain_message(message).strip() + "\n"
            trusted = self.git.permission().trusted
            with self._index_ahead(head, changes, keep_staged):
                if trusted:
                    commit = self._commit_with_hooks(index, paths, message, amend)
                else:
                    commit = self._commit_without_hooks(tree, head, message, amend)
            if trusted:
                self._update_index(changes_between(self.git, tree, commit), keep_staged)  # added by hooks
        return commit

    @contextmanager
    def candidate(self, fill: Fill) -> Iterator[Path]:
        """Give an index that holds what `commit` would commit, and is gone afterwards.

        It is in the git folder, which a command in a sandbox sees, too.
        """
        from edits import own_mark

        given = self.git_dir / f"index.trigpoint-{own_mark()}.candidate"
        try:
            with index_copy(self.git_dir) as index:
                self._fill(index, fill)
                copy_index(index, given)
            yield given
        finally:
            given.unlink(missing_ok=True)

    def move(self, old: str | None, new: str | None, reason: str) -> None:
        """Move the branch from one commit to another, None being before the first.

        Index entries that were as ``old`` has them become as ``new`` has them. No file changes.
        Raises GitError where HEAD is not at ``old``.
        """
        with lock_index(self.git_dir):
            if self.head() != old:
                raise GitError(f"The branch has moved on from {_short(old)}, so it was not changed.")
            with self._index_ahead(old, changes_between(self.git, old, new), keep_staged=True):
                self._update_ref(old, new, reason)

    def edit_index(self, fill: Fill) -> None:
        """Change the user's index as a whole or not at all."""
        with lock_index(self.git_dir), index_copy(self.git_dir) as copy:
            fill(copy)
            put_index(self.git_dir, copy)

    def parents(self, commit: str) -> tuple[str, ...]:
        """Return the parents of a commit."""
        return tuple(self.git.line("rev-list", "--parents", "-n", "1", commit).split()[1:])

    def _fill(self, index: Path, fill: Fill) -> str | None:
        """Put HEAD into an index, and on top what is to be committed; return HEAD."""
        head = self.head()
        self.git.run("read-tree", *(("-i", "-m", head) if head else ("--empty",)), index=index)
        fill(index)
        return head

    def _commit_without_hooks(self, tree: str, head: str | None, message: str, amend: bool) -> str:
        """Commit a tree with nothing but git itself taking part."""
        parents = self.parents(head) if amend and head else (head,) if head else ()
        git = self.git
        if amend and head:
            git = replace(git, environment={**git.environment, **self._authorship(head)})
        commit = commit_tree(git, tree, parents, _encoded(message))
        verb = "commit (amend)" if amend else "commit" if head else "commit (initial)"
        self._update_ref(head, commit, f"{verb}: {escaped(message.splitlines()[0])}")
        return commit

    def _commit_with_hooks(self, index: Path, paths: Sequence[str], message: str, amend: bool) -> str:
        digests = self._digests(paths)
        options = [
            *(["--amend", "--allow-empty"] if amend else []),
            *([] if self.verify else ["--no-verify"]),
        ]
        output = self.git.answer(
            *("commit", "--quiet", "--cleanup=whitespace", "--file=-", *options),
            stdin=_encoded(message),
            index=index,
            accept=tuple(range(256)),
            hooks=True,
            timeout_s=HOOKS_TIMEOUT_S,
        )
        if output.code:
            rewritten = tuple(
                path for path, digest in self._digests(paths).items() if digest != digests[path]
            )
            words = "\n".join(filter(None, (escaped_lines(output.stdout), output.stderr)))
            raise _judged(words, has_hooks=self.has_hooks(), rewritten=rewritten)
        return self.head() or ""

    def _authorship(self, commit: str | None) -> Mapping[str, str]:
        """Return who wrote a commit and when, for the one that replaces it."""
        form = "--format=%an%x00%ae%x00%ad"
        name, email, date = self.git.line("log", "-1", form, "--date=raw", commit or "HEAD").split("\0")
        return {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": date}

    def _update_ref(self, old: str | None, new: str | None, reason: str) -> None:
        """Move the branch of HEAD from exactly one commit to another."""
        nothing = "0" * len(old or new or "")
        try:
            if new is None:
                if self.git.answer("symbolic-ref", "-q", "HEAD", accept=(0, 1)).code:
                    raise GitError("HEAD is on no branch, so its first commit cannot be taken off.")
                self.git.run("update-ref", "-m", reason, "-d", "HEAD", old or nothing)
            else:
                self.git.run("update-ref", "-m", reason, "HEAD", new, old or nothing)
        except GitError as error:
            if "cannot lock ref" not in str(error) and "but expected" not in str(error):
                raise
            raise GitError(
                f"The branch has moved on from {_short(old)} in the meantime, so it was not changed. "
                "Look at git log, then try again."
            ) from None

    @contextmanager
    def _index_ahead(
        self, head: str | None, changes: Sequence[TreeChange], keep_staged: bool
    ) -> Iterator[None]:
        """Update the index, then have the body move the branch from ``head``; undone where it fails.

        The index goes first. Killed between the two, what is left is staged and not committed; a branch
        ahead of its index would look as if the user had staged the way back.
        """
        with index_copy(self.git_dir) as original:
            self._update_index(changes, keep_staged)
            try:
                yield
            except BaseException:
                if self.head() == head:
                    put_index(self.git_dir, original)
                raise

    def _update_index(self, changes: Sequence[TreeChange], keep_staged: bool) -> None:
        """Bring the user's index to where the branch is now, in these paths alone."""
        with index_copy(self.git_dir) as copy:
            if keep_staged:
                staged = self._staged([change.path for change in changes], copy)
                changes = [
                    change
                    for change in changes
                    if staged.get(change.path) == (None if change.added else (change.old_mode, change.old))
                ]
            if not changes:
                return
            removals_first = sorted(
                changes, key=lambda change: not change.removed
            )  # a folder may follow a file
            rows = (index_row(change.new_mode, change.new, change.path) for change in removals_first)
            # a staged file in a folder of the same name stays, and then git refuses
            switches = () if keep_staged else ("--replace",)
            self.git.run("update-index", *switches, "-z", "--index-info", stdin=join_zero(rows), index=copy)
            # so that git need not read these files to know that they are as committed
            self.git.answer("update-index", "-q", "--refresh", index=copy, accept=(0, 1))
            put_index(self.git_dir, copy)

    def _staged(self, paths: Sequence[str], index: Path) -> dict[str, tuple[str, str]]:
        """Return the mode and id that an index has for each path that is in it."""
        staged = {}
        for part in chunks(paths):
            for row in self.git.paths("ls-files", "-s", "-z", "--", *part, index=index):
                description, _, path = row.partition("\t")
                mode, object_id, _ = description.split(" ")
                staged[path] = (mode, object_id)
        return staged

    def has_hooks(self) -> bool:
        """Whether the repository has hooks that may refuse or change a commit."""
        folder = Path(self.git.line("rev-parse", "--git-path", "hooks"))
        return any((self.git.folder / folder / name).is_file() for name in _HOOKS)

    def _digests(self, paths: Sequence[str]) -> dict[str, bytes]:
        return {path: _digest(self.git.folder / path) for path in paths}


def changes_between(git: Git, old: str | None, new: str | None) -> list[TreeChange]:
    """Return how two commits or trees differ, None being nothing at all."""
    id_chars = len(old or new or "")
    if not id_chars:
        return []
    empty = EMPTY_TREES.get(id_chars, "")
    fields = git.paths("diff-tree", "-r", "-z", "--no-renames", old or empty, new or empty)
    changes = []
    for description, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, old_id, new_id, _ = description.removeprefix(":").split(" ")
        changes.append(TreeChange(path, old_mode, new_mode, old_id, new_id))
    return changes


def _entry(change: TreeChange) -> str:
    return "" if change.removed else f"{change.new_mode} {change.new}"


def index_row(mode: str, object_id: str, path: str) -> str:
    """Return a row for `update-index --index-info`; a mode of zeros takes the path out.

    >>> index_row("000000", "0" * 4, "a.txt")
    '0 0000\\ta.txt'
    """
    return f"{mode if mode.strip('0') else '0'} {object_id}\t{path}"


def commit_tree(git: Git, tree: str, parents: Sequence[str], message: bytes, *options: str) -> str:
    """Make a commit of a tree on top of its parents, on no branch; no hook is run.

    Raises GitError, with advice where git does not know the user or cannot sign.
    """
    words = [word for parent in parents for word in ("-p", parent)]
    try:
        return git.line("commit-tree", tree, *words, *options, "-F", "-", stdin=message)
    except GitError as error:
        raise _judged(str(error)) from None


def chunks(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the paths in parts that fit a command line; no part where there are none."""
    part: list[str] = []
    size = 0
    for path in paths:
        if part and size + len(path) > _MAX_PATHS_BYTES:
            yield part
            part, size = [], 0
        part.append(path)
        size += len(path) + 3
    if part:
        yield part


def _read_head(git_dir: Path) -> str:
    """Return the commit of HEAD where a file says so in plain words; "" where git has to be asked.

    Starting git takes longer than everything else that this is needed for, many times a turn.
    """
    head = _read_line(git_dir / "HEAD")
    if head.startswith("ref: refs/heads/"):
        common_dir = git_dir / _read_line(git_dir / "commondir")
        head = _read_line(common_dir / head.removeprefix("ref: "))
    return head if is_object_id(head) else ""


def _read_line(path: Path) -> str:
    """Return the text of a file without the line feed at its end, or "" where there is none."""
    data = read_if_regular(path, _MAX_LINE_BYTES) or b""
    return os.fsdecode(data).removesuffix("\n")


def _judged(words: str, has_hooks: bool = False, rewritten: tuple[str, ...] = ()) -> GitError:
    """Return the error that git's refusal to commit means for the user."""
    lower = words.lower()
    if any(phrase in lower for phrase in _NO_IDENTITY):
        return GitError(
            "git does not know who you are, so nothing was committed. Tell it once:\n"
            '  git config --global user.name "Your Name"\n  git config --global user.email you@example.org'
        )
    if _NOT_SIGNED in lower or (not has_hooks and any(phrase in lower for phrase in _PERHAPS_NOT_SIGNED)):
        return GitError(f"The commit could not be signed, so nothing was committed:\n{words}")
    if has_hooks:
        changed = f"\nThe hook changed {', '.join(map(escaped, rewritten))}." if rewritten else ""
        return HookFailed(
            f"A hook of the repository refused the commit, so nothing was committed:\n{words}{changed}",
            rewritten,
        )
    return GitError(f"git refused the commit, so nothing was committed:\n{words}")


def _encoded(message: str) -> bytes:
    return message.encode("utf-8", "replace")


def _digest(path: Path) -> bytes:
    data = read_if_regular(path, _MAX_WATCHED_BYTES)
    return b"" if data is None else hashlib.sha256(data).digest()


def _short(commit: str | None) -> str:
    return commit[:12] if commit else "no commit"

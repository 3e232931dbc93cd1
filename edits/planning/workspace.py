"""The files of one reply while it is planned: a `Tree`, and over it the texts that have changed.

Nothing here is written; a plan takes its changes from it when all blocks are through.
"""

from collections.abc import Sequence
from dataclasses import replace

from edits.model import EditBlock, FileChange, FileText, Rejected, Replace, RepoPath, Rules
from edits.planning import refusal
from edits.planning.draft import Draft
from edits.planning.resolve import Tree
from edits.text.file_text import decode, encode
from edits.text.line_index import LineIndex
from edits.text.normalize import blank


class After:
    """A tree as it would be with some changes written."""

    def __init__(self, tree: Tree, changes: Sequence[FileChange]) -> None:
        self._tree = tree
        self.changed = {change.path: change.after for change in changes}

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a file, or None where there is none."""
        return self.changed[path] if path in self.changed else self._tree.read(path)

    def has(self, path: RepoPath) -> bool:
        """Whether there is a file of this name."""
        return self.changed[path] is not None if path in self.changed else self._tree.has(path)

    def forbidden(self, path: RepoPath) -> str:
        """Why a path must not be written, or "" where it may."""
        return self._tree.forbidden(path)

    def relative(self, name: str) -> RepoPath | None:
        """An absolute name as a path below the root, or None where it is not below it."""
        return self._tree.relative(name)

    def paths(self) -> Sequence[RepoPath]:
        """Every file there is, sorted."""
        made = {path for path, after in self.changed.items() if after is not None}
        return sorted(made | {path for path in self._tree.paths() if path not in self.changed})


class _Now:
    """A tree with what the blocks so far made, moved and deleted."""

    def __init__(self, space: "Workspace") -> None:
        self._space = space

    def forbidden(self, path: RepoPath) -> str:
        """Why a path must not be written, or "" where it may."""
        return self._space.tree.forbidden(path)

    def relative(self, name: str) -> RepoPath | None:
        """An absolute name as a path below the root, or None where it is not below it."""
        return self._space.tree.relative(name)

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a file, or None where there is none."""
        file = self._space.draft(path).file
        return None if file is None else encode(file)

    def has(self, path: RepoPath) -> bool:
        """Whether there is a file of this name."""
        return self._space.exists(path)

    def paths(self) -> Sequence[RepoPath]:
        """Every file there is, sorted."""
        return self._space.paths()


class Workspace:
    """Drafts over a tree, and what the blocks so far did to them."""

    def __init__(self, tree: Tree, rules: Rules) -> None:
        self.tree = tree
        self.rules = rules
        self.now: Tree = _Now(self)
        """The tree as the blocks so far left it."""
        self.previous: RepoPath | None = None
        """The file of the block before."""
        self.applied: set[tuple[RepoPath, Replace]] = set()
        self._drafts: dict[RepoPath, Draft] = {}
        self._forbidden: dict[RepoPath, str] = {}

    def draft(self, path: RepoPath) -> Draft:
        """The file as the blocks so far left it."""
        if path not in self._drafts:
            before = self.tree.read(path)
            file = None if before is None else decode(before)
            self._drafts[path] = Draft(before, file, LineIndex(file.lines if file else ()))
        return self._drafts[path]

    def put(self, path: RepoPath, draft: Draft) -> None:
        """Leave a file in this state to the blocks to come."""
        self._drafts[path] = draft

    def exists(self, path: RepoPath) -> bool:
        """Whether there is such a file now."""
        return self._drafts[path].file is not None if path in self._drafts else self.tree.has(path)

    def paths(self) -> Sequence[RepoPath]:
        """Every file there is now, sorted."""
        moved = {
            path: draft
            for path, draft in self._drafts.items()
            if (draft.before is None) != (draft.file is None)
        }
        if not moved:
            return self.tree.paths()
        made = [path for path, draft in moved.items() if draft.file is not None]
        return sorted((*made, *(path for path in self.tree.paths() if path not in moved)))

    def has_text(self, path: RepoPath) -> bool:
        """Whether a file holds more than blank lines."""
        file = self.draft(path).file
        return file is not None and any(not blank(line) for line in file.lines)

    def barred(self, block: EditBlock, path: RepoPath) -> Rejected | None:
        """A refusal, if a path may not be written."""
        if path not in self._forbidden:  # links are resolved for it, and many blocks share a file
            self._forbidden[path] = self.tree.forbidden(path)
        why = self._forbidden[path]
        if why:
            return refusal.forbidden(block, path, why)
        if not self.rules.read_only:
            return None
        parts = path.split("/")
        above = {"/".join(parts[:number]) for number in range(1, len(parts) + 1)}
        return refusal.read_only(block, path) if above & self.rules.read_only else None

    def stale(self, block: EditBlock, path: RepoPath) -> Rejected | None:
        """A refusal, where replacing a whole file would lose what changed since it was shown."""
        shown = (self.rules.shown or {}).get(path)
        before = self.draft(path).before
        return refusal.stale(block, path) if shown is not None and before not in (None, shown) else None

    def changes(self) -> tuple[FileChange, ...]:
        """What the drafts would change on disk, by path."""
        found = []
        for path, draft in sorted(self._drafts.items()):
            after = None if draft.file is None else encode(draft.file)
            if after != draft.before:
                found.append(FileChange(path, draft.before, after, draft.moved_from))
        return tuple(found)

    def forget(self) -> None:
        """Give up all drafts."""
        self._drafts.clear()

    def drop_broken(self) -> frozenset[RepoPath]:
        """Give up the drafts of files that parsed before and do not now; their paths."""
        broken = frozenset(path for path, draft in self._drafts.items() if self._breaks(path, draft))
        for path in broken:
            del self._drafts[path]
        return broken

    def _breaks(self, path: RepoPath, draft: Draft) -> bool:
        gate = self.rules.gate
        if gate is None or draft.before is None or draft.file is None:
            return False
        after = encode(draft.file)
        return after != draft.before and gate(path, draft.before) is True and gate(path, after) is False


def unsuited(
    block: EditBlock, path: RepoPath, file: FileText | None, lines: Sequence[str]
) -> Rejected | None:
    """A refusal, where a file's encoding lacks a character of new lines."""
    text = replace(file or FileText((), ()), lines=tuple(lines), ends=("",) * len(lines), bom=b"")
    try:
        encode(text)
    except UnicodeEncodeError as error:
        return refusal.unsuited(block, path, text.encoding, error.object[error.start])
    return None

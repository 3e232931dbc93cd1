"""The files of one reply while it is planned: a `Tree`, and over it the drafts that have changed.

Nothing here is written; a plan takes its changes from it when all blocks are through.
"""

from collections.abc import Sequence

from edits.model import FileChange, FileText, Objection, Replace, RepoPath, Rules
from edits.planning.draft import Draft
from edits.planning.outcome import Outcome
from edits.planning.trees import Tree, merged_paths
from edits.text.file_text import as_utf8, decode, encode, needs_encoding, without_text
from edits.text.line_index import LineIndex
from edits.text.normalize import blank


class Workspace:
    """Drafts over a tree, as the blocks so far left them."""

    def __init__(self, tree: Tree, rules: Rules, beyond_ascii: str = "") -> None:
        self.tree = tree
        """The tree before the reply."""
        self.rules = rules
        self.beyond_ascii = beyond_ascii
        """The lines of the reply's edits that are not ASCII, as a hint at encodings."""
        self.previous: RepoPath | None = None
        """The file of the block before."""
        self.applied: set[tuple[RepoPath, Replace]] = set()
        """What was carried out, to recognise a block that is repeated."""
        self._drafts: dict[RepoPath, Draft] = {}
        self._forbidden: dict[RepoPath, str] = {}

    def draft(self, path: RepoPath) -> Draft:
        """The file as the blocks so far left it."""
        if path not in self._drafts:
            before = self.tree.read(path)
            file = None if before is None else self._decoded(path, before)
            index, encoding = LineIndex(file.lines if file else ()), file.encoding if file else "utf-8"
            self._drafts[path] = Draft(before=before, file=file, index=index, encoding=encoding)
        return self._drafts[path]

    def original(self, path: RepoPath) -> FileText:
        """The text of a file before the reply; empty where there was none."""
        before = self.tree.read(path)
        return FileText((), ()) if before is None else self._decoded(path, before)

    def _decoded(self, path: RepoPath, data: bytes) -> FileText:
        asked = needs_encoding(data, self.beyond_ascii)
        return decode(data, self._known_encoding(path, data) if asked else None)

    def _known_encoding(self, path: RepoPath, data: bytes) -> str | None:
        conventions = self.rules.conventions
        return conventions.encoding(path, data, self.beyond_ascii) if conventions else None

    def empty_file(self, path: RepoPath) -> FileText:
        """What a new file of this name has beside its lines: encoding and mark."""
        return without_text(self._known_encoding(path, b""))

    def line_end(self, path: RepoPath) -> str:
        """The line end of a new file of this name."""
        return self.rules.conventions.line_end(path) if self.rules.conventions else "\n"

    def keep(self, outcome: Outcome) -> None:
        """Leave the files as a block wants them, for the blocks to come."""
        self._drafts.update(outcome.drafts)
        result = outcome.result
        if isinstance(result.block.change, Replace) and not result.already:
            self.applied.add((result.path, result.block.change))

    def has(self, path: RepoPath) -> bool:
        """Whether there is such a file now."""
        return self._drafts[path].file is not None if path in self._drafts else self.tree.has(path)

    def relative(self, name: str) -> RepoPath | None:
        """An absolute name as a path below the root; None where it is not below it."""
        return self.tree.relative(name)

    def paths(self) -> Sequence[RepoPath]:
        """Every file there is now, sorted."""
        changed = {
            path: draft.file is not None
            for path, draft in self._drafts.items()
            if (draft.before is None) != (draft.file is None)
        }
        return merged_paths(self.tree.paths(), changed)

    def has_text(self, path: RepoPath) -> bool:
        """Whether a file holds more than blank lines."""
        file = self.draft(path).file
        return file is not None and any(not blank(line) for line in file.lines)

    def forbidden(self, path: RepoPath) -> str:
        """Why a path must not be written; "" where it may."""
        if path not in self._forbidden:  # links are resolved for it, and many blocks share a file
            self._forbidden[path] = self.tree.forbidden(path)
        return self._forbidden[path]

    def is_read_only(self, path: RepoPath) -> bool:
        """Whether a path, or a folder above it, was given to be read only."""
        parts = path.split("/")
        above = {"/".join(parts[:number]) for number in range(1, len(parts) + 1)}
        return bool(above & self.rules.read_only)

    def barrier(self, path: RepoPath) -> str:
        """Why the caller's rules keep a file from being changed; "" where they do not."""
        return self.rules.barrier(path) if self.rules.barrier else ""

    def is_stale(self, path: RepoPath) -> bool:
        """Whether a file has changed since the model saw it."""
        shown = (self.rules.shown or {}).get(path)
        return shown is not None and self.draft(path).before not in (None, shown)

    def changes(self) -> tuple[FileChange, ...]:
        """What the drafts would change on disk, by path."""
        changes = []
        for path, draft in sorted(self._drafts.items()):
            after = None if draft.file is None else encode(draft.file)
            if after != draft.before:
                encoding = draft.encoding if draft.file is None else draft.file.encoding
                changes.append(FileChange(path, draft.before, after, draft.moved_from, encoding))
        return tuple(changes)

    def discard(self) -> None:
        """Drop all drafts."""
        self._drafts.clear()

    def objections(self) -> dict[RepoPath, Objection]:
        """What the syntax check says against the drafts; those that it refuses are dropped."""
        found = {path: said for path, draft in self._drafts.items() if (said := self._objection(path, draft))}
        for path, objection in found.items():
            if objection.refuses:
                del self._drafts[path]
        return found

    def _objection(self, path: RepoPath, draft: Draft) -> Objection | None:
        gate = self.rules.gate
        if gate is None or draft.before is None or draft.file is None:
            return None
        if encode(draft.file) == draft.before:
            return None
        return gate(path, as_utf8(self.original(path)), as_utf8(draft.file))

"""Whether a reply would change the files once more if it were applied again.

Example: a file has the lines `a`, `b`, and an edit replaces `a` by `a`, `x`, `a`. Applied again it
would find `a` once more; and of a file with `a`, `x`, `a`, `b` nobody can say whether it is the
result or the start. So an edit that is not stable is tested by undoing it: where undoing and doing
it again gives the very file, the file is the result. A lone edit for which neither holds is refused.
"""

from collections.abc import Callable, Sequence

from edits.matching.strategies import CERTAIN
from edits.model import (
    Applied,
    EditBlock,
    EditResult,
    FileChange,
    ParsedReply,
    Reading,
    Rejected,
    Replace,
)
from edits.planning import refusal
from edits.planning.trees import ChangedTree, Tree
from edits.planning.workspace import Workspace

_NEAR = 4
"""Lines between the place of an edit and that of its undoing, one of which may begin with context."""

Run = Callable[[Workspace, ParsedReply], list[EditResult]]
"""Carries the blocks of a reply out in a workspace."""


def make_repeatable(
    reply: ParsedReply, space: Workspace, results: list[EditResult], run: Run
) -> list[EditResult]:
    """The results of a reply without refusals, after a look at what a second application would do.

    They stay where it would change nothing. Where the files are the result already, `space` is
    emptied and all results are `already`.
    """
    changes = space.changes()
    is_loose = any(isinstance(result, Applied) and result.how not in CERTAIN for result in results)
    after = ChangedTree(space.tree, changes)
    again = _Trial(reply, space, run)
    if not changes or not (is_loose or again.changes(after)):
        return results
    is_result = again.is_result(space.tree)
    if is_result and again.undone_in_place(space.tree, results):
        space.discard()
        return [_as_already(result) for result in results]
    is_twin = (
        is_result and is_loose
    )  # it stands elsewhere to the letter, and here is what only resembles its start
    if len(reply.blocks) > 1 or not (is_twin or (again.changes(after) and not again.is_result(after))):
        return results
    return [refusal.unstable(result) if isinstance(result, Applied) else result for result in results]


class _Trial:
    """A reply, applied and undone in trees that nobody keeps."""

    def __init__(self, reply: ParsedReply, space: Workspace, run: Run) -> None:
        self._reply = reply
        self._undoing = _undoing(reply)
        self._rules = space.rules
        self._beyond_ascii = space.beyond_ascii
        self._run = run

    def changes(self, tree: Tree) -> tuple[FileChange, ...] | None:
        """What the reply changes in a tree; None where any of it is refused."""
        return self._outcome(self._reply, tree)

    def is_result(self, tree: Tree) -> bool:
        """Whether undoing the edits in a tree and making them again gives the tree itself."""
        back = self._outcome(self._undoing, tree, certain=True) if self._undoing else None
        if not back:
            return False
        forth = self.changes(ChangedTree(tree, back))
        texts = {change.path: change.after for change in forth or ()}
        return bool(texts) and all(tree.read(path) == text for path, text in texts.items())

    def undone_in_place(self, tree: Tree, results: Sequence[EditResult]) -> bool:
        """Whether the edits are undone about where they would be made, not at a twin of the place."""
        back = self._run(self._workspace(tree), self._undoing) if self._undoing else []
        lines = [result.line for result in reversed(back) if isinstance(result, Applied)]
        edited = [result.line for result in results if isinstance(result, Applied)]
        return len(lines) == len(edited) and all(
            abs(line - other) <= _NEAR for line, other in zip(lines, edited, strict=True)
        )

    def _workspace(self, tree: Tree) -> Workspace:
        return Workspace(tree, self._rules, self._beyond_ascii)

    def _outcome(
        self, reply: ParsedReply, tree: Tree, *, certain: bool = False
    ) -> tuple[FileChange, ...] | None:
        """What a reply changes; None where a block is refused or, with `certain`, loosely placed."""
        space = self._workspace(tree)
        for result in self._run(space, reply):
            if isinstance(result, Rejected) or (certain and result.how not in CERTAIN):
                return None
        return space.changes()


def _undoing(reply: ParsedReply) -> ParsedReply | None:
    """The reply that takes the edits back, last first; None where whole files are among them."""
    blocks = []
    for block in reversed(reply.blocks):
        if not isinstance(block, EditBlock) or not isinstance(block.change, Replace):
            return None
        readings = tuple(Reading(reading.replace, reading.search) for reading in block.change.readings)
        blocks.append(EditBlock(block.names, Replace(readings), block.reply_line))
    return ParsedReply(reply.format, tuple(blocks), reply.finished)


def _as_already(result: EditResult) -> EditResult:
    if isinstance(result, Rejected):
        return result
    return Applied(result.block, result.path, result.line, already=True, how="already")

"""A reply's edits + the files → a plan: every new text in memory, and one result for each block.

Blocks are taken in the order of the reply, each against the files as the blocks before it left
them. A plan is whole or it is empty: one refused block, and nothing is to be written.
"""

from collections.abc import Sequence

from edits.model import (
    Applied,
    Delete,
    EditBlock,
    EditResult,
    FileChange,
    Move,
    ParsedReply,
    Plan,
    Reading,
    Reason,
    Rejected,
    Replace,
    Rules,
    Unreadable,
    Write,
)
from edits.planning import refusal
from edits.planning.replacements import replace_lines
from edits.planning.resolve import Tree, resolve
from edits.planning.whole_files import create, delete, move, overwrite
from edits.planning.workspace import After, Workspace
from edits.text.normalize import blank

_NO_RULES = Rules()
_NEAR = 4
"""Lines between the place of an edit and that of its undoing, one of which may begin with context."""
_CERTAIN = ("exact", "trailing_space")
_LATER = 50
"""How many of the blocks still to come a block is told of."""


def plan_edits(reply: ParsedReply, tree: Tree, rules: Rules = _NO_RULES) -> Plan:
    """What a reply does to the files of a tree; nothing is written.

    Results come in the order of the blocks. With a refused block `changes` is empty, unless
    `rules.partial`. Never raises for anything that a reply or a file can hold.
    """
    space = Workspace(tree, rules)
    results = _without_examples(_run(space, reply))
    if not any(isinstance(result, Rejected) for result in results):
        results = _repeatable(reply, space, results)
    broken = space.drop_broken()
    results = [
        refusal.breaks_syntax(result) if isinstance(result, Applied) and result.path in broken else result
        for result in results
    ]
    refused = any(isinstance(result, Rejected) for result in results)
    return Plan(() if refused and not rules.partial else space.changes(), tuple(results))


def _repeatable(reply: ParsedReply, space: Workspace, results: list[EditResult]) -> list[EditResult]:
    """The results, where applying the reply once more would change a file once more.

    Then a file that is the result of the reply already is told from one that is not by undoing the
    edits, last first, and making them again. A single edit for which that does not tell is refused.
    """
    after = After(space.tree, space.changes())
    loose = any(isinstance(result, Applied) and result.how not in _CERTAIN for result in results)
    if not after.changed or not (loose or _outcome(reply, after, space.rules)):
        return results
    if _is_result(reply, space.tree, space.rules) and _undone_here(reply, space, results):
        space.forget()
        return [_as_already(result) for result in results]
    if (
        len(reply.blocks) > 1
        or not _outcome(reply, after, space.rules)
        or _is_result(reply, after, space.rules)
    ):
        return results
    return [refusal.unstable(result) if isinstance(result, Applied) else result for result in results]


def _outcome(
    reply: ParsedReply, tree: Tree, rules: Rules, *, certain: bool = False
) -> tuple[FileChange, ...] | None:
    """What a reply changes in a tree; None where it is refused, wholly or in part.

    `certain`: None also where a place was found by a loose strategy.
    """
    space = Workspace(tree, rules)
    results = _run(space, reply)
    if any(isinstance(result, Rejected) or (certain and result.how not in _CERTAIN) for result in results):
        return None
    return space.changes()


def _is_result(reply: ParsedReply, tree: Tree, rules: Rules) -> bool:
    """Whether undoing the edits in a tree and making them again gives the tree itself."""
    undone = _undoing(reply)
    back = _outcome(undone, tree, rules, certain=True) if undone else None
    if not back:
        return False
    forth = _outcome(reply, After(tree, back), rules)
    there = {change.path: change.after for change in forth or ()}
    return bool(there) and all(tree.read(path) == text for path, text in there.items())


def _undone_here(reply: ParsedReply, space: Workspace, results: Sequence[EditResult]) -> bool:
    """Whether the edits are undone about where they would be made, and not at a twin of the place."""
    undone = _undoing(reply)
    back = _run(Workspace(space.tree, space.rules), undone) if undone else []
    lines = [result.line for result in reversed(back) if isinstance(result, Applied)]
    made = [result.line for result in results if isinstance(result, Applied)]
    return len(lines) == len(made) and all(abs(a - b) <= _NEAR for a, b in zip(lines, made, strict=True))


def _undoing(reply: ParsedReply) -> ParsedReply | None:
    """The reply that takes the edits back; None where one of them leaves nothing to find it by."""
    blocks = []
    for block in reversed(reply.blocks):
        if not isinstance(block, EditBlock) or not isinstance(block.change, Replace):
            return None
        readings = tuple(Reading(each.replace, each.search) for each in block.change.readings)
        blocks.append(EditBlock(block.names, Replace(readings), block.reply_line))
    return ParsedReply(reply.format, tuple(blocks), reply.finished)


def _as_already(result: EditResult) -> EditResult:
    return (
        Applied(result.block, result.path, result.line, True, "already")
        if isinstance(result, Applied)
        else result
    )


def _run(space: Workspace, reply: ParsedReply) -> list[EditResult]:
    """The results of all blocks, in order."""
    results: list[EditResult] = []
    listed = _listed(reply.blocks)
    skip = 0
    for number, block in enumerate(reply.blocks):
        if block.reply_line <= skip:
            continue  # text of a listing whose end turned out to lie further down
        if isinstance(block, Unreadable):
            results.append(refusal.unreadable(block, cut_off=not reply.finished))
            continue
        result, end = _apply(space, block, reply.blocks, number, listed)
        results.append(result)
        skip = max(skip, end)
        space.previous = result.path or space.previous
    if not reply.finished and not any(isinstance(result.block, Unreadable) for result in results):
        results.append(refusal.cut_off(reply))
    return results


def _apply(
    space: Workspace,
    block: EditBlock,
    blocks: Sequence[EditBlock | Unreadable],
    number: int,
    listed: frozenset[str],
) -> tuple[EditResult, int]:
    """The result of one block, and the reply line where it turned out to end (0: as parsed)."""
    change = block.change
    if isinstance(change, Write) and not change.new:
        return overwrite(space, block, change, listed)
    if isinstance(change, Write):
        return create(space, block, change), 0
    if isinstance(change, Delete):
        return delete(space, block, change), 0
    if isinstance(change, Move):
        return move(space, block, change), 0
    later = blocks[number + 1 : number + 1 + _LATER]
    made = _as_new_file(space, block, change)
    return create(space, block, made) if made else replace_lines(space, block, change, later), 0


def _as_new_file(space: Workspace, block: EditBlock, change: Replace) -> Write | None:
    """A block whose first divider follows its head makes a file, where there is none with text yet."""
    empty = [each for each in change.readings if all(blank(line) for line in each.search)]
    if not empty:
        return None
    target = resolve(block.names, space.now, space.rules.chat, new=True)
    if target and any(space.has_text(path) for path in target.paths):
        return None
    return Write((empty[-1].replace,), new=True)


def _listed(blocks: Sequence[EditBlock | Unreadable]) -> frozenset[str]:
    """The names that whole listings declare."""
    return frozenset(
        spelling
        for block in blocks
        if isinstance(block, EditBlock) and isinstance(block.change, Write) and not block.change.new
        for hint in block.names[:1]
        if hint.declared
        for spelling in hint.spellings
    )


def _without_examples(results: list[EditResult]) -> list[EditResult]:
    """Listings without a file's name are examples, where others have one."""
    named = any(result.path for result in results)
    return [result for result in results if not (named and _is_example(result))]


def _is_example(result: EditResult) -> bool:
    unnamed = isinstance(result, Rejected) and result.reason is Reason.NO_NAME
    block = result.block
    return (
        unnamed and isinstance(block, EditBlock) and isinstance(block.change, Write) and not block.change.new
    )

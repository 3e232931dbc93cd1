"""A reply's edits and the files → a plan: every new text in memory, one result for each block.

Blocks are taken in the order of the reply, each against the files as the blocks before it left
them. A plan is whole or empty: where one block is refused, nothing is to be written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from edits.formats.file_names import looks_like_path
from edits.matching.dividers import has_text
from edits.model import (
    Applied,
    EditBlock,
    EditResult,
    Objection,
    ParsedReply,
    Plan,
    Reason,
    Rejected,
    Replace,
    RepoPath,
    Rules,
    Unreadable,
    Write,
)
from edits.planning import refusal
from edits.planning.idempotence import make_repeatable
from edits.planning.pipeline import carry_out
from edits.planning.target import resolve
from edits.planning.trees import Tree
from edits.planning.workspace import Workspace

_NO_RULES = Rules()
_LATER = 50
"""How many of the blocks still to come are shown to a block."""


def plan_edits(reply: ParsedReply, tree: Tree, rules: Rules = _NO_RULES) -> Plan:
    """What a reply does to the files of a tree; nothing is written.

    Results come in the order of the blocks. Where a block is refused, `changes` is empty unless
    `rules.partial`. Never raises, whatever the reply or a file holds.
    """
    space = Workspace(tree, rules, _beyond_ascii(reply))
    results = _without_examples(_run(space, reply))
    if not any(isinstance(result, Rejected) for result in results):
        results = make_repeatable(reply, space, results, _run)
    objections = space.objections()
    results = [_with_objection(result, objections) for result in results]
    is_refused = any(isinstance(result, Rejected) for result in results)
    return Plan(() if is_refused and not rules.partial else space.changes(), tuple(results))


def _run(space: Workspace, reply: ParsedReply) -> list[EditResult]:
    """Carry all blocks out in a workspace, in order."""
    results: list[EditResult] = []
    listed = _listed(reply.blocks)
    reply_end = 0
    for number, block in enumerate(reply.blocks):
        if block.reply_line <= reply_end:
            continue  # text of a listing whose end turned out to be further down
        if isinstance(block, Unreadable):
            results.append(refusal.unreadable(block, cut_off=not reply.finished))
            continue
        later = reply.blocks[number + 1 : number + 1 + _LATER]
        outcome = carry_out(space, _as_meant(space, block), later, listed)
        if isinstance(outcome, Rejected):
            results.append(replace(outcome, block=block))
        else:
            space.keep(outcome)
            results.append(replace(outcome.result, block=block))
            reply_end = max(reply_end, outcome.reply_end)
        space.previous = results[-1].path or space.previous
    if not reply.finished and not any(isinstance(result.block, Unreadable) for result in results):
        results.append(refusal.cut_off(reply))
    return results


def _with_objection(result: EditResult, objections: Mapping[RepoPath, Objection]) -> EditResult:
    """A result after the syntax check: refused or with a note where that objects to the file."""
    objection = objections.get(result.path)
    if objection is None or not isinstance(result, Applied):
        return result
    if objection.refuses:
        return refusal.breaks_syntax(result, objection)
    return replace(result, note=objection.why)


def _as_meant(space: Workspace, block: EditBlock) -> EditBlock:
    """A block whose first divider follows its head makes a file, where none of that name has text."""
    if not isinstance(block.change, Replace):
        return block
    empty = [reading for reading in block.change.readings if not has_text(reading.search)]
    if not empty:
        return block
    target = resolve(block.names, space, space.rules.chat, new=True)
    if target and any(space.has_text(path) for path in target.paths):
        return block
    return EditBlock(block.names, Write((empty[-1].replace,), new=True), block.reply_line)


def _beyond_ascii(reply: ParsedReply) -> str:
    """The lines of the edits that are not ASCII."""
    parts: list[tuple[str, ...]] = []
    for block in reply.blocks:
        match block:
            case EditBlock(change=Replace(readings=readings)):
                parts += [part for reading in readings[:1] for part in (reading.search, reading.replace)]
            case EditBlock(change=Write(texts=texts)):
                parts += texts[:1]
    return "\n".join(line for part in parts for line in part if not line.isascii())


def _listed(blocks: Sequence[EditBlock | Unreadable]) -> frozenset[str]:
    """The names that whole listings declare."""
    return frozenset(
        spelling
        for block in blocks
        if isinstance(block, EditBlock) and _is_listing(block)
        for hint in block.names[:1]
        if hint.declared
        for spelling in hint.spellings
    )


def _without_examples(results: list[EditResult]) -> list[EditResult]:
    """Drop listings without a file's name where others have one: they are examples."""
    if not any(result.path for result in results):
        return results
    return [result for result in results if not _is_example(result)]


def _is_example(result: EditResult) -> bool:
    """Whether a listing is refused for want of a name, and the line above it mentions none."""
    is_unnamed = isinstance(result, Rejected) and result.reason is Reason.NO_NAME
    if not is_unnamed or not isinstance(result.block, EditBlock) or not _is_listing(result.block):
        return False
    above = result.block.names[0].spellings if result.block.names else ()
    return not any("/" in name and looks_like_path(name) for name in above)


def _is_listing(block: EditBlock) -> bool:
    return isinstance(block.change, Write) and not block.change.new

"""One block and the files → what it does, or the refusal of the first question that it fails.

Every block is asked the same questions, in this order, whatever it wants:

    where      which files can it mean?                         candidates
    allowed    may they be written?                             here
    stale      has a file that is replaced whole changed?       here
    place      where in the file, and what changes there?       replacements, whole_files
    encodable  has the file's encoding the new characters?      here

Each step gives a value or a `Rejected`, which ends the block.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from edits.model import Delete, EditBlock, Move, Rejected, Replace, RepoPath, Write
from edits.planning import refusal
from edits.planning.candidates import Candidates, find_candidates, find_goal
from edits.planning.draft import new_text
from edits.planning.outcome import Outcome
from edits.planning.replacements import Attempt, Blocks, refuse, replace_lines
from edits.planning.whole_files import create, delete, move, overwrite
from edits.planning.workspace import Workspace
from edits.text.file_text import encode


def carry_out(
    space: Workspace, block: EditBlock, later: Blocks, listed: frozenset[str]
) -> Outcome | Rejected:
    """Take a block through all questions. What it does is not in `space` yet.

    `later` are blocks still to come, `listed` the names that whole listings of the reply declare.
    """
    candidates = find_candidates(space, block, listed)
    if not isinstance(candidates, Candidates):
        return candidates
    attempts: list[Attempt] = []
    for group in candidates.groups:
        paths = _allowed(space, block, group)
        if isinstance(paths, Rejected):
            return paths
        outcome = _stale(space, block, paths) or _change(space, block, candidates, paths, later)
        if not isinstance(outcome, list):
            return outcome if isinstance(outcome, Rejected) else _encodable(space, block, outcome)
        attempts = outcome
    return refuse(space, block, candidates.target, attempts)


def _allowed(
    space: Workspace, block: EditBlock, paths: Sequence[RepoPath]
) -> tuple[RepoPath, ...] | Rejected:
    """The paths that may be written; a refusal where there are none but those that may not."""
    refusals = {path: refused for path in paths if (refused := _barred(space, block, path))}
    if refusals and len(refusals) == len(set(paths)):
        return next(iter(refusals.values()))
    return tuple(path for path in paths if path not in refusals)


def _barred(space: Workspace, block: EditBlock, path: RepoPath) -> Rejected | None:
    why = space.forbidden(path)
    if why:
        return refusal.forbidden(block, path, why)
    if space.is_read_only(path):
        return refusal.read_only(block, path)
    why = space.barrier(path)
    return refusal.not_permitted(block, path, why) if why else None


def _stale(space: Workspace, block: EditBlock, paths: Sequence[RepoPath]) -> Rejected | None:
    """A refusal where a whole file would be lost that the model has not seen as it is now."""
    change = block.change
    if isinstance(change, Replace | Move) or (isinstance(change, Write) and change.new):
        return None
    return next((refusal.stale(block, path) for path in paths if space.is_stale(path)), None)


def _change(
    space: Workspace,
    block: EditBlock,
    candidates: Candidates,
    paths: Sequence[RepoPath],
    later: Blocks,
) -> Outcome | Rejected | list[Attempt]:
    """What the block does to one of the paths; a whole file has one path."""
    match block.change:
        case Replace() as change:
            return replace_lines(space, block, change, paths, later)
        case Write(new=True) as change:
            return create(space, block, change, paths[0])
        case Write() as change:
            return overwrite(space, block, change, paths[0], mentioned=not candidates.target.declared)
        case Delete() as change:
            return delete(space, block, change, paths[0])
        case Move(to=name):
            goal = find_goal(space, block, name)
            allowed = goal if isinstance(goal, Rejected) else _allowed(space, block, (goal,))
            return allowed if isinstance(allowed, Rejected) else move(space, block, paths[0], allowed[0])


def _encodable(space: Workspace, block: EditBlock, outcome: Outcome) -> Outcome | Rejected:
    """The outcome; a refusal where a file's encoding lacks a character of the new lines."""
    path = outcome.result.path
    file = space.draft(path).file or space.empty_file(path)
    if not file.certain and _beyond_ascii(outcome.new_lines) - _quoted(block, file.lines):
        return refusal.unknown_encoding(block, path, "the new text")
    new = new_text(replace(file, bom=b""), outcome.new_lines, "")
    try:
        encode(new)
    except UnicodeEncodeError as error:
        return refusal.unsuited(block, path, file.encoding, error.object[error.start])
    return outcome


def _beyond_ascii(lines: Iterable[str]) -> set[str]:
    return {letter for line in lines if not line.isascii() for letter in line if not letter.isascii()}


def _quoted(block: EditBlock, lines: Sequence[str]) -> set[str]:
    """The characters beyond ASCII of the SEARCH: it has been found, so the file writes them as it was read."""
    change = block.change
    if not isinstance(change, Replace):
        return set()
    return _beyond_ascii(change.readings[0].search) & _beyond_ascii(lines)

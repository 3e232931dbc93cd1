"""One SEARCH/REPLACE and the files it may mean → the one file that it fits, changed; or a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edits.matching.locate import Found, Missed, place_edit
from edits.model import Applied, EditBlock, EditResult, Reason, Rejected, Replace, RepoPath, Unreadable
from edits.planning import refusal
from edits.planning.draft import Draft
from edits.planning.explain import explain_missed
from edits.planning.resolve import Target, resolve
from edits.planning.workspace import Workspace, unsuited
from edits.text.file_text import decode
from edits.text.line_index import LineIndex
from edits.text.normalize import STRIPPED, TRAILING

_CERTAIN = ("exact", "trailing_space")

Later = Sequence[EditBlock | Unreadable]


@dataclass(frozen=True, slots=True)
class _Tried:
    """How a block fared in one file."""

    path: RepoPath
    outcome: Found | Missed

    @property
    def doubtful(self) -> bool:
        """It found places, but not one of them for sure."""
        return isinstance(self.outcome, Missed) and bool(self.outcome.places)

    @property
    def fresh(self) -> bool:
        """It has something to change."""
        return isinstance(self.outcome, Found) and not self.outcome.already


def replace_lines(space: Workspace, block: EditBlock, change: Replace, later: Later) -> EditResult:
    """Carry a SEARCH/REPLACE out in the file that it means. `later`: the blocks still to come."""
    target = resolve(block.names, space.now, space.rules.chat, new=False)
    if target and target.outside:
        return refusal.outside(block, target.name)
    tried: list[_Tried] = []
    for paths in _candidates(space, target):
        barred = [refused for path in paths if (refused := space.barred(block, path))]
        allowed = [path for path in paths if path not in {refused.path for refused in barred}]
        if barred and not allowed:
            return barred[0]
        tried = [_Tried(path, _try(space, path, change, later)) for path in allowed]
        chosen = _choose(space, block, tried)
        if chosen:
            return chosen
    return _refuse(space, block, target, tried)


def _candidates(space: Workspace, target: Target | None) -> list[list[RepoPath]]:
    """Files to try: one group after the other, and within a group exactly one has to fit."""
    chat = [path for path in space.rules.chat if space.exists(path)]
    previous = [space.previous] if space.previous and space.exists(space.previous) else []
    if target and target.paths:
        named = [path for path in target.paths if path in chat] or list(target.paths)
        if target.declared:
            return [named]
        first = list(dict.fromkeys((*named, *previous)))
        return [group for group in (first, [path for path in chat if path not in first]) if group]
    if target and target.declared:
        return [chat]
    return [group for group in (previous, [path for path in chat if path not in previous]) if group]


def _try(space: Workspace, path: RepoPath, change: Replace, later: Later) -> Found | Missed:
    draft = space.draft(path)
    outcome = place_edit(draft.index, change, draft.last_end, draft.original)
    if isinstance(outcome, Found):
        moved = not outcome.already and _moved(draft, change, outcome, later)
        return Found((), outcome.line, outcome.end, "moved already", already=True) if moved else outcome
    if outcome.reason is Reason.NOT_FOUND and (path, change) in space.applied:
        return Found((), 0, 0, "said twice", already=True)
    taken = [*_taken(draft, later), *draft.brought()] if outcome.reason is Reason.AMBIGUOUS else []
    return place_edit(draft.index, change, draft.last_end, draft.original, taken) if taken else outcome


def _moved(draft: Draft, change: Replace, found: Found, later: Later) -> bool:
    """Whether lines to delete stand only where a block still to come puts them: they have been moved."""
    if any(line.strip() for reading in change.readings for line in reading.replace):
        return False
    for block in later:
        if not isinstance(block, EditBlock) or not isinstance(block.change, Replace):
            continue
        for reading in block.change.readings:
            size = len(reading.replace)
            if size > max(found.end - found.line, len(reading.search)) and any(
                start <= found.line and found.end <= start + size
                for start in draft.index.find(reading.replace, TRAILING)
            ):
                return True
    return False


def _taken(draft: Draft, later: Later) -> list[tuple[int, int]]:
    """Where the blocks still to come stand already, each in one place only."""
    found = []
    for block in later:
        if isinstance(block, EditBlock) and isinstance(block.change, Replace):
            outcome = place_edit(draft.index, block.change)
            if isinstance(outcome, Found) and outcome.how in _CERTAIN and not outcome.already:
                found.append((outcome.line, outcome.end))
    return found


def _choose(space: Workspace, block: EditBlock, tried: Sequence[_Tried]) -> EditResult | None:
    """The result in the one file that a block fits; None where it fits none."""
    fresh = [each for each in tried if each.fresh]
    doubtful = [each for each in tried if each.doubtful]
    if len(fresh) + len(doubtful) > 1 and fresh:
        return refusal.several(block, [each.path for each in (*fresh, *doubtful)])
    if doubtful:
        return None
    for each in fresh or tried:
        if isinstance(each.outcome, Found):
            return _carry_out(space, block, each.path, each.outcome)
    return None


def _carry_out(space: Workspace, block: EditBlock, path: RepoPath, found: Found) -> EditResult:
    draft = space.draft(path)
    if found.already:
        space.put(path, replace(draft, last_end=max(draft.last_end, found.end)))
        return Applied(block, path, found.line + 1, already=True, how=found.how)
    refused = unsuited(block, path, draft.file, [line for each in found.splices for line in each.lines])
    if refused:
        return refused
    space.put(path, draft.spliced(found.splices, found.end))
    if isinstance(block.change, Replace):
        space.applied.add((path, block.change))
    return Applied(block, path, found.splices[0].start + 1, how=found.how)


def _refuse(space: Workspace, block: EditBlock, target: Target | None, tried: Sequence[_Tried]) -> Rejected:
    """The refusal that helps most, when no file took the block."""
    if target and target.declared and not target.paths:
        why = "there is no such file, and its SEARCH part has text"
        return refusal.refuse(block, Reason.NO_FILE, why, "Name an existing file.", target.name)
    missed = [(each.path, each.outcome) for each in tried if isinstance(each.outcome, Missed)]
    if not missed:
        return refusal.no_name(block)
    path, outcome = next((each for each in missed if each[1].places), missed[0])
    draft = space.draft(path)
    outcome = _overlapping(draft, block, outcome)
    elsewhere = _elsewhere(space, path, outcome) if outcome.reason is Reason.NOT_FOUND else ()
    message = explain_missed(block, path, draft.index, outcome, elsewhere)
    return Rejected(block, outcome.reason, message, path, tuple(place + 1 for place in outcome.places))


def _overlapping(draft: Draft, block: EditBlock, missed: Missed) -> Missed:
    """A block that fitted before the blocks above it is told so: it overlaps one of them."""
    if missed.reason is not Reason.NOT_FOUND or not draft.done or draft.before is None:
        return missed
    first = LineIndex(decode(draft.before).lines)
    if isinstance(block.change, Replace) and isinstance(place_edit(first, block.change), Found):
        why = "its SEARCH lines overlap what an earlier block of this reply changes"
        return replace(missed, reason=Reason.OVERLAP, why=why)
    return missed


def _elsewhere(space: Workspace, path: RepoPath, missed: Missed) -> tuple[RepoPath, ...]:
    """Other files of the chat where the SEARCH stands."""
    search = missed.reading.search
    others = (other for other in space.rules.chat if other != path and space.exists(other))
    return tuple(other for other in others if space.draft(other).index.find(search, STRIPPED))

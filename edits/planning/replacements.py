"""A SEARCH/REPLACE and the files that it may mean → the one that it fits, changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edits.matching.cues import Surroundings
from edits.matching.place import Match, NoMatch, place_edit
from edits.matching.placement import Span
from edits.matching.strategies import CERTAIN
from edits.model import Applied, EditBlock, Reason, Rejected, Replace, RepoPath, Unreadable
from edits.planning import refusal
from edits.planning.draft import Draft
from edits.planning.explain import explain_no_match
from edits.planning.outcome import Outcome
from edits.planning.target import Target
from edits.planning.workspace import Workspace
from edits.text.line_index import LineIndex
from edits.text.normalize import STRIPPED, TRAILING

Blocks = Sequence[EditBlock | Unreadable]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A block tried on one file."""

    path: RepoPath
    match: Match | NoMatch

    @property
    def is_doubtful(self) -> bool:
        """It has places, but not one of them for certain."""
        return isinstance(self.match, NoMatch) and bool(self.match.starts)

    @property
    def changes(self) -> bool:
        """It has a place, and something to change there."""
        return isinstance(self.match, Match) and not self.match.already


def replace_lines(
    space: Workspace, block: EditBlock, change: Replace, paths: Sequence[RepoPath], later: Blocks
) -> Outcome | Rejected | list[Attempt]:
    """Carry a block out in the one file of a group that it fits; the attempts where it fits none.

    `later` are blocks still to come.
    """
    attempts = [Attempt(path, _attempt(space, path, change, later)) for path in paths]
    changing = [attempt for attempt in attempts if attempt.changes]
    doubtful = [attempt for attempt in attempts if attempt.is_doubtful]
    if len(changing) + len(doubtful) > 1 and changing:
        return refusal.several(block, [attempt.path for attempt in (*changing, *doubtful)])
    fitting = [
        (attempt.path, attempt.match) for attempt in changing or attempts if isinstance(attempt.match, Match)
    ]
    return attempts if doubtful or not fitting else _carry_out(space, block, *fitting[0])


def _attempt(space: Workspace, path: RepoPath, change: Replace, later: Blocks) -> Match | NoMatch:
    draft = space.draft(path)
    about = Surroundings(after=draft.last_end, original=draft.original)
    match = place_edit(draft.index, change, about)
    if isinstance(match, Match):
        is_moved = not match.already and _is_moved(draft, change, match, later)
        return Match((), match.start, match.end, "moved already", already=True) if is_moved else match
    if match.reason is Reason.NOT_FOUND and (path, change) in space.applied:
        return Match((), 0, 0, "said twice", already=True)
    taken = [*_taken(draft, later), *draft.new_lines()] if match.reason is Reason.AMBIGUOUS else []
    return place_edit(draft.index, change, replace(about, taken=taken)) if taken else match


def _is_moved(draft: Draft, change: Replace, match: Match, later: Blocks) -> bool:
    """Whether lines to delete stand only where a block still to come puts them: they are moved already.

    Example: the first block deletes `import re`, the second inserts it further down. Applied again,
    the first would find the line in its new place and delete it.
    """
    if any(line.strip() for reading in change.readings for line in reading.replace):
        return False
    for reading in (reading for other in _replacements(later) for reading in other.readings):
        size = len(reading.replace)
        if size > max(match.end - match.start, len(reading.search)) and any(
            start <= match.start and match.end <= start + size
            for start in draft.index.find(reading.replace, TRAILING)
        ):
            return True
    return False


def _taken(draft: Draft, later: Blocks) -> list[Span]:
    """Where blocks still to come belong, each in one place for certain."""
    matches = [place_edit(draft.index, change) for change in _replacements(later)]
    return [
        (match.start, match.end)
        for match in matches
        if isinstance(match, Match) and match.how in CERTAIN and not match.already
    ]


def _replacements(blocks: Blocks) -> Iterator[Replace]:
    for block in blocks:
        if isinstance(block, EditBlock) and isinstance(block.change, Replace):
            yield block.change


def _carry_out(space: Workspace, block: EditBlock, path: RepoPath, match: Match) -> Outcome:
    draft = space.draft(path)
    if match.already:
        result = Applied(block, path, match.start + 1, already=True, how=match.how)
        return Outcome(result, {path: replace(draft, last_end=max(draft.last_end, match.end))})
    result = Applied(block, path, match.splices[0].start + 1, how=match.how)
    new = tuple(line for splice in match.splices for line in splice.lines)
    return Outcome(result, {path: draft.spliced(match.splices, match.end)}, new)


def refuse(space: Workspace, block: EditBlock, target: Target, attempts: Sequence[Attempt]) -> Rejected:
    """The refusal that helps most, for a block that fits no file."""
    if target.declared and not target.paths:
        why = "there is no such file, and its SEARCH part has text"
        return refusal.refuse(block, Reason.NO_FILE, why, "Name an existing file.", target.name)
    misses = [(attempt.path, attempt.match) for attempt in attempts if isinstance(attempt.match, NoMatch)]
    if not misses:
        return refusal.no_name(block)
    path, miss = next((attempt for attempt in misses if attempt[1].starts), misses[0])
    draft = space.draft(path)
    miss = _as_overlap(space, path, block, miss)
    if draft.file and not draft.file.certain and any(not line.isascii() for line in miss.reading.search):
        return refusal.unknown_encoding(block, path, "its SEARCH part")
    elsewhere = _elsewhere(space, path, miss) if miss.reason is Reason.NOT_FOUND else ()
    message = explain_no_match(block, path, draft.index, miss, elsewhere)
    return Rejected(block, miss.reason, message, path, tuple(start + 1 for start in miss.starts))


def _as_overlap(space: Workspace, path: RepoPath, block: EditBlock, miss: NoMatch) -> NoMatch:
    """Give the reason OVERLAP to a block that fitted before the blocks above it were carried out."""
    if miss.reason is not Reason.NOT_FOUND or not space.draft(path).done:
        return miss
    first = LineIndex(space.original(path).lines)
    if isinstance(block.change, Replace) and isinstance(place_edit(first, block.change), Match):
        why = "its SEARCH lines overlap what an earlier block of this reply changes"
        return replace(miss, reason=Reason.OVERLAP, why=why)
    return miss


def _elsewhere(space: Workspace, path: RepoPath, miss: NoMatch) -> tuple[RepoPath, ...]:
    """Other files of the chat that hold the SEARCH lines."""
    others = (other for other in space.rules.chat if other != path and space.has(other))
    return tuple(other for other in others if space.draft(other).index.find(miss.reading.search, STRIPPED))

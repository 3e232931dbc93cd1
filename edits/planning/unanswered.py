"""Keeps track of which refused edits are still to be answered: refusals and a later reply → what is left.

The model is free to send a refused edit in another shape: with a longer SEARCH, joined with its neighbour, as
a whole file. So an answer is recognised by its file and by the lines that both want, not by its block.
"""

from collections.abc import Sequence

from edits.model import (
    Applied,
    Delete,
    EditBlock,
    EditResult,
    Move,
    Reason,
    Rejected,
    Replace,
    Write,
)

_MISPLACED = (Reason.NO_NAME, Reason.NO_FILE, Reason.FORBIDDEN, Reason.READ_ONLY, Reason.EXISTS)
"""Reasons for which the right edit may be one of another file."""
_SAME_SHARE = 0.5
"""From this share of common lines on, two edits of a file count as the same change."""


def unanswered(refused: Sequence[Rejected], results: Sequence[EditResult]) -> tuple[Rejected, ...]:
    """Return the refusals that no edit of a later reply answers, in their order.

    An edit answers all refusals of the same change; one that resembles none answers the first of its file. It
    does so whether it fits or is refused in turn, as a new refusal takes the place of the old one. An edit that
    was already made answers no change but its own: models send again what had fitted before.
    """
    left = list(refused)
    for result in results:
        answered = [refusal for refusal in left if _is_same_change(result, refusal)]
        if not answered and not (isinstance(result, Applied) and result.already):
            in_file = [refusal for refusal in left if refusal.path and refusal.path == result.path]
            answered = (in_file or [refusal for refusal in left if _is_misplaced(refusal)])[:1]
        left = [refusal for refusal in left if refusal not in answered]
    return tuple(left)


def _is_misplaced(refusal: Rejected) -> bool:
    return not refusal.path or refusal.reason in _MISPLACED


def _is_same_change(result: EditResult, refusal: Rejected) -> bool:
    in_same_file = bool(refusal.path) and refusal.path == result.path
    if not (in_same_file or _is_misplaced(refusal)):
        return False
    is_whole_file = isinstance(result.block, EditBlock) and isinstance(result.block.change, Write | Delete)
    if in_same_file and is_whole_file:
        return True
    wanted = _wanted_lines(refusal)
    common = wanted & _wanted_lines(result)
    return bool(wanted) and len(common) >= _SAME_SHARE * len(wanted)


def _wanted_lines(result: EditResult) -> frozenset[str]:
    """The lines that an edit adds, or else removes, without indentation and mere punctuation."""
    if not isinstance(result.block, EditBlock):
        return frozenset()
    match result.block.change:
        case Replace(readings=(reading, *_)):
            old, new = _words(reading.search), _words(reading.replace)
            return new - old or old - new
        case Write(texts=(lines, *_)):
            return _words(lines)
        case Move(to=path):
            return frozenset((path,))
    return frozenset()


def _words(lines: Sequence[str]) -> frozenset[str]:
    return frozenset(line.strip() for line in lines if any(map(str.isalnum, line)))

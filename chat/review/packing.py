"""Parts of a change and what there is to show around them → prompts that keep to a budget. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chat.review.context import Piece
from chat.review.shown_diff import Count, FilePart

DIFF_SHARE = 0.6
"""The part of a prompt's room that the change itself may take."""


@dataclass(frozen=True, slots=True)
class Group:
    """What one call is about."""

    parts: tuple[FilePart, ...]

    @property
    def tokens(self) -> int:
        """Of the text of all parts."""
        return sum(part.tokens for part in self.parts)


def groups(parts: Iterable[FilePart], most_tokens: int) -> tuple[Group, ...]:
    """Put parts that follow each other into groups of at most ``most_tokens``; one that is longer is alone."""
    found: list[Group] = []
    current: list[FilePart] = []
    taken = 0
    for part in parts:
        if current and taken + part.tokens > most_tokens:
            found.append(Group(tuple(current)))
            current, taken = [], 0
        current.append(part)
        taken += part.tokens
    return (*found, Group(tuple(current))) if current else tuple(found)


def chosen(pieces: Iterable[Piece], room_tokens: int, count: Count) -> tuple[tuple[Piece, str], ...]:
    """Return the pieces that fit, each with the text that does, in their order.

    Those of a lower rank go first. Within one, each first gets the least of its texts, so that none is left out for
    the sake of another; what is left lengthens them.
    """
    distinct = list({piece.key: piece for piece in pieces}.values())
    texts: dict[str, str] = {}
    room = room_tokens
    for rank in sorted({piece.rank for piece in distinct}):
        same = [piece for piece in distinct if piece.rank == rank]
        for shortest in (True, False):
            room = _fill(same, texts, room, count, shortest=shortest)
    return tuple((piece, texts[piece.key]) for piece in distinct if piece.key in texts)


def _fill(pieces: Sequence[Piece], texts: dict[str, str], room: int, count: Count, *, shortest: bool) -> int:
    """Take the texts that fit into the room; return what is left of it."""
    for piece in pieces:
        taken = count(texts[piece.key]) if piece.key in texts else 0
        if not shortest and not taken:
            continue
        for text in piece.texts[-1:] if shortest else piece.texts:
            more = count(text) - taken
            if more <= room:
                texts[piece.key] = text
                room -= more
                break
    return room

"""Two lists of lines → how one becomes the other, in a time that a long edit cannot blow up."""

from collections.abc import Sequence
from difflib import SequenceMatcher

_MOST_CELLS = 4_000_000
"""Product of line counts above which the middle of an edit is taken as replaced whole."""

Opcode = tuple[str, int, int, int, int]
"""(kind, SEARCH lines from, to, REPLACE lines from, to), as difflib writes it."""


def compare(before: Sequence[str], after: Sequence[str]) -> list[Opcode]:
    """How lines become others, as difflib's opcodes, equal runs included."""
    head, size = 0, min(len(before), len(after))
    while head < size and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < size - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    i2, j2 = len(before) - tail, len(after) - tail
    middle = _middle(before, after, head, i2, j2)
    codes: list[Opcode] = [("equal", 0, head, 0, head)] if head else []
    codes += middle
    if tail:
        codes.append(("equal", i2, len(before), j2, len(after)))
    return codes


def _middle(before: Sequence[str], after: Sequence[str], head: int, i2: int, j2: int) -> list[Opcode]:
    if head == i2 and head == j2:
        return []
    if head in (i2, j2):
        return [("insert" if head == i2 else "delete", head, i2, head, j2)]
    if (i2 - head) * (j2 - head) > _MOST_CELLS:
        return [("replace", head, i2, head, j2)]
    matcher = SequenceMatcher(None, before[head:i2], after[head:j2], autojunk=False)
    return [(tag, a + head, b + head, c + head, d + head) for tag, a, b, c, d in matcher.get_opcodes()]


def touched_lines(codes: Sequence[Opcode]) -> frozenset[int]:
    """The SEARCH lines that an edit changes or deletes."""
    return frozenset(n for tag, i1, i2, _, _ in codes if tag != "equal" for n in range(i1, i2))

"""How the indentation of a SEARCH became that of the file → how to indent the lines of the REPLACE.

A model that quotes code outdented, or in units of its own, writes its new lines the same way. They
are translated only where the quoted lines say how; where they do not, nothing is guessed.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from edits.text.normalize import indent

Reindent = Callable[[str], str | None]
"""The indentation in the reply → the one in the file, or None where nothing tells."""

Pair = tuple[str, str]
"""The indentation of a line as quoted, and as it stands."""


def learn(pairs: Sequence[Pair], reply: Sequence[str], file_unit: Callable[[], str]) -> Reindent | None:
    """The rule that takes every pair from left to right; None where there is no such rule.

    `reply` are the lines of both parts of the block: their unit, and that of the file, decide where one
    quoted depth alone would allow two rules.
    """
    if all(quoted == found for quoted, found in pairs):
        return lambda depth: depth
    unit = file_unit()
    scaled = _proportional(pairs) or _scaled(pairs, _reply_unit(reply), unit)
    shifted = _shifted(pairs)
    if scaled and shifted and _keeps_unit(shifted, reply, unit):
        return shifted
    return scaled or shifted or _tabled(pairs)


def _keeps_unit(rule: Reindent, reply: Sequence[str], unit: str) -> bool:
    """Whether a rule puts every line of the reply at a depth that a file with this unit has."""
    depths = [rule(indent(line)) for line in reply if line.strip()]
    return all(depth is not None and depth == unit * (len(depth) // len(unit)) for depth in depths)


def _shifted(pairs: Sequence[Pair]) -> Reindent | None:
    """The same white space is missing from every line, or too much on every line."""
    quoted, found = pairs[0]
    if found.endswith(quoted) and len(found) > len(quoted):
        more = found[: len(found) - len(quoted)]
        if all(there == more + here for here, there in pairs):
            return lambda depth: more + depth
    if quoted.endswith(found) and len(quoted) > len(found):
        less = quoted[: len(quoted) - len(found)]
        if all(here == less + there for here, there in pairs):
            return lambda depth: depth[len(less) :] if depth.startswith(less) else None
    return None


def _proportional(pairs: Sequence[Pair]) -> Reindent | None:
    """Two depths or more, all of them grown or shrunk alike, and both sides of one kind of space."""
    depths = {(len(quoted), len(found)) for quoted, found in pairs if quoted or found}
    kinds = {char for quoted, _ in pairs for char in quoted}, {char for _, found in pairs for char in found}
    if len(depths) < 2 or len(kinds[0]) != 1 or len(kinds[1]) != 1:
        return None
    old, new = max(depths)
    if any(here * new != there * old for here, there in depths):
        return None
    (before,), (after,) = kinds

    def rule(depth: str) -> str | None:
        length, rest = divmod(len(depth) * new, old)
        return after * length if not rest and depth == before * len(depth) else None

    return rule


def _scaled(pairs: Sequence[Pair], reply_unit: str, file_unit: str) -> Reindent | None:
    """Every level is written in another unit: two spaces for four, spaces for tabs."""
    if not reply_unit or not file_unit or reply_unit == file_unit:
        return None

    def rule(depth: str) -> str | None:
        levels, rest = divmod(len(depth), len(reply_unit))
        return file_unit * levels if not rest and depth == reply_unit * levels else None

    return rule if all(rule(quoted) == found for quoted, found in pairs) else None


def _tabled(pairs: Sequence[Pair]) -> Reindent | None:
    """No rule, but each depth always became the same other depth, and a deeper one a deeper one."""
    table = dict(pairs)
    if any(table[quoted] != found for quoted, found in pairs):
        return None
    found = [len(table[quoted]) for quoted in sorted(table, key=len)]
    if any(below >= above for below, above in pairwise(found)):
        return None
    return table.get


def _reply_unit(lines: Sequence[str]) -> str:
    depths = [indent(line) for line in lines if line.strip()]
    kinds = {char for depth in depths for char in depth}
    if kinds not in ({" "}, {"\t"}):
        return ""
    return kinds.pop() * math.gcd(*(len(depth) for depth in depths))


def unit_of(lines: Sequence[str]) -> str:
    """The commonest step inwards of a file; "" where there is none."""
    steps: Counter[str] = Counter()
    above = ""
    for line in lines:
        if line.strip():
            depth = indent(line)
            step = depth[len(above) :]
            if depth.startswith(above) and 0 < len(step) <= 8 and step == step[0] * len(step):
                steps[step] += 1
            above = depth
    return max(steps, key=lambda step: (steps[step], -len(step)), default="")

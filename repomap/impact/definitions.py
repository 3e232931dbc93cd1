"""Says which definitions changed lines are in, and which definitions a change removes.

A changed line counts for the innermost definition around it; a value inside a function counts for the function.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from repomap.lookup.answers import Symbol
from repomap.model import RepoPath
from repomap.ranking.documents import FUNCTIONS

_CALLED = frozenset((*FUNCTIONS, "test", "property"))
_TEXT = frozenset(("heading", "table"))


@dataclass(frozen=True, slots=True)
class ChangedDefinition:
    """A definition with changed lines, or one that the change removes."""

    symbol: Symbol
    """As it is after the change; as it was, if it is removed."""
    changed: frozenset[int] = frozenset()
    """Its lines that changed."""
    is_removed: bool = False

    @property
    def path(self) -> RepoPath:
        """Where it is, or was."""
        return self.symbol.path

    @property
    def full_name(self) -> str:
        """Its name after those of what encloses it, joined by dots."""
        return _full_name(self.symbol)

    @property
    def is_function(self) -> bool:
        """Whether it is called rather than read."""
        return self.symbol.kind in _CALLED


def changed_definitions(
    path: RepoPath, symbols: Sequence[Symbol], changed: Iterable[int]
) -> tuple[ChangedDefinition, ...]:
    """Return the definitions of the file at ``path`` that changed lines are in, in source order."""
    symbols = [symbol for symbol in symbols if symbol.kind not in _TEXT]
    kinds, spans = [symbol.kind for symbol in symbols], [symbol.lines for symbol in symbols]
    lines_of: dict[int, set[int]] = {}
    for line in sorted(changed):
        index = innermost(kinds, spans, line)
        if index is not None:
            lines_of.setdefault(index, set()).add(line)
    return tuple(
        ChangedDefinition(replace(symbols[index], path=path), frozenset(lines_of[index]))
        for index in sorted(lines_of)
    )


def removed_definitions(
    path: RepoPath, before: Sequence[Symbol], after: Sequence[Symbol]
) -> tuple[ChangedDefinition, ...]:
    """Return the definitions that a file had and has no more, by their names; of what went whole, the outermost."""
    left = {_full_name(symbol) for symbol in after}
    gone = [symbol for symbol in before if _full_name(symbol) not in left and symbol.kind not in _TEXT]
    names = {_full_name(symbol) for symbol in gone}
    outermost = {_full_name(symbol): symbol for symbol in gone if symbol.parent not in names}
    return tuple(
        ChangedDefinition(replace(symbol, path=path), is_removed=True) for symbol in outermost.values()
    )


def innermost(kinds: Sequence[str], spans: Sequence[tuple[int, int]], line: int) -> int | None:
    """Return the index of the innermost definition around a line: a function if there is one, else also a field.

    >>> innermost(["class", "function", "variable", "field"], [(1, 12), (2, 8), (3, 3), (10, 10)], 3)
    1
    >>> innermost(["class", "function", "variable", "field"], [(1, 12), (2, 8), (3, 3), (10, 10)], 10)
    3
    """
    around = [index for index, (first, last) in enumerate(spans) if first <= line <= last]
    found = [index for index in around if kinds[index] in _CALLED] or around
    return max(found, key=lambda index: (spans[index][0], -spans[index][1], index), default=None)


def _full_name(symbol: Symbol) -> str:
    return f"{symbol.parent}.{symbol.name}" if symbol.parent else symbol.name

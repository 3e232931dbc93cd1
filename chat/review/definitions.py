"""The definitions that a change touches. Pure.

A changed line counts for the innermost definition around it; a value inside a function counts for the function.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.model import RepoPath

if TYPE_CHECKING:
    from repomap import Symbol

FUNCTIONS = frozenset(("function", "method", "constructor", "macro", "test", "property"))
_VALUES = frozenset(("constant", "variable", "field"))
_TEXT = frozenset(("heading", "table"))


@dataclass(frozen=True, slots=True)
class ChangedDefinition:
    """A definition with changed lines, or one that the change removes."""

    path: RepoPath
    """Where it is, or was."""
    name: str
    full_name: str
    """With the names of what encloses it, joined by dots."""
    kind: str
    lines: tuple[int, int]
    """First and last line in the newer file; in the older one if it was removed."""
    changed: frozenset[int] = frozenset()
    """Its lines that changed."""
    is_removed: bool = False

    @property
    def is_function(self) -> bool:
        """Whether it is called rather than read."""
        return self.kind in FUNCTIONS


def changed_definitions(
    path: RepoPath, symbols: Sequence["Symbol"], changed: Iterable[int]
) -> tuple[ChangedDefinition, ...]:
    """Return the definitions that changed lines are in, in source order."""
    lines_of: dict[int, set[int]] = {}
    for line in sorted(changed):
        index = _innermost(symbols, line)
        if index is not None:
            lines_of.setdefault(index, set()).add(line)
    return tuple(_changed(path, symbols[index], frozenset(lines_of[index])) for index in sorted(lines_of))


def removed_definitions(
    path: RepoPath, before: Sequence["Symbol"], after: Sequence["Symbol"]
) -> tuple[ChangedDefinition, ...]:
    """Return the definitions that a file had and has no more, by their names; of what went whole, the outermost."""
    left = {_full_name(symbol) for symbol in after}
    gone = [symbol for symbol in before if _full_name(symbol) not in left and symbol.kind not in _TEXT]
    names = {_full_name(symbol) for symbol in gone}
    outermost = {
        _full_name(symbol): _changed(path, symbol, frozenset(), is_removed=True)
        for symbol in gone
        if symbol.parent not in names
    }
    return tuple(outermost.values())


def _innermost(symbols: Sequence["Symbol"], line: int) -> int | None:
    """Return the index of the innermost definition around a line, by preference no value."""
    around = [
        index
        for index, symbol in enumerate(symbols)
        if symbol.lines[0] <= line <= symbol.lines[1] and symbol.kind not in _TEXT
    ]
    functions = [index for index in around if symbols[index].kind in FUNCTIONS]
    others = [index for index in around if symbols[index].kind not in _VALUES]
    for found in (functions, others, around):
        if found:
            return max(found, key=lambda index: (symbols[index].lines[0], -symbols[index].lines[1], index))
    return None


def _changed(
    path: RepoPath, symbol: "Symbol", changed: frozenset[int], *, is_removed: bool = False
) -> ChangedDefinition:
    return ChangedDefinition(
        path, symbol.name, _full_name(symbol), symbol.kind, symbol.lines, changed, is_removed
    )


def _full_name(symbol: "Symbol") -> str:
    return f"{symbol.parent}.{symbol.name}" if symbol.parent else symbol.name

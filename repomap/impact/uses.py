"""Says who uses a changed definition, and which tests do, with the lines.

`callers` follows uses through the whole repository without reading a file; here the files are read, for a reader who
wants to see what the change may break.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from repomap.errors import RepoMapError
from repomap.files.file_kinds import kind_of
from repomap.impact.definitions import ChangedDefinition
from repomap.lookup.answers import Use
from repomap.lookup.references import references
from repomap.model import CountTokens, ReadFile
from repomap.ranking.index_data import IndexData

MOST_CALLERS_FOLLOWED = 3
"""Callers whose tests count for what they call, where it has none of its own."""


@dataclass(frozen=True, slots=True)
class Users:
    """The places that use a definition, the surest first."""

    callers: tuple[Use, ...] = ()
    tests: tuple[Use, ...] = ()
    """Where no test names it, those of its callers."""


@dataclass(frozen=True, slots=True)
class _Lookup:
    """How uses are looked up."""

    index_data: IndexData
    read: ReadFile
    budget_tokens: int
    count: CountTokens

    def uses(self, target: str) -> tuple[Use, ...] | None:
        """Return the uses of a name; None for one that the index does not have."""
        try:
            return references(self.index_data, target, self.read, self.budget_tokens, self.count).items
        except RepoMapError:
            return None


def users_of_change(
    index_data: IndexData,
    definition: ChangedDefinition,
    read: ReadFile,
    budget_tokens: int,
    count: CountTokens,
) -> Users:
    """Find who uses a definition, but for itself; of one that is removed, who still uses its name.

    ``budget_tokens`` limits the lines of uses that are read for each name.
    """
    lookup = _Lookup(index_data, read, budget_tokens, count)
    uses = _uses_of(lookup, definition)
    callers = tuple(use for use in uses if not _is_test(use))
    tests = tuple(use for use in uses if _is_test(use))
    return Users(callers, tests or _tests_of(lookup, callers))


def _uses_of(lookup: _Lookup, definition: ChangedDefinition) -> Sequence[Use]:
    symbol, full_name = definition.symbol, definition.full_name
    for target in (f"{symbol.path}:{full_name}", full_name, symbol.name):
        if definition.is_removed and target != symbol.name:
            continue
        found = lookup.uses(target)
        if found is not None:
            return [use for use in found if not _is_own(use, definition)]
    return ()


def _is_own(use: Use, definition: ChangedDefinition) -> bool:
    """Whether a definition uses itself, or what is inside it does."""
    name = definition.full_name
    return use.path == definition.path and (use.within == name or use.within.startswith(f"{name}."))


def _tests_of(lookup: _Lookup, callers: Sequence[Use]) -> tuple[Use, ...]:
    """Return the tests of what uses a definition that no test names."""
    found: list[Use] = []
    for caller in [use for use in callers if use.resolved and use.within][:MOST_CALLERS_FOLLOWED]:
        uses = lookup.uses(f"{caller.path}:{caller.within}") or ()
        found += [use for use in uses if _is_test(use) and use not in found]
    return tuple(found)


def _is_test(use: Use) -> bool:
    return kind_of(use.path) == "test"

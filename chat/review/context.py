"""[io] What depends on changed definitions, and what they depend on: questions to the index → pieces for a prompt.

The index knows the work tree. Where the reviewed state is another one, its callers are still those of the work tree,
which the review says.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.model import RepoPath

if TYPE_CHECKING:
    from repomap import ChangedDefinition, Index, Use

_USES_TOKENS = 3_000
_BODY_TOKENS = 700
_SYMBOL_TOKENS = 300
_MOST_LINES = 3
"""Lines that are shown of one place that uses a name."""
_USES_SHOWN = (40, 12, 4)
"""How many places are shown, the more the better as far as there is room."""
_MOST_BODIES = 2
_MOST_WORDS = 60
_MOST_MEANT = 3
"""A word that this many definitions may mean says nothing about which is used."""
_WORD = re.compile(r"[^\W\d]\w{2,}")

CALLERS, TESTS, USED, WHOLE, BODIES = range(5)
"""The order in which pieces get room."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt that can be left out."""

    rank: int
    texts: tuple[str, ...]
    """The same in less and less room."""
    key: str
    """What it shows; a prompt has no two pieces with the same."""


class Context:
    """Asks the index about changed definitions."""

    def __init__(self, index: "Index", changed_paths: Iterable[RepoPath]) -> None:
        self._index = index
        self._names = frozenset(index.names())
        self._changed = frozenset(changed_paths)

    def pieces(self, definition: "ChangedDefinition", changed_texts: Sequence[str]) -> Iterator[Piece]:
        """Yield what to show of a definition, given the text of its changed lines."""
        users = self._index.users(definition, _USES_TOKENS)
        name = f"`{definition.full_name}` ({definition.path})"
        if users.callers:
            title = f"{name} is removed, and still used here" if definition.is_removed else f"Who uses {name}"
            yield _uses_piece(CALLERS, title, users.callers)
        if users.tests:
            yield _uses_piece(TESTS, f"Tests of {name}", users.tests)
        yield from self._used_by(definition, changed_texts)
        for use in (*_certain(users.callers)[:_MOST_BODIES], *_certain(users.tests)[:1]):
            if body := self._body(use):
                yield Piece(BODIES, (body,), f"body {use.path}:{use.within}")

    def _used_by(self, definition: "ChangedDefinition", texts: Sequence[str]) -> Iterator[Piece]:
        """Yield the declarations of what the changed lines of a definition name."""
        words = dict.fromkeys(word for text in texts for word in _WORD.findall(text))
        wanted = [word for word in words if word in self._names and word != definition.symbol.name]
        for word in wanted[:_MOST_WORDS]:
            shown = self._declarations(word, with_tests=_is_test(definition.path))
            if shown:
                yield Piece(USED, (f"{shown}\n",), f"used {word}")

    def _declarations(self, word: str, *, with_tests: bool) -> str:
        from repomap import RepoMapError

        try:
            answer = self._index.symbol(word, _SYMBOL_TOKENS)
        except RepoMapError:
            return ""
        exact = [
            symbol
            for symbol in answer.items
            if symbol.name == word and symbol.kind != "heading" and (with_tests or not _is_test(symbol.path))
        ]
        if not exact or len(exact) + answer.omitted > _MOST_MEANT:
            return ""
        return "\n".join(
            f"{symbol.path}:{symbol.lines[0]}: {' '.join(symbol.signature.split())[:300]}" for symbol in exact
        )

    def _body(self, use: "Use") -> str:
        from repomap import RepoMapError

        if not use.within or use.path in self._changed:
            return ""
        try:
            return self._index.source(f"{use.path}:{use.within}", _BODY_TOKENS).text
        except RepoMapError:
            return ""


def _is_test(path: RepoPath) -> bool:
    from repomap import kind_of

    return kind_of(path) == "test"


def _certain(uses: Sequence["Use"]) -> list["Use"]:
    return [use for use in uses if use.resolved]


def _uses_piece(rank: int, title: str, uses: Sequence["Use"]) -> Piece:
    texts = [_uses_text(title, uses[:count], len(uses)) for count in _USES_SHOWN]
    return Piece(rank, tuple(dict.fromkeys(texts)), title)


def _uses_text(title: str, uses: Sequence["Use"], total: int) -> str:
    lines = [f"{title}:"]
    for use in uses:
        place = f"{use.path}, {use.within}" if use.within else use.path
        lines.append(f"  {place}{'' if use.resolved else ' (may mean another)'}")
        lines += [f"    {line.line:>5} | {line.text}" for line in use.lines[:_MOST_LINES]]
    if total > len(uses):
        lines.append(f"  and {total - len(uses)} more places")
    return "\n".join(lines) + "\n"

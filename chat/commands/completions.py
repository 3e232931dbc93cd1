"""Completes what is before the cursor: commands, their arguments, `@` files.

On request also the names of files and symbols.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat.commands.table import COMMANDS, SECTIONS
from chat.display.input_line import quoted, read_command
from chat.model import Mode
from chat.settings.kinds import BoolKind, ChoiceKind
from chat.settings.row import Scope
from chat.settings.table import ROWS

MAX_CANDIDATES = 50
_MIN_WORD_LENGTH = 2
_WORD = re.compile(r"[\w./$-]+$")
_MENTION = re.compile(r"(?:^|(?<=[\s(,]))@([\w./$~+-]*)$")
_ARGUMENT = re.compile(r"\"[^\"]*$|'[^']*$|\S*$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may replace the last ``length`` characters before the cursor."""

    text: str
    length: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where names come from; each is called every time, and may still be empty."""

    paths: Callable[[], Sequence[str]] = tuple
    chat_paths: Callable[[], Sequence[str]] = tuple
    models: Callable[[], Sequence[str]] = tuple
    symbols: Callable[[], Sequence[str]] = tuple


def candidates(before: str, sources: Sources, requested: bool = True) -> Iterator[Candidate]:
    """Yield at most `MAX_CANDIDATES`, the likeliest first.

    Words of a message are completed only when ``requested``: a menu that opens while one writes prose is in the
    way.

    >>> [candidate.text for candidate in candidates("/und", Sources())]
    ['/undo']
    """
    mention = _MENTION.search(before)
    if before.startswith("/") and not re.search(r"\s", before):
        yield from _commands(before)
    elif (line := read_command(before)) is not None and line.name in COMMANDS:
        yield from _arguments(COMMANDS[line.name].completes, before, sources)
    elif mention:
        part = mention.group(1)
        for path in ranked(part, sources.paths()):
            yield Candidate(f'"{path}"' if re.search(r"[\s\"']", path) else path, len(part))
    elif requested:
        yield from _words(before, sources)


def _commands(before: str) -> Iterator[Candidate]:
    for table in SECTIONS.values():
        for command in table:
            for name in (command.name, *command.aliases):
                if f"/{name}".startswith(before.lower()):
                    yield Candidate(f"/{name}", len(before), command.help)


def _arguments(kind: str, before: str, sources: Sources) -> Iterator[Candidate]:
    match = _ARGUMENT.search(before)
    typed = match.group() if match else ""
    part = typed.lstrip("\"'")
    names = _values(before) or _names(kind, sources)
    for name in ranked(part, names) if part else sorted(names)[:MAX_CANDIDATES]:
        yield Candidate(
            quoted(name), len(typed), ROWS[name].help if kind == "settings" and name in ROWS else ""
        )


def _values(before: str) -> Sequence[str]:
    """The words that the setting before the cursor takes, where it is `/settings NAME VALUE`."""
    match = re.fullmatch(r"/settings\s+(?:--)?([\w-]+)\s+\S*", before)
    row = ROWS.get(match[1]) if match else None
    match row.kind if row else None:
        case ChoiceKind(choices):
            return choices
        case BoolKind():
            return ("true", "false")
        case _:
            return ()


def _names(kind: str, sources: Sources) -> Sequence[str]:
    by_kind: dict[str, Callable[[], Sequence[str]]] = {
        "paths": sources.paths,
        "chat files": sources.chat_paths,
        "models": sources.models,
        "symbols": sources.symbols,
        "settings": lambda: tuple(name for name, row in ROWS.items() if row.scope is not Scope.RUN),
        "commands": lambda: tuple(COMMANDS),
        "modes": lambda: tuple(mode.value for mode in Mode),
        "efforts": lambda: ("low", "medium", "high"),
    }
    return by_kind[kind]() if kind in by_kind else ()


def _words(before: str, sources: Sources) -> Iterator[Candidate]:
    match = _WORD.search(before)
    if not match or len(match.group()) < _MIN_WORD_LENGTH:
        return
    word = match.group()
    for name in ranked(word, (*sources.symbols(), *sources.paths())):
        yield Candidate(name, len(word))


def ranked(part: str, names: Iterable[str]) -> list[str]:
    """The names that contain a text: those that begin with it, then those whose last part does, then the rest.

    Shorter names come first among equals.

    >>> ranked("ses", ["obsession.ts", "sessions/a.md", "shop/session.py", "cart.py"])
    ['sessions/a.md', 'shop/session.py', 'obsession.ts']
    """
    if not part:
        return sorted(names)[:MAX_CANDIDATES]
    part = part.lower()
    keys = ((_match_rank(part, name.lower()), len(name), name) for name in dict.fromkeys(names))
    matches = (key for key in keys if key[0] < _NO_MATCH)
    return [name for _, _, name in heapq.nsmallest(MAX_CANDIDATES, matches)]


_NO_MATCH = 4


def _match_rank(part: str, name: str) -> int:
    if name.startswith(part):
        return 0
    if f"/{part}" in name:
        return 1 if name.rpartition("/")[2].startswith(part) else 2
    return 3 if part in name else _NO_MATCH

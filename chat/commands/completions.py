"""What stands before the cursor → what may stand there instead.

Commands, their arguments, `@` files and, when asked for, names of files and of the code's symbols.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat.commands.table import COMMANDS, SECTIONS
from chat.display.input_line import quoted, read_command
from chat.settings.row import Scope
from chat.settings.table import ROWS

MOST_CANDIDATES = 50
_SHORTEST_WORD = 2
_WORD = re.compile(r"[\w./$-]+$")
_MENTION = re.compile(r"(?:^|(?<=[\s(,]))@([\w./$~+-]*)$")
_ARGUMENT = re.compile(r"\"[^\"]*$|'[^']*$|\S*$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text for the last ``length`` characters before the cursor."""

    text: str
    length: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where names come from; each may still be empty, and is asked anew each time."""

    paths: Callable[[], Sequence[str]] = tuple
    chat_paths: Callable[[], Sequence[str]] = tuple
    models: Callable[[], Sequence[str]] = tuple
    symbols: Callable[[], Sequence[str]] = tuple


def candidates(before: str, sources: Sources, asked: bool = True) -> Iterator[Candidate]:
    """What fits, the likeliest first, at most ``MOST_CANDIDATES``.

    Words of a message are completed only where the user has ``asked`` for it: a menu that opens while
    one writes prose is in the way.
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
    elif asked:
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
    names = _names(kind, sources)
    for name in ranked(part, names) if part else sorted(names)[:MOST_CANDIDATES]:
        yield Candidate(quoted(name), len(typed), ROWS[name].help if kind == "settings" else "")


def _names(kind: str, sources: Sources) -> Sequence[str]:
    named: dict[str, Callable[[], Sequence[str]]] = {
        "paths": sources.paths,
        "chat files": sources.chat_paths,
        "models": sources.models,
        "symbols": sources.symbols,
        "settings": lambda: tuple(name for name, row in ROWS.items() if row.scope is not Scope.RUN),
        "commands": lambda: tuple(COMMANDS),
    }
    return named[kind]() if kind in named else ()


def _words(before: str, sources: Sources) -> Iterator[Candidate]:
    match = _WORD.search(before)
    if not match or len(match.group()) < _SHORTEST_WORD:
        return
    word = match.group()
    for name in ranked(word, (*sources.symbols(), *sources.paths())):
        yield Candidate(name, len(word))


def ranked(part: str, names: Iterable[str]) -> list[str]:
    """The names that hold a text: first those that begin with it, then those whose last part does."""
    if not part:
        return sorted(names)[:MOST_CANDIDATES]
    sought = part.lower()
    found = ((_place(sought, name.lower()), len(name), name) for name in dict.fromkeys(names))
    return [
        name
        for _, _, name in heapq.nsmallest(MOST_CANDIDATES, (each for each in found if each[0] < _NOWHERE))
    ]


_NOWHERE = 4


def _place(sought: str, name: str) -> int:
    if name.startswith(sought):
        return 0
    if f"/{sought}" in name:
        return 1 if name.rpartition("/")[2].startswith(sought) else 2
    return 3 if sought in name else _NOWHERE

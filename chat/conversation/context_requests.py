"""A reply → the context that the model asks for: files, lines, symbols, and questions to the index.

Two ways are read. The model names a file or a symbol, on a line of its own or where it says that it
needs to see it, as models do unasked. Or it writes a line that the rules offer it: `show: …`,
`map: …`, `find: …`, `refs: …`, `past: …`. Nothing inside a fence counts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from chat.conversation.conversation import Span
from chat.model import RepoPath

LookupKind = Literal["map", "find", "refs", "show", "past"]


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A file that the model wants to see."""

    path: RepoPath
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question to the index, to a kept output or to the conversation before."""

    kind: LookupKind
    argument: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.argument}"


@dataclass(frozen=True, slots=True)
class ContextRequests:
    """All that a reply asks for, in its order, each once."""

    files: tuple[FileRequest, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    cannot_see: bool = False
    """The reply says that what it needs is not to be seen."""

    def __bool__(self) -> bool:
        return bool(self.files or self.lookups)


class PathTable:
    """The files of a repository, by what a model may call them."""

    def __init__(self, paths: Sequence[RepoPath]) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, list[RepoPath]] = {}
        for path in paths:
            self._by_name.setdefault(path.rpartition("/")[2].casefold(), []).append(path)

    def find(self, name: str) -> RepoPath | None:
        """The one file that a name means: its path, or the end of one path alone, in any case."""
        name = name.replace("\\", "/").removeprefix("./").strip("/")
        if name in self._paths:
            return name
        last = name.rpartition("/")[2].casefold()
        folded = name.casefold()
        found = [
            path
            for path in self._by_name.get(last, ())
            if path.casefold() == folded or path.casefold().endswith(f"/{folded}")
        ]
        return found[0] if len(found) == 1 else None


_CODE = "\0code"
"""Stands for a fence; a path right above one names what is in it."""
_LOOKUP = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+)?`{0,2}(?P<kind>map|find|refs|show|past)`?:[ \t]*`?(?P<argument>[^\n`]+?)`{0,2}[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_DRESSED = re.compile(
    r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*[*_]{0,2}`{0,2}(?P<name>[\w./@+\\\[\]()-]+)"
    r"(?::L?(?P<first>\d+)(?:-L?(?P<last>\d+))?)?"
    r"`{0,2}[*_]{0,2}[ \t]*(?:[:,;–—-][^\n]*|\([^\n]*\))?$"
)
_SYMBOL = re.compile(
    r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*`(?P<name>[A-Za-z_]\w*(?:(?:\.|::|#)\w+)*)(?:\(\))?`[ \t]*$"
)
_QUOTED = re.compile(
    r"`(?P<name>[^`\s:]+)(?::L?(?P<first>\d+)(?:-L?(?P<last>\d+))?)?`|(?<![\w./-])(?P<bare>[\w.@+-]+(?:/[\w.@+-]+)+)"
)
_WANTS = re.compile(
    r"\b(?:need|needs|want|like|have|would|could you|can you|please|let me|must)\b[^.\n]{0,80}"
    r"\b(?:see|look|add|show|provide|share|view|read|inspect|check|open|include|contents?|access)\b"
    r"|\b(?:show|share|provide|send|add) (?:me |us )?(?:the |these |those |following )",
    re.IGNORECASE,
)
_LOST = re.compile(
    r"\b(?:cannot|can't|can not|could not|couldn't|unable to|don't|do not)\b[^.\n]{0,40}"
    r"\b(?:see|find|locate|know)\b[^.\n]{0,40}\b(?:where|which|file|files|code|place|definition|it lives|this lives)\b",
    re.IGNORECASE,
)


def read_context_requests(reply: str, table: PathTable) -> ContextRequests:
    """What a reply asks for.

    A path inside a sentence counts only where the reply says that it needs to see something: an
    explanation that mentions a file is an answer, not a question.
    """
    text = _FENCED.sub(f"{_CODE}\n", reply)
    written = [Lookup(_kind(found["kind"]), found["argument"].strip()) for found in _LOOKUP.finditer(text)]
    shown = {lookup: _file_of(lookup, table) for lookup in written if lookup.kind == "show"}
    lookups = [lookup for lookup in written if not shown.get(lookup)]
    text = _LOOKUP.sub("", text)
    wants = bool(_WANTS.search(text))
    asked = [ask for ask in shown.values() if ask]
    lines = text.split("\n")
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        alone = _DRESSED.match(line) if below != _CODE else None
        named = _ask(table, alone["name"], alone["first"], alone["last"]) if alone else None
        if named:
            asked.append(named)
        elif wants and (symbol := _SYMBOL.match(line)):
            lookups.append(Lookup("show", symbol["name"]))
        elif wants:
            asked += _mentioned(line, table)
    return ContextRequests(_unique(asked), tuple(dict.fromkeys(lookups)), bool(_LOST.search(text)))


def _file_of(lookup: Lookup, table: PathTable) -> FileRequest | None:
    """The file that `show:` names, with its lines if it names any; None for a symbol."""
    path, _, span = lookup.argument.partition(":")
    if not span:
        return _ask(table, path, None, None)
    lines = re.fullmatch(r"L?(\d+)(?:-L?(\d+))?", span)
    return _ask(table, path, lines[1], lines[2]) if lines else None


def _kind(written: str) -> LookupKind:
    kinds: tuple[LookupKind, ...] = ("map", "find", "refs", "show", "past")
    return next(kind for kind in kinds if kind == written.lower())


def _ask(table: PathTable, name: str, first: str | None, last: str | None) -> FileRequest | None:
    path = table.find(name.rstrip(".,;:")) if "." in name or "/" in name else table.find(name)
    if path is None:
        return None
    return FileRequest(path, (int(first), int(last or first)) if first else None)


def _mentioned(line: str, table: PathTable) -> list[FileRequest]:
    found = (
        _ask(table, each["name"] or each["bare"], each["first"], each["last"])
        for each in _QUOTED.finditer(line)
    )
    return [ask for ask in found if ask]


def _unique(asked: Iterable[FileRequest]) -> tuple[FileRequest, ...]:
    return tuple(dict.fromkeys(asked))


_SHELL_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})(?:bash|sh|shell|console|zsh)[ \t]*\n(?P<text>.*?)^[ \t]*\1[`~]*[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def proposed_commands(reply: str) -> tuple[str, ...]:
    """The commands in a reply's shell fences, one a line; comments and continued lines are understood."""
    found: list[str] = []
    for fence in _SHELL_FENCE.finditer(reply):
        joined = fence["text"].replace("\\\n", " ")
        lines = (line.strip().removeprefix("$ ") for line in joined.split("\n"))
        found += [line for line in lines if line and not line.startswith("#")]
    return tuple(dict.fromkeys(found))

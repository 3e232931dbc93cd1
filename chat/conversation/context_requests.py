"""A reply -> the context that the model asks for: files, lines, definitions and lookups.

Two ways to ask are read. The model writes a line that the rules offer it: `show: …`, `map: …`,
`find: …`, `refs: …`, `past: …`. Or, as models do unprompted, it names a file or a definition on a line
of its own, or in a sentence that says it needs to see it. Nothing inside a fence counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from chat.conversation.conversation import Span
from chat.model import RepoPath

LookupKind = Literal["map", "find", "refs", "show", "past"]


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A file that the model wants to see."""

    path: RepoPath
    span: Span | None = None
    """These lines in particular."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question to the index, to a kept output or to the earlier conversation."""

    kind: LookupKind
    argument: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.argument}"


@dataclass(frozen=True, slots=True)
class ContextRequests:
    """The requests of a reply, in its order, each once."""

    files: tuple[FileRequest, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    cannot_see: bool = False
    """The reply says that it cannot see what it needs."""

    def __bool__(self) -> bool:
        return bool(self.files or self.lookups)


class PathTable:
    """The files of a repository, by the names that a model may use for them."""

    def __init__(self, paths: Sequence[RepoPath]) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, list[RepoPath]] = {}
        for path in paths:
            self._by_name.setdefault(path.rpartition("/")[2].casefold(), []).append(path)

    def has(self, path: RepoPath) -> bool:
        """Whether this very path is one of the files."""
        return path in self._paths

    def find(self, name: str) -> RepoPath | None:
        """Return the file that a name means: its path, or an unambiguous end of it, in any case.

        >>> table = PathTable(["src/app.py", "src/cart.py", "tests/cart.py"])
        >>> table.find("App.py")
        'src/app.py'
        >>> table.find("cart.py") is None
        True
        """
        name = name.replace("\\", "/").removeprefix("./").strip("/")
        if name in self._paths:
            return name
        folded = name.casefold()
        matches = [
            path
            for path in self._by_name.get(folded.rpartition("/")[2], ())
            if path.casefold() == folded or path.casefold().endswith(f"/{folded}")
        ]
        return matches[0] if len(matches) == 1 else None


_FENCE_MARK = "\0code"
"""Replaces a fence; a path on the line above one names its content and is not a request."""
_LOOKUP = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+)?`{0,2}(?P<kind>map|find|refs|show|past)`?:[ \t]*`?(?P<argument>[^\n`]+?)`{0,2}[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_PATH_LINE = re.compile(
    r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*[*_]{0,2}`{0,2}(?P<name>[\w./@+\\\[\]()-]+)"
    r"(?::L?(?P<first>\d+)(?:-L?(?P<last>\d+))?)?"
    r"`{0,2}[*_]{0,2}[ \t]*(?:[:,;–—-][^\n]*|\([^\n]*\))?$"
)
"""A line with nothing but a path, perhaps as a list item, quoted, with lines or with a remark behind it."""
_SYMBOL_LINE = re.compile(
    r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*`(?P<name>[A-Za-z_]\w*(?:(?:\.|::|#)\w+)*)(?:\(\))?`[ \t]*$"
)
_PATH_IN_SENTENCE = re.compile(
    r"`(?P<name>[^`\s:]+)(?::L?(?P<first>\d+)(?:-L?(?P<last>\d+))?)?`|(?<![\w./-])(?P<bare>[\w.@+-]+(?:/[\w.@+-]+)+)"
)
_NEEDS_TO_SEE = re.compile(
    r"\b(?:need|needs|want|like|have|would|could you|can you|please|let me|must)\b[^.\n]{0,80}"
    r"\b(?:see|look|add|show|provide|share|view|read|inspect|check|open|include|contents?|access)\b"
    r"|\b(?:show|share|provide|send|add) (?:me |us )?(?:the |these |those |following )",
    re.IGNORECASE,
)
_CANNOT_SEE = re.compile(
    r"\b(?:cannot|can't|can not|could not|couldn't|unable to|don't|do not)\b[^.\n]{0,40}"
    r"\b(?:see|find|locate|know)\b[^.\n]{0,40}\b(?:where|which|file|files|code|place|definition|it lives|this lives)\b",
    re.IGNORECASE,
)
_LINES = re.compile(r"L?(\d+)(?:-L?(\d+))?")


def read_context_requests(reply: str, table: PathTable, *, only_written: bool = False) -> ContextRequests:
    """Read the requests for context in a reply; with ``only_written``, those in the form that the rules offer.

    A path inside a sentence counts only if the reply says that it needs to see something: an
    explanation that mentions a file is an answer, not a request.

    >>> read_context_requests("show: app.py:1-20", PathTable(["src/app.py"])).files
    (FileRequest(path='src/app.py', span=(1, 20)),)
    """
    text = _FENCED.sub(f"{_FENCE_MARK}\n", reply)
    written = [Lookup(_kind(match["kind"]), match["argument"].strip()) for match in _LOOKUP.finditer(text)]
    shown = {lookup: _file_of(lookup, table) for lookup in written if lookup.kind == "show"}
    lookups = [lookup for lookup in written if not shown.get(lookup)]
    files = [request for request in shown.values() if request]
    if only_written:
        return ContextRequests(tuple(dict.fromkeys(files)), tuple(dict.fromkeys(lookups)))
    text = _LOOKUP.sub("", text)
    needs_to_see = bool(_NEEDS_TO_SEE.search(text))
    lines = text.split("\n")
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        match = _PATH_LINE.match(line) if below != _FENCE_MARK else None
        named = _request(table, match["name"], match["first"], match["last"]) if match else None
        if named:
            files.append(named)
        elif needs_to_see and (symbol := _SYMBOL_LINE.match(line)):
            lookups.append(Lookup("show", symbol["name"]))
        elif needs_to_see:
            files += _mentioned(line, table)
    return ContextRequests(
        tuple(dict.fromkeys(files)), tuple(dict.fromkeys(lookups)), bool(_CANNOT_SEE.search(text))
    )


def _file_of(lookup: Lookup, table: PathTable) -> FileRequest | None:
    """The file that `show:` names, with its lines if it names any; None for a symbol."""
    path, _, span = lookup.argument.partition(":")
    if not span:
        return _request(table, path, None, None)
    lines = _LINES.fullmatch(span)
    return _request(table, path, lines[1], lines[2]) if lines else None


def _kind(written: str) -> LookupKind:
    kinds: tuple[LookupKind, ...] = get_args(LookupKind)
    return next(kind for kind in kinds if kind == written.lower())


def _request(table: PathTable, name: str, first: str | None, last: str | None) -> FileRequest | None:
    path = table.find(name.rstrip(".,;:")) if "." in name or "/" in name else table.find(name)
    if path is None:
        return None
    return FileRequest(path, (int(first), int(last or first)) if first else None)


def _mentioned(line: str, table: PathTable) -> list[FileRequest]:
    requests = (
        _request(table, match["name"] or match["bare"], match["first"], match["last"])
        for match in _PATH_IN_SENTENCE.finditer(line)
    )
    return [request for request in requests if request]


_SHELL_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})(?:bash|sh|shell|console|zsh)[ \t]*\n(?P<text>.*?)^[ \t]*\1[`~]*[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


def proposed_commands(reply: str) -> tuple[str, ...]:
    r"""Return the commands in a reply's shell fences, each once; continued lines are joined.

    >>> proposed_commands("Run this:\n```bash\n# first\n$ make test\n```\n")
    ('make test',)
    """
    commands: list[str] = []
    for fence in _SHELL_FENCE.finditer(reply):
        joined = fence["text"].replace("\\\n", " ")
        lines = (line.strip().removeprefix("$ ") for line in joined.split("\n"))
        commands += [line for line in lines if line and not line.startswith("#")]
    return tuple(dict.fromkeys(commands))

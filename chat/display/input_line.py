"""A typed line → its parts: the command and its arguments, paths that may be quoted, files named with `@`."""

import re
import shlex
from dataclasses import dataclass

from chat.errors import UsageError

_COMMAND = re.compile(r"/([a-zA-Z?][a-zA-Z-]*)(?=\s|$)")
_MENTION = re.compile(r"(?<![\w@/.])@(\"[^\"\n]+\"|[^\s\"'`,;()]+)")
_BEHIND = ".:!?*"
"""What may follow a name without belonging to it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A typed command."""

    name: str
    """Without the slash; `!` for a shell command."""
    arguments: str


def read_command(text: str) -> Line | None:
    """The command that a text is, or None where it is a message: `/usr/bin/env fails` begins with a path."""
    stripped = text.strip()
    if stripped.startswith("!"):
        return Line("!", stripped[1:].strip())
    match = _COMMAND.match(stripped)
    return Line(match.group(1).lower(), stripped[match.end() :].strip()) if match else None


def split_words(arguments: str) -> tuple[str, ...]:
    """The words of a line; quotes keep one together. A backslash is a letter, as paths on Windows need.

    Raises UsageError where a quote is not closed.
    """
    reader = shlex.shlex(arguments, posix=True)
    reader.whitespace_split = True
    reader.commenters = ""
    reader.escape = ""
    try:
        return tuple(reader)
    except ValueError:
        raise UsageError(f"A quote is not closed in: {arguments}. Nothing was done; close it.") from None


def quoted(word: str) -> str:
    """A word as `split_words` reads it back."""
    if word and not re.search(r"[\s\"']", word):
        return word
    mark = "'" if '"' in word else '"'
    return f"{mark}{word}{mark}"


def mentions(text: str) -> tuple[str, ...]:
    """What is named with `@` in a message, in order, each once: perhaps a file, perhaps a decorator."""
    found = (match.group(1).strip('"').rstrip(_BEHIND) for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name))


def without_mention(text: str, name: str) -> str:
    """The message with the plain name where `@name` stood."""
    pattern = re.compile(rf"(?<![\w@/.])@(\"?){re.escape(name)}\1(?![\w/])")
    return pattern.sub(lambda _: name, text)


_OPENING = re.compile(r"\{(\w*)[ \t]*(?:\n|$)")


def is_open(text: str) -> bool:
    """Whether a `{` block, or `{name`, still waits for its `}`, or `name}`."""
    match = _OPENING.match(text)
    return match is not None and text.rstrip().rpartition("\n")[2].strip() != f"{match.group(1)}}}"


def without_braces(text: str) -> str:
    """The text of a `{` block; any other text as it is."""
    match = _OPENING.match(text)
    if not match or is_open(text):
        return text
    return text[match.end() :].rstrip().rpartition("\n")[0]

"""Takes typed lines apart: commands and their arguments, quoted paths, files named with `@`."""

import re
import shlex
from dataclasses import dataclass

from chat.errors import UsageError

_COMMAND = re.compile(r"/([a-zA-Z?][a-zA-Z-]*)(?=\s|$)")
_MENTION = re.compile(r"(?<![\w@/.])@(\"[^\"\n]+\"|[^\s\"'`,;()]+)")
_PUNCTUATION = ".:!?*"
"""What may follow a name without belonging to it."""


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A typed command."""

    name: str
    """Without the slash; `!` for a shell command."""
    arguments: str

    @property
    def usage(self) -> str:
        """How it is typed: `!` or `/name`."""
        return self.name if self.name == "!" else f"/{self.name}"


def read_command(text: str) -> TypedCommand | None:
    """Return the command that a text is, or None where it is a message.

    >>> read_command("/add a.py")
    TypedCommand(name='add', arguments='a.py')
    >>> read_command("/usr/bin/env fails")  # begins with a path
    """
    stripped = text.strip()
    if stripped.startswith("!"):
        return TypedCommand("!", stripped[1:].strip())
    match = _COMMAND.match(stripped)
    return TypedCommand(match.group(1).lower(), stripped[match.end() :].strip()) if match else None


def separate_commands(text: str) -> tuple[str, ...]:
    """Split a text of several lines, each a command, such as a pasted list; any other text stays one.

    >>> separate_commands("/add a.py\\n\\n/ls"), separate_commands("/ask why\\nthis?")
    (('/add a.py', '/ls'), ('/ask why\\nthis?',))
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(read_command(line) is not None for line in lines):
        return tuple(lines)
    return (text,)


def split_words(arguments: str) -> tuple[str, ...]:
    """Split a line into words; quotes keep one together.

    A backslash is a letter, as paths on Windows need.

    >>> split_words('one "two three"')
    ('one', 'two three')

    Raises UsageError where a quote is not closed.
    """
    reader = shlex.shlex(arguments, posix=True)
    reader.whitespace_split = True
    reader.commenters = ""
    reader.escape = ""
    try:
        return tuple(reader)
    except ValueError:
        raise UsageError(
            f"A quote is not closed in: {arguments}. Nothing was done; close the quote."
        ) from None


def quoted(word: str) -> str:
    """Quote a word where `split_words` needs it."""
    if word and not re.search(r"[\s\"']", word):
        return word
    mark = "'" if '"' in word else '"'
    return f"{mark}{word}{mark}"


def mentions(text: str) -> tuple[str, ...]:
    """Return what a message names with `@`, in order, each once: files perhaps, or decorators.

    >>> mentions("compare @a.py with @b.py.")
    ('a.py', 'b.py')
    """
    names = (match.group(1).strip('"').rstrip(_PUNCTUATION) for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(name for name in names if name))


def without_mention(text: str, name: str) -> str:
    """Replace `@name` in a message by the plain name."""
    pattern = re.compile(rf"(?<![\w@/.])@(\"?){re.escape(name)}\1(?![\w/])")
    return pattern.sub(lambda _: name, text)


_OPENING = re.compile(r"\{(\w*)[ \t]*(?:\n|$)")


def is_open(text: str) -> bool:
    """Whether a block that began with `{` or `{name` still lacks its `}` or `name}`."""
    match = _OPENING.match(text)
    return match is not None and text.rstrip().rpartition("\n")[2].strip() != f"{match.group(1)}}}"


def without_braces(text: str) -> str:
    """Return the text of a `{` block; any other text stays as it is.

    >>> without_braces("{\\none\\ntwo\\n}")
    'one\\ntwo'
    """
    match = _OPENING.match(text)
    if not match or is_open(text):
        return text
    return text[match.end() :].rstrip().rpartition("\n")[0]

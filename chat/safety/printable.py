"""Text that a terminal is about to be sent → the same without anything that the terminal obeys.

What a model, a file or git says may hold control sequences: they would move the cursor, retitle the
window, write the clipboard or hide what is shown. Where a person agrees to a text, nothing may be
removed from it unseen: `repomap.escaped` writes such characters out instead.
"""

import re

from repomap import HIDING_CHARS, ZERO_WIDTH_CHARS

MAX_LINE_CHARS = 200

_SEQUENCE = re.compile(
    r"""
      (?:\x1b\]|\x9d) [^\x07\x1b\x9c\n]* (?:\x07|\x1b\\|\x9c)?            # OSC: titles, links, the clipboard
    | (?:\x1b[PX^_]|[\x90\x98\x9e\x9f]) [^\x1b\x9c\n]* (?:\x1b\\|\x9c)?   # DCS, SOS, PM, APC
    | (?:\x1b\[|\x9b) [0-?]* [ -/]* [@-~]?                              # CSI: colours, the cursor
    | \x1b [ -/]* [0-~]?                                                # the short ones
    """,
    re.VERBOSE,
)
"""One that has no end goes no further than its line: it must not hide what follows."""
_HIDDEN = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{HIDING_CHARS}]")
_ZERO_WIDTH = re.compile(f"[{ZERO_WIDTH_CHARS}]")
_UNSEEN_MARK = re.compile(f"(?![\u200c\u200d])[{ZERO_WIDTH_CHARS}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def without_escapes(text: str) -> str:
    r"""Remove control sequences and characters; tabs and line feeds stay.

    A carriage return before a line feed goes, any other becomes a line feed: it would let a line be
    written over. Lone surrogates, which no terminal can be sent, become U+FFFD.

    >>> without_escapes("\x1b[31mred\x1b[0m\r\n")
    'red\n'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _HIDDEN.sub("", _SEQUENCE.sub("", lines)))


def on_one_line(text: str, max_chars: int = MAX_LINE_CHARS) -> str:
    r"""Remove the same and all that is invisible, join the lines, and cut at ``max_chars``.

    For names, subjects and reasons.

    >>> on_one_line("a.py\nCommitted 123", 10)
    'a.py Comm…'
    """
    line = " ".join(_ZERO_WIDTH.sub("", " ".join(without_escapes(text).split())).split())
    return cut_line(line, max_chars)


def plain_message(text: str) -> str:
    r"""Remove the same from a commit's message, and marks that nobody sees; what joins emoji and letters stays.

    >>> plain_message("Fix\x1b]0;x\x07 it\u200b\u202e")
    'Fix it'
    """
    return _UNSEEN_MARK.sub("", without_escapes(text))


def cut_line(line: str, max_chars: int) -> str:
    """Cut a line to at most ``max_chars`` characters, an ellipsis included.

    >>> cut_line("abcdef", 4)
    'abc…'
    """
    return line if len(line) <= max_chars else f"{line[: max_chars - 1]}…"


class StreamCleaner:
    """Cleans text that comes in chunks as it would be cleaned as a whole: a sequence may be cut in two."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, chunk: str) -> str:
        """Return what can be shown already."""
        text = self._held + chunk
        end = _end_of_whole(text)
        self._held = text[end:]
        return without_escapes(text[:end])

    def close(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return without_escapes(held)


_MAX_HELD_CHARS = 4096
"""No sequence that anybody means is longer."""
_UNFINISHED = re.compile(
    r"""\r \Z | (?: \x1b | \x1b [ -/]+ | (?:\x1b\[|\x9b) [0-?]* [ -/]*
      | (?:\x1b\]|\x9d) [^\x07\x1b\x9c\n]* \x1b? | (?:\x1b[PX^_]|[\x90\x98\x9e\x9f]) [^\x1b\x9c\n]* \x1b? ) \Z""",
    re.VERBOSE,
)


def _end_of_whole(text: str) -> int:
    """Return where an unfinished sequence at the end begins, or the length of the text."""
    match = _UNFINISHED.search(text, max(0, len(text) - _MAX_HELD_CHARS))
    return match.start() if match else len(text)

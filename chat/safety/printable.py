"""Text of strangers → text that cannot drive a terminal.

What a model, a file or git says may hold control sequences: they would move the cursor, retitle the
window, write the clipboard or hide what is shown.
"""

import re

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
_BACKWARDS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
"""Marks that change the direction of writing: code could be shown in another order than it has."""
_HIDDEN = dict.fromkeys(
    (*range(9), *range(11, 32), *range(127, 160), *_BACKWARDS, *range(0xE0000, 0xE0080), 0xFEFF)
)
_STRAY = re.compile("[\ud800-\udfff]")


def without_escapes(text: str) -> str:
    """The text without control sequences and characters; tabs and line feeds stay.

    A carriage return before a line feed goes, any other becomes a line feed: it would let a line be
    written over. Lone surrogates, which no terminal can be sent, become U+FFFD.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _STRAY.sub("\ufffd", _SEQUENCE.sub("", lines).translate(_HIDDEN))


def on_one_line(text: str, most_characters: int = 200) -> str:
    """The same on a single line, cut where it is long: for names, subjects and reasons."""
    line = " ".join(without_escapes(text).split())
    return line if len(line) <= most_characters else line[: most_characters - 1] + "…"


class Cleaner:
    """Text that comes in chunks, cleaned as it would be as a whole: a sequence may be cut in two."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, chunk: str) -> str:
        """What can be shown by now."""
        text = self._held + chunk
        cut = _open_sequence(text)
        self._held = text[cut:]
        return without_escapes(text[:cut])

    def close(self) -> str:
        """What was held back."""
        held, self._held = self._held, ""
        return without_escapes(held)


_MOST_HELD = 4096
"""A sequence that is longer is none that anybody meant."""
_UNFINISHED = re.compile(
    r"""\r \Z | (?: \x1b | \x1b [ -/]+ | (?:\x1b\[|\x9b) [0-?]* [ -/]*
      | (?:\x1b\]|\x9d) [^\x07\x1b\x9c\n]* \x1b? | (?:\x1b[PX^_]|[\x90\x98\x9e\x9f]) [^\x1b\x9c\n]* \x1b? ) \Z""",
    re.VERBOSE,
)


def _open_sequence(text: str) -> int:
    """Where an unfinished sequence at the end begins, or the length of the text."""
    match = _UNFINISHED.search(text, max(0, len(text) - _MOST_HELD))
    return match.start() if match else len(text)

"""Whether a quotation proves anything: it has to stand in what was shown. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MIN_CHARACTERS = 8
"""Anything shorter stands everywhere."""
_CHANGE_MARK = re.compile(r"^[+-]", re.MULTILINE)
_MAX_NAMED = 120


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of what was shown, which may be quoted."""

    title: str
    text: str


class Quotable:
    """What may be quoted; spaces and the marks of a diff do not count."""

    def __init__(self, shown: Iterable[Shown]) -> None:
        self._texts = [
            seen for part in shown for seen in (_plain(part.text), _plain(_CHANGE_MARK.sub("", part.text)))
        ]

    def fault_of(self, quote: str) -> str:
        """Say why a quotation proves nothing, as the end of a sentence; "" where it is there.

        >>> seen = Quotable([Shown("Diff", "+def close(self): ...")])
        >>> seen.fault_of("def  close(self)"), seen.fault_of("def open(self)")
        ('', 'is not there: def open(self)')
        """
        plain = _plain(quote)
        if len(plain) < MIN_CHARACTERS:
            return f"is too short to prove it: {plain}"
        if not any(plain in text for text in self._texts):
            return f"is not there: {plain[:_MAX_NAMED]}"
        return ""


def _plain(text: str) -> str:
    return " ".join(text.split())

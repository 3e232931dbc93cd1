"""[io] Long outputs, kept in files of the session so that the model may ask for their lines.

The files are beside the session's journal, with secrets masked, and are deleted with it. A chat that
is not kept has its outputs in memory.
"""

import re
from contextlib import suppress
from pathlib import Path

from chat.safety.masks import Masks
from repomap import write_whole

_NAME = re.compile(r"output-(\d{1,6})\Z")
_COMPARED = 20
"""The newest outputs, among which the same text is looked for."""


class Outputs:
    """The long outputs of one session."""

    def __init__(self, folder: Path | None = None, masks: Masks | None = None) -> None:
        self._folder = folder
        self._masks = masks or Masks()
        self._held: dict[int, str] = {}

    def keep(self, text: str) -> str:
        """Keep a text and return its name, `output-001`; the same text keeps its name. Raises OSError."""
        text = self._masks.hidden(text)
        numbers = self._numbers()
        for number in numbers[-_COMPARED:]:
            if self._read(number) == text:
                return _name(number)
        number = (numbers or [0])[-1] + 1
        self._write(number, text)
        return _name(number)

    def read(self, name: str) -> str | None:
        """Return the text with this name, or None."""
        match = _NAME.match(name)
        return self._read(int(match[1])) if match else None

    def _numbers(self) -> list[int]:
        if self._folder is None:
            return sorted(self._held)
        with suppress(OSError):
            return sorted(int(path.stem) for path in self._folder.glob("*.txt") if path.stem.isdigit())
        return []

    def _read(self, number: int) -> str | None:
        if self._folder is None:
            return self._held.get(number)
        with suppress(OSError):
            return (self._folder / f"{number:03}.txt").read_bytes().decode("utf-8", "replace")
        return None

    def _write(self, number: int, text: str) -> None:
        if self._folder is None:
            self._held[number] = text
            return
        write_whole(self._folder / f"{number:03}.txt", text.encode("utf-8", "surrogatepass"))


def _name(number: int) -> str:
    return f"output-{number:03}"

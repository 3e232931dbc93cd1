"""[io] Text ↔ the clipboard, through whatever program for it a system has.

What the terminal itself can do (bracketed paste, OSC 52) needs none of them and is tried elsewhere.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chat.ports import Shell

_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Clipboard:
    """A program that reads and one that writes, as command lines."""

    read: str
    write: str
    """Takes the text on its standard input."""


_MAC = Clipboard("pbpaste", "pbcopy")
_WINDOWS = Clipboard("powershell -NoProfile -Command Get-Clipboard -Raw", "clip")
_WAYLAND = Clipboard("wl-paste --no-newline", "wl-copy")
_XCLIP = Clipboard("xclip -selection clipboard -out", "xclip -selection clipboard -in")
_XSEL = Clipboard("xsel --clipboard --output", "xsel --clipboard --input")


def find_clipboard(
    environment: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
) -> Clipboard | None:
    """The clipboard of this system, or None where no program for it is there."""
    likely = {"darwin": [_MAC], "win32": [_WINDOWS]}.get(platform, [])
    if environment.get("WAYLAND_DISPLAY"):
        likely.append(_WAYLAND)
    if environment.get("DISPLAY"):
        likely += [_XCLIP, _XSEL]
    return next((each for each in likely if which(each.write.split()[0])), None)


def read_clipboard(shell: Shell, clipboard: Clipboard | None) -> str | None:
    """The text in it, or None where it cannot be read."""
    if clipboard is None:
        return None
    ran = shell.run(clipboard.read, _TIMEOUT_S)
    return ran.output if ran.exit_code == 0 else None


def write_clipboard(shell: Shell, clipboard: Clipboard | None, text: str) -> bool:
    """Whether the text could be put there; it goes by a file of the user's own, gone afterwards."""
    if clipboard is None:
        return False
    handle, path = tempfile.mkstemp(prefix="trigpoint-")
    try:
        with open(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        return shell.run(f'{clipboard.write} < "{path}"', _TIMEOUT_S).exit_code == 0
    finally:
        os.unlink(path)

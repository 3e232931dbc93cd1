"""[io] Reads and writes the clipboard through whatever program the system has for it.

What the terminal itself can do (bracketed paste, OSC 52) needs no program; `chat.terminal` does that.
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
    """The command lines that read and write a clipboard."""

    read: str
    write: str
    """Reads the text from standard input."""


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
    """Find the programs for this system's clipboard; None if there are none."""
    candidates = {"darwin": [_MAC], "win32": [_WINDOWS]}.get(platform, [])
    if environment.get("WAYLAND_DISPLAY"):
        candidates.append(_WAYLAND)
    if environment.get("DISPLAY"):
        candidates += [_XCLIP, _XSEL]
    return next((clipboard for clipboard in candidates if which(clipboard.write.split()[0])), None)


def read_clipboard(shell: Shell, clipboard: Clipboard | None) -> str | None:
    """Read the clipboard; None if that is impossible."""
    if clipboard is None:
        return None
    ran = shell.run(clipboard.read, _TIMEOUT_S)
    return ran.output if ran.exit_code == 0 else None


def write_clipboard(shell: Shell, clipboard: Clipboard | None, text: str) -> bool:
    """Write the clipboard, through a private temporary file; return whether that worked."""
    if clipboard is None:
        return False
    handle, path = tempfile.mkstemp(prefix="trigpoint-")
    try:
        with open(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        return shell.run(f'{clipboard.write} < "{path}"', _TIMEOUT_S).exit_code == 0
    finally:
        os.unlink(path)

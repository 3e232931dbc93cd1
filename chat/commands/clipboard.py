"""[io] Reads and writes the clipboard through whatever program the system has for it.

What the terminal itself can do (bracketed paste, OSC 52) needs no program; `chat.terminal` does that.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chat.ports import Shell
from repomap import find_program

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
    which: Callable[[str], str | None] = find_program,
) -> Clipboard | None:
    """Find the programs for this system's clipboard, by their whole paths; None if there are none."""
    candidates = {"darwin": [_MAC], "win32": [_WINDOWS]}.get(platform, [])
    if environment.get("WAYLAND_DISPLAY"):
        candidates.append(_WAYLAND)
    if environment.get("DISPLAY"):
        candidates += [_XCLIP, _XSEL]
    found = (_located(clipboard, which) for clipboard in candidates)
    return next(filter(None, found), None)


def _located(clipboard: Clipboard, which: Callable[[str], str | None]) -> Clipboard | None:
    """Return a clipboard with whole paths: a shell would run a program of that name in the current folder."""
    lines = [line.partition(" ") for line in (clipboard.read, clipboard.write)]
    paths = [which(name) for name, _, _ in lines]
    if not all(paths):
        return None
    return Clipboard(
        *(f"{_quoted(path or '')} {rest}".rstrip() for path, (_, _, rest) in zip(paths, lines, strict=True))
    )


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path


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

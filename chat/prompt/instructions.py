"""Instructions that a project leaves for agents: AGENTS.md and its like → labelled texts for the prompt.

AGENTS.md of every folder from the root to the one that the chat works in, the nearest last, since it
counts most. Where there is none at all, CLAUDE.md in the same way, else CONVENTIONS.md. Pure, given a reader.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chat.model import RepoPath

NAMES = ("AGENTS.md", "CLAUDE.md", "CONVENTIONS.md")
"""The first of which any is there is taken."""
MOST_BYTES = 32 * 1024
"""Of all texts together, in UTF-8."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One file of instructions."""

    path: RepoPath
    text: str
    """Whole lines of the file from its start; all of them, unless there was no room."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """What the prompt gets, the nearest last."""

    texts: tuple[Instruction, ...] = ()
    notice: str = ""
    """What was left out, for the user; empty where nothing was."""


def load_instructions(read: Callable[[RepoPath], str | None], folder: RepoPath = "") -> Instructions:
    """The instructions that hold in a folder, which is relative to the root; "" is the root.

    ``read`` gives a file's text, or None where there is none. The nearest file has its room first.
    """
    for name in NAMES:
        found = [(path, text) for path in _paths(name, folder) if (text := read(path)) and text.strip()]
        if found:
            return _within_budget(found)
    return Instructions()


def _paths(name: str, folder: RepoPath) -> list[RepoPath]:
    """The places of a name from the root down to the folder."""
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    return ["/".join((*parts[:depth], name)) for depth in range(len(parts) + 1)]


def _within_budget(found: list[tuple[RepoPath, str]]) -> Instructions:
    room = MOST_BYTES
    kept: list[Instruction] = []
    cut: list[str] = []
    for path, text in reversed(found):
        shown = _beginning(text, room)
        room -= len(shown.encode())
        if shown != text:
            cut.append(f"{path} ({len(shown.encode()):,} of {len(text.encode()):,} bytes)")
        if shown:
            kept.append(Instruction(path, shown))
    told = f"instructions are cut at {MOST_BYTES:,} bytes in all: {', '.join(cut)}" if cut else ""
    return Instructions(tuple(reversed(kept)), told)


def _beginning(text: str, most_bytes: int) -> str:
    """As many whole lines as fit."""
    data = text.encode()
    if len(data) <= most_bytes:
        return text
    return data[: data.rfind(b"\n", 0, most_bytes) + 1].decode()

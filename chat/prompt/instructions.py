"""A project's instructions for agents: AGENTS.md and its like → texts for the prompt. Pure, given a reader.

AGENTS.md of every folder from the root to the one that the chat works in, the nearest last, because it
counts most. Without any, CLAUDE.md in the same way, else CONVENTIONS.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat.model import RepoPath

NAMES = ("AGENTS.md", "CLAUDE.md", "CONVENTIONS.md")
"""The first name that any folder has is taken, and the others are not."""
REVIEW_NAMES = ("REVIEW.md",)
"""Instructions for reviews alone, beside the others."""
MAX_BYTES = 32 * 1024
"""The size of all texts together, in UTF-8."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One file of instructions."""

    path: RepoPath
    text: str
    """The file's text, or as many whole lines from its start as there was room for."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """The instructions for the prompt, the nearest last."""

    texts: tuple[Instruction, ...] = ()
    notice: str = ""
    """What was left out, for the user; empty if nothing was."""


def load_instructions(
    read: Callable[[RepoPath], str | None], folder: RepoPath = "", names: Sequence[str] = NAMES
) -> Instructions:
    """Return the instructions that hold in a folder, which is relative to the root; "" is the root.

    ``read`` returns a file's text, or None if there is none. The nearest file gets its room first. Of the ``names``
    the first counts that any folder has.
    """
    for name in names:
        files = [(path, text) for path in _paths(name, folder) if (text := read(path)) and text.strip()]
        if files:
            return _within_budget(files)
    return Instructions()


def _paths(name: str, folder: RepoPath) -> list[RepoPath]:
    """The paths of a name from the root down to the folder."""
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    return ["/".join((*parts[:depth], name)) for depth in range(len(parts) + 1)]


def _within_budget(files: list[tuple[RepoPath, str]]) -> Instructions:
    room = MAX_BYTES
    kept: list[Instruction] = []
    cut: list[str] = []
    for path, text in reversed(files):
        shown = _beginning(text, room)
        room -= len(shown.encode())
        if shown != text:
            cut.append(f"{path} ({len(shown.encode()):,} of {len(text.encode()):,} bytes)")
        if shown:
            kept.append(Instruction(path, shown))
    notice = f"Instructions are cut at {MAX_BYTES:,} bytes in all: {', '.join(cut)}." if cut else ""
    return Instructions(tuple(reversed(kept)), notice)


def _beginning(text: str, max_bytes: int) -> str:
    """As many whole lines as fit."""
    data = text.encode()
    if len(data) <= max_bytes:
        return text
    return data[: data.rfind(b"\n", 0, max_bytes) + 1].decode()

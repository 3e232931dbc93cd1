"""[io] Notes that outlive a session: the user's own, for all projects or for one; pinned in every prompt.

Two Markdown files that a person may edit: one in the user's configuration folder, one beside the
sessions of the project. Nothing is written but what the user says or accepts.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from chat.errors import InputError
from chat.sessions.journal import project_folder

MOST_BYTES = 8_192
TITLE = "Notes that the user keeps"
Pinned = tuple[tuple[str, str], ...]


class Memory:
    """The notes of one project and those for all."""

    def __init__(self, root: Path, *, bare: bool = False) -> None:
        from platformdirs import user_config_path

        self._bare = bare
        self._files: dict[str, Path] = {
            "user": user_config_path("trigpoint") / "memory.md",
            "project": project_folder(root) / "memory.md",
        }

    def add(self, text: str, scope: Literal["user", "project"] = "project") -> str:
        """Keeps a note; `user: …` in front keeps it for all projects. Raises InputError where it is too long."""
        prefix, colon, rest = text.partition(":")
        if colon and prefix.strip().lower() in self._files:
            scope, text = ("user" if prefix.strip().lower() == "user" else "project"), rest
        note = " ".join(text.split())
        path = self._files[scope]
        kept = _read(path)
        line = f"- {note} ({time.strftime('%Y-%m-%d')})\n"
        if not note:
            raise InputError("there is nothing to remember; write the note behind /remember.")
        if len((kept + line).encode()) > MOST_BYTES:
            raise InputError(
                f"{path}: holds {MOST_BYTES} bytes already; nothing was added. Shorten it first."
            )
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as file:
            file.write(line)
        return f"Noted for {'all projects' if scope == 'user' else 'this project'}: {note}"

    def shown(self) -> str:
        """The notes with their files."""
        parts = [f"{path}\n{text}" for path in self._files.values() if (text := _read(path))]
        return (
            "\n".join(parts) or "No notes are kept. /remember TEXT keeps one; `user: TEXT` for all projects."
        )

    def text(self) -> str:
        """All notes."""
        return "".join(_read(path) for path in self._files.values())

    def pinned_into(self, pinned: Pinned) -> Pinned:
        """The pinned texts, with the notes as they are now."""
        text = "" if self._bare else self.text()
        others = tuple(each for each in pinned if each[0] != TITLE)
        return (*others, (TITLE, text)) if text else others


def _read(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        text = path.read_bytes()[:MOST_BYTES].decode("utf-8", "ignore")
        return text if text.endswith("\n") or not text else f"{text}\n"
    return ""

"""[io] Notes of the user that outlive a session, for one project or for all; every prompt holds them.

They are two Markdown files that a person may edit: one in the user's configuration folder, one beside
the sessions of the project. Only what the user says or accepts is written.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from chat.errors import InputError
from chat.sessions.locations import project_folder
from chat.trust.claims import home_of

MAX_BYTES = 8_192
TITLE = "Notes that the user keeps"
Pinned = tuple[tuple[str, str], ...]
"""Title and text of each part of the prompt that stays verbatim."""


class Memory:
    """The notes for one project and those for all."""

    def __init__(self, root: Path, *, bare: bool = False) -> None:
        from platformdirs import user_config_path

        self._bare = bare
        self._files: dict[str, Path] = {
            "user": user_config_path("trigpoint") / "memory.md",
            "project": project_folder(home_of(root)) / "memory.md",
        }

    def add(self, text: str, scope: Literal["user", "project"] = "project") -> str:
        """Keep a note, for all projects if it begins with `user:`. Raises InputError if it cannot be kept."""
        prefix, colon, rest = text.partition(":")
        if colon and prefix.strip().lower() in self._files:
            scope, text = ("user" if prefix.strip().lower() == "user" else "project"), rest
        note = " ".join(text.split())
        path = self._files[scope]
        kept = _read(path)
        line = f"- {note} ({time.strftime('%Y-%m-%d')})\n"
        if not note:
            raise InputError("There is nothing to remember. Write the note after /remember.")
        if len((kept + line).encode()) > MAX_BYTES:
            raise InputError(
                f"{path}: would exceed {MAX_BYTES} bytes, so nothing was added. Shorten it first."
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                "a",
                encoding="utf-8",
                newline="\n",
            ) as file:
                file.write(line)
        except OSError as error:
            raise InputError(
                f"{path}: {error.strerror}. The note was not kept; make the folder writable."
            ) from error
        return f"Noted for {'all projects' if scope == 'user' else 'this project'}: {note}"

    def shown(self) -> str:
        """Return the notes with their files, for a person."""
        parts = [f"{path}\n{text}" for path in self._files.values() if (text := _read(path))]
        return (
            "\n".join(parts)
            or "There are no notes. /remember TEXT adds one; `user: TEXT` adds it for all projects."
        )

    def text(self) -> str:
        """Return all notes."""
        return "".join(_read(path) for path in self._files.values())

    def pinned_into(self, pinned: Pinned) -> Pinned:
        """Return the pinned texts with the notes as they are now."""
        text = "" if self._bare else self.text()
        others = tuple((title, other) for title, other in pinned if title != TITLE)
        return (*others, (TITLE, text)) if text else others


def _read(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        text = path.read_bytes()[:MAX_BYTES].decode("utf-8", "ignore")
        return text if text.endswith("\n") or not text else f"{text}\n"
    return ""

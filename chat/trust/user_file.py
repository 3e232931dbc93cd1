"""[io] Files in the user's state folder that say what is allowed in which repository, by its real path.

Nobody is asked about what they allow, so a file that somebody else may have written does not count.
"""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from chat.errors import ChatError
from chat.safety.small_file import read_small
from repomap import lock_within, write_whole

Entry = TypeVar("Entry")
_WAIT_S = 10.0
"""For another process, which reads and writes a small file."""


@dataclass(frozen=True, slots=True)
class UserFile(Generic[Entry]):
    """One such file: JSON with an entry for each repository."""

    name: str
    max_bytes: int
    read_entry: Callable[[Any], Entry]
    """Raises ValueError, KeyError, TypeError or AttributeError for what is no entry."""
    so: str
    """What follows where the file cannot be believed, such as `nothing is trusted`."""

    @property
    def path(self) -> Path:
        """Where it is."""
        from platformdirs import user_state_path

        return user_state_path("trigpoint") / self.name

    def entries(self) -> dict[str, Entry]:
        """Return the entries by repository; none where there is no file.

        Raises ChatError where the file is damaged or others may write to it.
        """
        path = self.path
        if _is_open_to_others(path):
            raise ChatError(
                f"{path}: others may write to it, so {self.so}. Check what it says, then run chmod 600 on it or "
                "remove it."
            )
        data = read_small(path, self.max_bytes)
        if data is None:
            return {}
        try:
            rows = json.loads(data)["repositories"]
            return {str(root): self.read_entry(entry) for root, entry in rows.items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ChatError(f"{path} is damaged, so {self.so}. Correct or remove it.") from error

    @contextmanager
    def held(self, unchanged: str) -> Iterator[None]:
        """Keep other processes from changing what is read here until it is written. Raises ChatError.

        ``unchanged`` is what an error says was not done.
        """
        path = self.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ChatError(f"{path}: {error.strerror}. {unchanged}") from error
        try:
            if not lock_within(descriptor, _WAIT_S):
                raise ChatError(f"{path}: another process has been changing it. {unchanged} Try again.")
            yield
        finally:
            os.close(descriptor)

    def write(self, entries: Mapping[str, object], unchanged: str) -> None:
        """Replace all entries, given as JSON, while they are `held`. Raises ChatError."""
        path = self.path
        text = json.dumps({"version": 1, "repositories": dict(sorted(entries.items()))}, indent=1)
        try:
            write_whole(path, text.encode(), sync=True)
        except OSError as error:
            raise ChatError(f"{path}: {error.strerror}. {unchanged}") from error


def _is_open_to_others(path: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        status = path.stat()
    except OSError:
        return False  # there is none that could be read
    return status.st_uid != os.getuid() or bool(status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))

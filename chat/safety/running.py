"""[io] What this process is in the middle of, noted so that another can clear up where it is killed.

A note in the user's state folder names the folders in which files are being replaced, and is removed when that
is done. Temporary folders are beside the notes. Each bears the mark of its process.
"""

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def writing_in(folders: Iterable[str]) -> Iterator[None]:
    """Note, while the body runs, that temporary files of this process may be in these folders."""
    note: Path | None = None
    with suppress(OSError):  # a state folder that cannot be written costs the note, not the write
        note = _new("note")
        note.write_text(json.dumps(sorted(set(folders))), "ascii", newline="\n")
    try:
        yield
    finally:
        if note is not None:
            with suppress(OSError):
                note.unlink()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give an empty folder that is gone afterwards, or after the next start where this process is killed."""
    try:
        folder = _new("folder")
        folder.mkdir(mode=0o700)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="trigpoint-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def marked_folder(kind: str) -> Path:
    """Return a free path beside the notes, for a folder of this kind that bears the mark of this process.

    Whoever makes it removes it; where the process is killed, `clear_up` does. Raises OSError.
    """
    return _new(kind)


def is_left_over(path: Path, kind: str) -> bool:
    """Whether a path is that of a folder of this kind whose process is known to have ended."""
    from edits import is_gone

    is_ours = path.suffix == f".{kind}" and os.path.realpath(path.parent) == os.path.realpath(_place())
    return is_ours and is_gone(path.name.partition(".")[0])


def clear_up() -> None:
    """Remove what killed processes of the user's have left: temporary files, folders and notes."""
    with suppress(OSError):
        for name in os.listdir(_place()):
            _clear_up_after(_place() / name)


def _clear_up_after(left: Path) -> None:
    from edits import is_gone, remove_leftovers_in  # late, since there is rarely anything

    if not is_gone(left.name.partition(".")[0]):
        return
    if left.suffix != ".note":
        shutil.rmtree(left, ignore_errors=True)
        return
    with suppress(OSError, ValueError, TypeError):
        for folder in json.loads(left.read_text("ascii")):
            remove_leftovers_in(str(folder))
    with suppress(OSError):
        left.unlink()


def _new(kind: str) -> Path:
    from edits import own_mark

    place = _place()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place / f"{own_mark()}.{secrets.token_hex(4)}.{kind}"


def _place() -> Path:
    from platformdirs import user_state_path

    return user_state_path("trigpoint") / "running"

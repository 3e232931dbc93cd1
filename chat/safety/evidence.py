"""[io] Files that a command has left as evidence, such as screenshots: which of them are kept, and where.

Nobody knows what a command writes. Only regular files with plain names are kept, no links, and not more than a person
would look at.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from repomap import read_if_regular, write_whole

VARIABLE = "TRIGPOINT_EVIDENCE_DIR"
"""The variable that names the folder to write to."""
MOST_FILES = 50
MOST_BYTES = 20_000_000
"""Of one file."""
MOST_BYTES_IN_ALL = 100_000_000
_MOST_ENTRIES = 1_000
_DEEPEST = 4
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. +@=,()-]{0,99}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was kept, and what was not."""

    folder: Path
    names: tuple[str, ...] = ()
    """Relative to the folder, with `/`; sorted."""
    left_out: tuple[str, ...] = ()
    """Why others were not kept, one reason for each."""


def evidence_folder(report: Path) -> Path:
    """Return where the evidence for a report is kept: beside it.

    >>> evidence_folder(Path("out/report.md")).as_posix()
    'out/report-evidence'
    """
    return report.with_name(f"{report.stem}-evidence")


def kept_evidence(report: Path) -> Evidence:
    """Return the evidence that is kept for a report."""
    folder = evidence_folder(report)
    names = sorted(name for name in _files_in(folder) if not _reason_against(folder, name))
    return Evidence(folder, tuple(names[:MOST_FILES]))


def keep_evidence(source: Path, report: Path) -> Evidence:
    """Copy what a command has written to ``source`` beside a report, through no link there. Raises OSError."""
    folder = evidence_folder(report)
    kept: list[str] = []
    left_out: list[str] = []
    room = MOST_BYTES_IN_ALL
    for name in sorted(_files_in(source)):
        reason = _reason_against(source, name) or _way_out(folder, name)
        data = None if reason else read_if_regular(source / name, MOST_BYTES)
        if not reason and data is None:
            reason = f"is larger than {MOST_BYTES // 1_000_000} MB, or cannot be read"
        elif data is not None and (len(kept) == MOST_FILES or len(data) > room):
            reason = "is more than is kept"
        if reason or data is None:
            left_out.append(f"{name!r} {reason}")
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, data)
        kept.append(name)
        room -= len(data)
    return Evidence(folder, tuple(kept), tuple(left_out))


def _files_in(folder: Path) -> Iterator[str]:
    """Yield the paths of what is in a folder and is none itself, without following links."""
    seen = 0
    for above, folders, files in os.walk(folder):
        seen += 1
        depth = len(Path(above).relative_to(folder).parts)
        links = [name for name in folders if os.path.islink(os.path.join(above, name))]
        folders[:] = sorted(set(folders) - set(links)) if depth < _DEEPEST else []
        for name in sorted((*files, *links)):
            seen += 1
            if seen > _MOST_ENTRIES:
                return
            yield Path(above, name).relative_to(folder).as_posix()


def _reason_against(folder: Path, name: str) -> str:
    """Return why a file is not kept; "" where nothing speaks against it."""
    if not all(_PLAIN.fullmatch(part) and not part.endswith((".", " ")) for part in name.split("/")):
        return "has a name that is not plain"
    if _leads_away(folder, name):
        return "is a link"
    return "" if os.path.isfile(folder / name) else "is no regular file"


def _way_out(folder: Path, name: str) -> str:
    """Return why a file cannot be kept in a folder; "" where it can.

    The folder is often in the work tree, where the commands of the model may have put a link to anywhere.
    """
    is_away = _leads_away(folder.parent, f"{folder.name}/{name}")
    return f"would be written through a link in {folder.name}" if is_away else ""


def _leads_away(folder: Path, name: str) -> bool:
    """Whether a path goes through a link below its folder."""
    return os.path.realpath(folder / name) != os.path.join(os.path.realpath(folder), *name.split("/"))

"""[io] What a job leaves to whoever takes over: patch, report, map, journal, and files that its checks left."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chat.errors import ChatError, InputError
from chat.jobs.store import JobFolder
from chat.jobs.tree import left_by_checks, patch_of
from chat.jobs.view import JobView
from repomap import escaped, write_whole

_MAP_TOKENS = 2_000


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a job leaves."""

    name: str
    """What it is called beside the others; with `/` for one of the work tree."""
    path: Path
    what: str
    """In a few words."""


def artifacts(view: JobView) -> list[Artifact]:
    """Bring the artifacts of a job up to date and return those that there are. Raises ChatError."""
    folder = JobFolder(view.folder)
    patch = folder.path / "changes.patch"
    _write(patch, patch_of(folder, view.record))
    found = [Artifact("changes.patch", patch, "what it has changed, for git apply")]
    if text := _map_of(view):
        _write(folder.path / "map.txt", text.encode("utf-8", "replace"))
        found.append(Artifact("map.txt", folder.path / "map.txt", "its work tree, ranked for the task"))
    found.append(Artifact("events.jsonl", folder.events, "what it did, as stream-json prints it"))
    if view.journal:
        found.append(
            Artifact("journal.jsonl", view.journal, "its session; may hold keys, so keep it private")
        )
    report = Path(str(view.record.values.get("report") or folder.report))
    found.append(Artifact("report.md", report, "what was asked, done, checked and spent"))
    found.append(Artifact("pr.md", folder.path / "pr.md", "the text of a pull request"))
    found += _left(view, folder)
    return [each for each in found if each.path.is_file()]


def copy_to(found: list[Artifact], target: Path) -> list[Path]:
    """Copy artifacts into a folder, which is made; return the copies. Raises InputError."""
    copies: list[Path] = []
    for each in found:
        copy = target / each.name
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(each.path, copy, follow_symlinks=False)
        except OSError as error:
            raise InputError(
                f"{copy}: {error.strerror}. {len(copies)} files were copied; choose another folder."
            ) from error
        copies.append(copy)
    return copies


def _left(view: JobView, folder: JobFolder) -> Iterator[Artifact]:
    """Yield the files that checks left in the work tree, real ones only: a link could lead anywhere."""
    with suppress(ChatError):
        for path in left_by_checks(folder, view.record):
            full = view.tree / path
            if not full.is_symlink() and full.resolve().is_relative_to(view.tree.resolve()):
                yield Artifact(f"files/{path}", full, "left in its work tree")


def _map_of(view: JobView) -> str:
    """Return a map of the work tree for the task, "" where there is none."""
    if not view.tree.is_dir():
        return ""
    from repomap import Focus, RepoMapError, build_map

    try:
        return build_map(view.tree, Focus(view.record.task), tokens=_MAP_TOKENS).text
    except (RepoMapError, OSError):
        return ""


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise ChatError(f"{escaped(os.fspath(path))}: {error.strerror}. Nothing was written.") from error

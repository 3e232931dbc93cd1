"""[io] What a job leaves to whoever takes over: patch, report, map, journal, and files that its checks left."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chat.errors import ChatError, InputError
from chat.jobs.pull_request import SOLVE, FileCount, Work, pull_request
from chat.jobs.record import JobRecord
from chat.jobs.store import JobFolder
from chat.jobs.tree import left_by_checks, patch_of, repository_of_job, tip_of, uncommitted
from chat.jobs.view import JobView
from chat.safety.evidence import kept_evidence
from chat.safety.masks import Masks, known_values
from chat.safety.secrets import secret_values
from repomap import escaped, write_whole

_MAP_TOKENS = 2_000
_OF_PLANS = (
    ("plan.json", "the plan, for --plan-file"),
    ("report.json", "the report on the plan, for programs"),
)


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
    report = _report_of(view)
    found.append(Artifact("report.md", report, "what was asked, done, checked and spent"))
    evidence = kept_evidence(report)
    found += [
        Artifact(f"evidence/{name}", evidence.folder / name, "left by --evidence-cmd")
        for name in evidence.names
    ]
    _write(folder.path / "pr.md", pull_request(work_done(view)).encode("utf-8", "replace"))
    found.append(Artifact("pr.md", folder.path / "pr.md", "the text of a pull request"))
    for name, what in _OF_PLANS:
        found.append(Artifact(name, folder.path / name, what))
    if commits := _commits_of(view.record):
        _write(folder.path / "commits.mbox", commits)
        found.append(Artifact("commits.mbox", folder.path / "commits.mbox", "its commits, for git am"))
    found += _left(view, folder)
    return [each for each in found if each.path.is_file()]


def _report_of(view: JobView) -> Path:
    return Path(str(view.record.values.get("report") or JobFolder(view.folder).report))


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


def work_done(view: JobView) -> Work:
    """Return what a job has done, as a pull request tells it."""
    record, values = view.record, view.record.values
    subjects, files = _work_of(record)
    hidden = Masks(known_values(secret_values(os.environ))).hidden
    return Work(
        task=hidden(str(values.get("message") or values.get("goal") or record.task).removeprefix(SOLVE)),
        subjects=[hidden(subject) for subject in subjects],
        files=[FileCount(*file) for file in files],
        checks=[(hidden(command), code) for command, code in view.progress.checks],
        reason=view.reason,
        uncommitted=uncommitted(JobFolder(view.folder), record),
        evidence=kept_evidence(_report_of(view)).names,
    )


def _commits_of(record: JobRecord) -> bytes:
    """Return the commits of a job's branch since its base, as `git am` takes them; empty without any."""
    git = repository_of_job(record).work_tree.git
    if not tip_of(record):
        return b""
    options = ("--stdout", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-signature")
    return git.run("format-patch", *options, f"{record.base}..refs/heads/{record.branch}", "--")


def _work_of(record: JobRecord) -> tuple[tuple[str, ...], tuple[tuple[str, int | None, int | None], ...]]:
    """Return the subjects of a job's commits, the oldest first, and its files with added and removed lines.

    The numbers of a binary file are None.
    """
    git = repository_of_job(record).work_tree.git
    if not tip_of(record):
        return (), ()
    span = f"{record.base}..refs/heads/{record.branch}"
    subjects = git.paths("log", "-z", "--reverse", "--no-merges", "--format=tformat:%s", span, "--")
    rows = git.paths("diff", "-z", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv", span, "--")
    cells = [row.split("\t", 2) for row in rows]
    return subjects, tuple((path, _number(added), _number(removed)) for added, removed, path in cells)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


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

"""Jobs for tests: made in a repository, and ended by hand where no model has to take part."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from platformdirs import user_state_path
from repositories import commit, git, write_files

from chat.job_commands.worker import work
from chat.jobs.launch import begin_run
from chat.jobs.making import Order, make
from chat.jobs.record import RunEnd
from chat.jobs.store import JobFolder
from chat.jobs.view import JobReader, JobView

GONE = "0-0-1-1"
"""Stands for a mark that nobody can judge; see `killed`."""


def made(root: Path, task: str = "Do it", **order: object) -> JobFolder:
    """A job with its work tree, on which nothing works yet."""
    return make(Order(task=task, here=root, **order))  # type: ignore[arg-type]


def worked(root: Path, files: dict[str, str], *, code: int = 0, reason: str = "") -> JobFolder:
    """A job that is over and has committed these files."""
    folder = made(root)
    tree = tree_of(folder)
    if files:
        write_files(tree, files)
        commit(tree, "Work")
    ended(folder, code, reason)
    return folder


class WorkerHere:
    """Stands for the process that works on a job: works in this one, until the end."""

    def __init__(self, folder: JobFolder, secrets: Mapping[str, str]) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(".")
            for name, value in secrets.items():
                patch.setenv(name, value)
            self.code = work(folder.id)

    def poll(self) -> int:
        return self.code


def ended(folder: JobFolder, code: int = 0, reason: str = "") -> None:
    """A run of a job begins and ends."""
    number = begin_run(folder).number
    folder.write("end.json", RunEnd(number=number, exit_code=code, at=time.time(), reason=reason))


def view_of(folder: JobFolder) -> JobView:
    return JobReader(folder).read()


def tree_of(folder: JobFolder) -> Path:
    return folder.tree(folder.record())


def looks(root: Path) -> dict[str, str]:
    """All of a repository that a job must leave as it is."""
    return {
        "status": git(root, "status", "--porcelain", "--ignored"),
        "branches": git(root, "for-each-ref"),
        "head": git(root, "log", "-1", "--format=%H") + (root / ".git/HEAD").read_text(),
        "trees": git(root, "worktree", "list"),
        "fsck": git(root, "fsck", "--strict", "--no-dangling"),
        "config": (root / ".git/config").read_text(),
        "folders": " ".join(
            sorted(path.name for path in (root / ".git").iterdir() if path.name != "ORIG_HEAD")
        ),
    }


def left_in_state() -> list[str]:
    """The files that the state folder holds, apart from what belongs to no job."""
    state = user_state_path("trigpoint")
    return [str(path.relative_to(state)) for path in state.rglob("*") if path.is_file()]

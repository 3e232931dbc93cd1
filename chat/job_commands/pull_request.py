"""[io] `trigpoint jobs pr ID`: opens a pull request for a job, or prints how to."""

import os
import shlex
from pathlib import Path

import click

from chat.cli.session_tables import print_line
from chat.errors import ChatError, UsageError
from chat.job_commands.choosing import job_argument
from chat.jobs.artifacts import work_done
from chat.jobs.pull_request import Work, body_of, pull_request, title_of
from chat.jobs.state import JobState
from chat.jobs.store import JobFolder, find_folder
from chat.jobs.view import JobReader, JobView
from chat.safety.piped import Program, run_together
from chat.safety.printable import without_escapes
from chat.terminal.person import can_be_asked
from repomap import find_program, write_whole

_TIMEOUT_S = 600.0
"""A hook before a push may run a test suite."""


@click.command(name="pr")
@job_argument
@click.option("--yes", is_flag=True, help="Push and open it without asking.")
def pr(job: str, yes: bool) -> int:
    """Push a job's branch and open a pull request for it.

    Asks first, and needs gh, the program of GitHub; without one of the two it prints the commands. Title and text are
    those of pr.md.
    """
    return open_pull_request(find_folder(job), yes)


def open_pull_request(folder: JobFolder, yes: bool) -> int:
    """Open a pull request for a job after consent, or print how to; return the exit code. Raises ChatError."""
    view = JobReader(folder).read()
    work = work_done(view)
    if view.state is not JobState.DONE or not work.subjects:
        what = "has made no commit" if view.state is JobState.DONE else f"is {view.state.value}"
        raise UsageError(f"Job {folder.id} {what}. No pull request was opened.")
    commands = _commands(view, work)
    root = Path(view.record.root)
    for command in commands:
        print_line(shlex.join(command))
    if not find_program("gh"):
        click.echo("trigpoint: gh is not installed, so nothing was pushed; these commands do it.", err=True)
        return 0
    if not (yes or _agrees(root)):
        click.echo("trigpoint: Nothing was pushed; these commands do it.", err=True)
        return 0
    for command in commands:
        _run(command, root)
    return 0


def _commands(view: JobView, work: Work) -> list[list[str]]:
    """Return what pushes the branch and opens the pull request; its text is a file beside the job."""
    body = view.folder / "pr-body.md"
    try:
        write_whole(body, body_of(pull_request(work)).encode("utf-8", "replace"))
    except OSError as error:
        raise ChatError(f"{body}: {error.strerror}. No pull request was opened.") from error
    branch = view.record.branch
    create = ["gh", "pr", "create", "--head", branch, "--title", title_of(work), "--body-file", str(body)]
    return [["git", "push", "--set-upstream", "origin", branch], create]


def _agrees(root: Path) -> bool:
    return can_be_asked() and click.confirm(f"Run these in {root}?", err=True)


def _run(command: list[str], root: Path) -> None:
    """Run one of the commands and print what it says. Raises ChatError where it fails."""
    program = find_program(command[0]) or command[0]
    (ended,) = run_together([Program([program, *command[1:]], _TIMEOUT_S, dict(os.environ))], "", root)
    said = without_escapes(f"{ended.stdout}{ended.stderr}").strip()
    if ended.exit_code:
        raise ChatError(
            f"{shlex.join(command[:3])} failed with exit code {ended.exit_code}:\n{said}\nMend that, and run it again."
        )
    if said:
        print_line(said)

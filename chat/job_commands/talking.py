"""[io] What a user says to a job: a text, an answer, or a whole chat on its session."""

import os
from typing import Any

import click

from chat.cli.options import command_line_layer
from chat.cli.session_tables import print_line
from chat.errors import InputError, UsageError
from chat.job_commands.choosing import job_argument
from chat.job_commands.job_options import OF_TASK, RunCommand, require_options
from chat.jobs.store import JobFolder, find_folder
from chat.jobs.view import JobReader, JobView

_UNATTENDED = OF_TASK | frozenset(
    "message yes permission-mode max-turns max-seconds report evidence-cmd require-changes".split()
)
"""Settings of a job that say what it does, or how it does that alone; a person at a prompt has their own."""


@click.command()
@job_argument
@click.argument("text", nargs=-1, required=True)
def send(job: str, text: tuple[str, ...]) -> int:
    """Send TEXT to a job for its next turn.

    If its task is done, the text gets a turn of its own.
    """
    from chat.jobs.messages import send as send_to

    folder = find_folder(job)
    view = JobReader(folder).read()
    send_to(folder, " ".join(text))
    print_line(sent_line(folder, view))
    return 0


def sent_line(folder: JobFolder, view: JobView) -> str:
    """Say when a job, as it was before, reads what was sent."""
    if view.state.is_live:
        return f"Job {folder.id} reads it in its next turn."
    return f"Job {folder.id} is {view.state.value}; `trigpoint resume {folder.id}` has it read that."


@click.command()
@job_argument
@click.argument("text", metavar="yes|no|always")
def answer(job: str, text: str) -> int:
    """Answer the question that a job waits for."""
    from chat.jobs.messages import answer as answer_to

    folder = find_folder(job)
    print_line(f"Job {folder.id}: {answer_to(folder, text)}.")
    return 0


@click.command(cls=RunCommand)
@job_argument
def attach(job: str, **parameters: Any) -> int:
    """Open a chat on a job's session.

    It is in the job's work tree, with the models that the job was begun with; options replace them. If you take a turn
    in it, the job counts as done when you leave: you have seen it.
    """
    from chat.cli.main import run_chat
    from chat.jobs.launch import note_attended
    from chat.jobs.store import LOCK_WAIT_S

    require_options(command_line_layer(parameters).values, of_task=True)
    folder = find_folder(job)
    view = JobReader(folder).read()
    if view.state.is_live:
        raise UsageError(
            f"Job {folder.id} is {view.state.value}. No chat was opened; stop it first (trigpoint stop {folder.id}), "
            f"or say something to it (trigpoint send {folder.id} TEXT)."
        )
    if not view.tree.is_dir():
        raise InputError(f"The work tree of job {folder.id} is gone. No chat was opened.")
    with folder.locked(LOCK_WAIT_S):
        below = view.tree / view.record.folder
        os.chdir(below if below.is_dir() else view.tree)
        kept = {name: value for name, value in view.record.values.items() if name not in _UNATTENDED}
        code = run_chat((), {**parameters, "continue_session": True}, kept)
        if code == 0 and JobReader(folder).read().turns > view.turns:
            note_attended(folder)
    return code

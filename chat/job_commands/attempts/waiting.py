"""[io] Waits for attempts at work, and stops them."""

import time
from collections.abc import Sequence
from contextlib import suppress

import click

from chat.attempts.group import Group, drop_if_empty
from chat.errors import ChatError, Terminated
from chat.jobs.launch import stop
from chat.jobs.store import JobFolder
from chat.jobs.view import JobReader, JobView
from repomap import ExitCode

_POLL_S = 0.2


def until_over(folders: Sequence[JobFolder]) -> list[JobView]:
    """Wait until no attempt is at work, and return them; say once what each asks."""
    readers = [JobReader(folder) for folder in folders]
    told: set[tuple[str, int]] = set()
    while True:
        views = [reader.read() for reader in readers]
        for view in views:
            question = view.facts.question
            if question and (view.record.id, question.number) not in told:
                told.add((view.record.id, question.number))
                _tell_question(view)
        if not any(view.state.is_live for view in views):
            return views
        time.sleep(_POLL_S)


def _tell_question(view: JobView) -> None:
    click.echo(f"trigpoint: Job {view.record.id} asks; see `trigpoint status {view.record.id}`.", err=True)


def stop_all(folders: Sequence[JobFolder]) -> None:
    """Stop the attempts that are at work."""
    for folder in folders:
        with suppress(ChatError):  # over already
            stop(folder)


def interrupted(begun: Sequence[JobFolder], group: Group, error: BaseException) -> ExitCode:
    """Stop attempts since this interrupts them, and return the exit code of it; raises ChatErrors again."""
    stop_all(begun)
    drop_if_empty(group.id)
    if isinstance(error, ChatError):
        raise error
    click.echo("trigpoint: All attempts were stopped; `trigpoint jobs` shows them.", err=True)
    return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED

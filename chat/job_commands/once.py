"""[io] Begins a job of a schedule at most once for each time that it is due, and never beside an earlier one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import click

from chat.errors import ChatError
from chat.job_commands.cron import due
from chat.jobs.making import Order
from chat.jobs.store import JobBusy, JobFolder, all_folders, jobs_folder
from chat.jobs.view import JobReader


def once(scheduled: str, order: Order, begin: Callable[[Order], JobFolder]) -> JobFolder | None:
    """Begin the job of a schedule, or say why not and return None.

    ``scheduled`` is its id and its cron expression, with a colon between. Raises ChatError.
    """
    name, _, cron = scheduled.partition(":")
    group, note = f"schedule {name}", f"due {due(cron, datetime.now()):%Y-%m-%d %H:%M}"
    place = jobs_folder().parent / "schedules" / name
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with JobFolder(place).locked():
            if reason := _reason(group, note):
                click.echo(f"trigpoint: {note}: {reason} Nothing was begun.", err=True)
                return None
            return begin(replace(order, group=group, note=note))
    except JobBusy:
        click.echo(f"trigpoint: {note}: another process begins it. Nothing was begun.", err=True)
        return None


def _reason(group: str, note: str) -> str:
    for folder in all_folders():
        try:
            view = JobReader(folder).read()
        except ChatError:
            continue
        if view.record.group == group and view.record.note == note:
            return f"job {folder.id} has been begun for this time."
        if view.record.group == group and view.state.is_live:
            return f"job {folder.id} of an earlier time is {view.state.value}."
    return ""

"""[io] What a user does with a job: stop, resume, merge, discard, prune."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from chat.attempts.group import drop_if_empty, left_over, names_group
from chat.cli.options import command_line_layer
from chat.cli.session_tables import print_line
from chat.display.amounts import counted
from chat.errors import ChatError, InputError, UsageError
from chat.job_commands.choosing import (
    all_option,
    is_in_repository,
    job_or_group_argument,
    json_option,
    listed,
)
from chat.job_commands.job_options import RunCommand
from chat.job_commands.plan import note_asking
from chat.jobs.record import Merged
from chat.jobs.store import JobFolder, find_folder
from chat.jobs.view import JobReader, JobView, unreadable


@click.command()
@job_or_group_argument
def stop(job: str) -> int:
    """Stop a job.

    What it has committed stays, and `trigpoint resume ID` goes on.
    """
    from chat.jobs.launch import stop as stop_job

    if names_group(job):
        from chat.job_commands.attempts.commands import stop_group

        return stop_group(job)
    folder = find_folder(job)
    state = stop_job(folder)
    print_line(f"Job {folder.id} is {state.value}.")
    return 0


@click.command(cls=RunCommand)
@job_or_group_argument
@click.option("-d", "--detach", is_flag=True, help="Do not wait: print the job's id, and let it work.")
def resume(job: str, detach: bool, **parameters: Any) -> int:
    """Go on with a job.

    It may have been stopped or killed, or have failed. Options replace those that it was begun with. With the id of a
    group of attempts, all of these go on that were stopped or killed, or have failed.
    """
    from chat.job_commands.follow import follow_job
    from chat.job_commands.job_options import loaded_settings, require_options
    from chat.jobs.launch import change, start, take_up

    values = dict(command_line_layer(parameters).values)
    require_options(values, of_task=True)
    if names_group(job):
        from chat.job_commands.attempts.resuming import resume_group

        return resume_group(job, values, detach=detach)
    folder = find_folder(job)
    record = take_up(folder)
    change(folder, {name: value for name, value in values.items() if name != "output-format"})
    note_asking(folder, folder.record(), detach=detach)
    offset = folder.events.stat().st_size if folder.events.exists() else 0
    start(folder, values)
    if detach:
        click.echo(folder.id)
        return 0
    return follow_job(folder, loaded_settings({**record.values, **values}), offset)


@click.command()
@job_or_group_argument
@click.option("--squash", "way", flag_value="squash", default="", help="As one commit.")
@click.option(
    "--ff-only", "way", flag_value="ff-only", help="Only if your branch has no commits that it lacks."
)
@click.option("--no-ff", "way", flag_value="no-ff", help="With a merge commit in any case.")
@json_option
def merge(job: str, way: Any, as_json: bool) -> int:
    """Merge a job's branch into the current branch.

    Refused, with every reason, if the job is not through, a check is red, the branches conflict, or you have changes in
    the same files. Then nothing has changed.
    """
    from chat.jobs.merging import merge as merge_job

    if names_group(job):
        from chat.job_commands.attempts.commands import merge_group

        return merge_group(job, way, as_json=as_json)
    folder = find_folder(job)
    merged = merge_job(JobReader(folder).read(), Path.cwd(), way)
    if as_json:
        click.echo(json.dumps({"commit": merged.commit, "way": merged.way, "into": merged.into}))
    else:
        print_line(merged_line(merged))
    return 0


def merged_line(merged: Merged) -> str:
    """Say how a job was merged."""
    how = {"ff": "Fast-forwarded", "merge": "Merged into", "squash": "Squashed into"}[merged.way]
    return f"{how} {merged.into}: {merged.commit[:12]}. `trigpoint jobs prune` removes the job."


@click.command()
@job_or_group_argument
def discard(job: str) -> int:
    """Remove a job, whatever it has done.

    Work tree, branch and session go with it; the id of its last commit is printed.
    """
    from chat.jobs.removing import remove

    if names_group(job):
        from chat.job_commands.attempts.commands import discard_group

        return discard_group(job)
    folder = find_folder(job)
    try:
        view = JobReader(folder).read()
    except InputError:
        return _discard_damaged(folder)
    if view.state.is_live:
        raise UsageError(f"Job {folder.id} is {view.state.value}. Nothing was removed; stop it first.")
    back = way_back(folder)
    remove(folder)
    drop_if_empty(view.record.group)
    print_line(f"Job {folder.id} was discarded.{back}")
    return 0


def _discard_damaged(folder: JobFolder) -> int:
    """Remove a job of which a file cannot be read, as far as it is known what belongs to it."""
    from chat.jobs.removing import remove

    try:
        folder.record()
        left = ""
    except InputError:
        left = (
            f" Its record could not be read, so its branch stays where it was begun; there, `git worktree prune` and "
            f"`git branch -D trigpoint/{folder.id}-…` remove the rest."
        )
    remove(folder)
    print_line(f"Job {folder.id} was discarded.{left}")
    return 0


def way_back(folder: JobFolder) -> str:
    """Say, before a job is removed, how to get back what was merged nowhere; "" where that is nothing."""
    from chat.jobs.tree import tip_of

    with suppress(ChatError):  # its record cannot be read
        record = folder.record()
        tip = tip_of(record)
        if tip not in ("", record.base) and folder.merged() is None:
            return f" Its last commit was {tip[:12]}; git branch NAME {tip[:12]} brings it back for a while."
    return ""


@click.command()
@all_option
@click.option("--ended", is_flag=True, help="Also all others on which no process works: their work is lost.")
@click.option("--dry-run", is_flag=True, help="Print what would be removed.")
def prune(everywhere: bool, ended: bool, dry_run: bool) -> int:
    """Remove jobs that nobody needs any more.

    That are those that are merged, and those that failed or were stopped before they had changed anything; and what
    killed processes have left. What is still to be read, merged or resumed stays.
    """
    from chat.jobs.removing import goes_with_another
    from chat.jobs.store import half_made

    if not everywhere and not is_in_repository():
        raise UsageError(
            "This folder is in no git repository. Nothing was removed; --all means all repositories."
        )
    chosen = [
        view
        for view in listed(everywhere)
        if not (view.state.is_live or goes_with_another(view)) and (ended or _is_disposable(view))
    ]
    for view in chosen:
        _prune_one(JobFolder(view.folder), dry_run)
    for folder in half_made():
        _prune_one(folder, dry_run)
    for damaged, error in unreadable():
        click.echo(f"trigpoint: {damaged.id} stays: {error}", err=True)
    for group in left_over():
        if not dry_run:
            group.remove()
    click.echo(f"{'Would remove' if dry_run else 'Removed'} {counted(len(chosen), 'job')}.", err=True)
    return 0


def _is_disposable(view: JobView) -> bool:
    """Whether nothing is lost with a job; one of which that cannot be told stays, and does not hold up the others."""
    from chat.jobs.removing import is_disposable

    try:
        return is_disposable(view)
    except ChatError as error:
        click.echo(f"trigpoint: {view.record.id}: {error}", err=True)
        return False


def _prune_one(folder: JobFolder, dry_run: bool) -> None:
    from chat.jobs.removing import remove

    try:
        back = way_back(folder)
        if not dry_run:
            remove(folder)
        print_line(f"{folder.id}: {'would be removed' if dry_run else 'removed'}.{back}")
    except ChatError as error:
        click.echo(f"trigpoint: {folder.id}: {error}", err=True)


@click.command(hidden=True)
@click.argument("job")
def work(job: str) -> int:
    """Work on a job; what `trigpoint run` starts."""
    from chat.job_commands.worker import work as work_on

    return work_on(job)

"""[io] `trigpoint jobs`: what jobs are doing, and what the user does with them.

Most of its commands are commands of `trigpoint` itself, too: `trigpoint status ID` is `trigpoint jobs status ID`.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chat.cli.options import command_line_layer
from chat.cli.session_tables import print_line
from chat.display.amounts import counted
from chat.errors import ChatError, InputError, UsageError
from chat.job_commands.run import RunCommand
from chat.job_commands.tables import print_job, print_jobs, print_log
from chat.jobs.store import JobFolder, find_folder
from chat.jobs.view import JobReader, JobView, as_fields, job_views
from repomap import find_layout

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_job(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Complete an id by the jobs of this repository."""
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(view.record.id, help=f"{view.state.value}: {view.record.task}")
        for view in listed(False)
        if view.record.id.startswith(incomplete)
    ]


def listed(everywhere: bool) -> list[JobView]:
    """Return the jobs of the repository around the working directory, or all, the newest first."""
    layout = find_layout(Path.cwd())
    common_dir = str(layout.common_dir.resolve()) if layout else ""
    views = job_views("" if everywhere else common_dir)
    return sorted(views, key=lambda view: (-view.record.created, view.record.id))


job_argument = click.argument("job", metavar="ID", shell_complete=complete_job)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
all_option = click.option("--all", "everywhere", is_flag=True, help="Include the jobs of all repositories.")


@click.group(name="jobs", invoke_without_command=True)
@all_option
@json_option
@click.pass_context
def jobs_group(ctx: click.Context, everywhere: bool, as_json: bool) -> int:
    """List the jobs of this repository, or work with one of them.

    `trigpoint run "TASK"` begins one. An ID may be shortened as long as it stays unique.
    """
    if ctx.invoked_subcommand:
        return 0
    views = listed(everywhere)
    if as_json:
        click.echo(json.dumps([as_fields(view) for view in views], indent=1))
    elif views:
        print_jobs(views)
    else:
        where = (
            "There are no jobs" if everywhere else "This repository has no jobs (--all lists those of others)"
        )
        click.echo(f'{where}. Begin one: trigpoint run "TASK" --detach', err=True)
    return 0


@jobs_group.command()
@job_argument
@json_option
def status(job: str, as_json: bool) -> int:
    """Print what a job is doing.

    Its last line is what you can do next.
    """
    view = JobReader(find_folder(job)).read()
    if as_json:
        click.echo(json.dumps(as_fields(view), indent=1))
    else:
        print_job(view)
    return 0


@jobs_group.command()
@job_argument
@click.option("-f", "--follow", is_flag=True, help="Go on until the job is over.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as they are, a JSON object per line.")
def logs(job: str, follow: bool, as_json: bool) -> int:
    """Print what a job has done and said."""
    print_log(find_folder(job), follow, as_json)
    return 0


@jobs_group.command()
@job_argument
@click.option(
    "-o", "--output", "target", metavar="DIR", help="Copy them there.", type=click.Path(path_type=Path)
)
@json_option
def artifacts(job: str, target: Path | None, as_json: bool) -> int:
    """Print the files that a job leaves.

    These are patch, report, map, events, journal, pr.md, and what its checks left in the work tree.
    """
    from chat.jobs.artifacts import artifacts as artifacts_of
    from chat.jobs.artifacts import copy_to

    found = artifacts_of(JobReader(find_folder(job)).read())
    if target is not None:
        for copy in copy_to(found, target):
            print_line(str(copy))
    elif as_json:
        rows = [{"name": each.name, "path": str(each.path), "what": each.what} for each in found]
        click.echo(json.dumps(rows, indent=1))
    else:
        for each in found:
            print_line(f"{each.path}\t{each.what}")
    return 0


@jobs_group.command()
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
    if view.state.is_live:
        print_line(f"Job {folder.id} reads it in its next turn.")
    else:
        print_line(f"Job {folder.id} is {view.state.value}; `trigpoint resume {folder.id}` has it read that.")
    return 0


@jobs_group.command()
@job_argument
@click.argument("text", metavar="yes|no|always")
def answer(job: str, text: str) -> int:
    """Answer the question that a job waits for."""
    from chat.jobs.messages import answer as answer_to

    folder = find_folder(job)
    print_line(f"Job {folder.id}: {answer_to(folder, text)}.")
    return 0


@jobs_group.command()
@job_argument
def attach(job: str) -> int:
    """Open a chat on a job's session.

    It is in the job's work tree. If you take a turn in it, the job counts as done when you leave: you have seen it.
    """
    from chat.cli.main import run_chat
    from chat.jobs.launch import note_attended
    from chat.jobs.store import LOCK_WAIT_S

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
        code = run_chat((), {"continue_session": True})
        if code == 0 and JobReader(folder).read().turns > view.turns:
            note_attended(folder)
    return code


@jobs_group.command()
@job_argument
def stop(job: str) -> int:
    """Stop a job.

    What it has committed stays, and `trigpoint resume ID` goes on.
    """
    from chat.jobs.launch import stop as stop_job

    folder = find_folder(job)
    state = stop_job(folder)
    print_line(f"Job {folder.id} is {state.value}.")
    return 0


@jobs_group.command(cls=RunCommand)
@job_argument
@click.option("-d", "--detach", is_flag=True, help="Do not wait: print the job's id, and let it work.")
def resume(job: str, detach: bool, **parameters: Any) -> int:
    """Go on with a job.

    It may have been stopped or killed, or have failed. Options replace those that it was begun with.
    """
    from chat.job_commands.follow import follow_job
    from chat.job_commands.run import loaded_settings, require_options
    from chat.jobs.launch import change, start, take_up

    folder = find_folder(job)
    values = dict(command_line_layer(parameters).values)
    require_options(values, of_task=True)
    record = take_up(folder)
    change(folder, {name: value for name, value in values.items() if name != "output-format"})
    offset = folder.events.stat().st_size if folder.events.exists() else 0
    start(folder, values)
    if detach:
        click.echo(folder.id)
        return 0
    return follow_job(folder, loaded_settings({**record.values, **values}), offset)


@jobs_group.command()
@job_argument
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

    folder = find_folder(job)
    merged = merge_job(JobReader(folder).read(), Path.cwd(), way)
    if as_json:
        click.echo(json.dumps({"commit": merged.commit, "way": merged.way, "into": merged.into}))
    else:
        how = {"ff": "Fast-forwarded", "merge": "Merged into", "squash": "Squashed into"}[merged.way]
        print_line(f"{how} {merged.into}: {merged.commit[:12]}. `trigpoint jobs prune` removes the job.")
    return 0


@jobs_group.command()
@job_argument
def discard(job: str) -> int:
    """Remove a job, whatever it has done.

    Work tree, branch and session go with it; the id of its last commit is printed.
    """
    from chat.jobs.launch import remove
    from chat.jobs.tree import tip_of

    folder = find_folder(job)
    view = JobReader(folder).read()
    if view.state.is_live:
        raise UsageError(f"Job {folder.id} is {view.state.value}. Nothing was removed; stop it first.")
    tip = tip_of(view.record) if Path(view.record.root).is_dir() else ""
    remove(folder)
    has_work = tip and tip != view.record.base and not view.facts.merged
    back = (
        f" Its last commit was {tip[:12]}; git branch NAME {tip[:12]} brings it back for a while."
        if has_work
        else ""
    )
    print_line(f"Job {folder.id} was discarded.{back}")
    return 0


@jobs_group.command()
@all_option
@click.option("--ended", is_flag=True, help="Also all others on which no process works: their work is lost.")
@click.option("--dry-run", is_flag=True, help="Print what would be removed.")
def prune(everywhere: bool, ended: bool, dry_run: bool) -> int:
    """Remove jobs that nobody needs any more.

    That are those that are merged, and those that failed or were stopped before they had changed anything; and what
    killed processes have left. What is still to be read, merged or resumed stays.
    """
    from chat.jobs.launch import is_disposable
    from chat.jobs.store import half_made

    chosen = [
        view for view in listed(everywhere) if not view.state.is_live and (ended or is_disposable(view))
    ]
    for view in chosen:
        _prune_one(JobFolder(view.folder), dry_run)
    for folder in half_made():
        _prune_one(folder, dry_run)
    click.echo(f"{'Would remove' if dry_run else 'Removed'} {counted(len(chosen), 'job')}.", err=True)
    return 0


def _prune_one(folder: JobFolder, dry_run: bool) -> None:
    from chat.jobs.launch import remove

    try:
        if not dry_run:
            remove(folder)
        print_line(f"{folder.id}: {'would be removed' if dry_run else 'removed'}")
    except ChatError as error:
        click.echo(f"trigpoint: {folder.id}: {error}", err=True)


@jobs_group.command(hidden=True)
@click.argument("job")
def work(job: str) -> int:
    """Work on a job; what `trigpoint run` starts."""
    from chat.job_commands.worker import work as work_on

    return work_on(job)

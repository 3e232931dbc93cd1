"""[io] What a job is doing, what it has done, and what it leaves: status, logs, artifacts."""

import json
from pathlib import Path

import click

from chat.attempts.group import names_group
from chat.cli.session_tables import print_line
from chat.job_commands.choosing import job_argument, job_or_group_argument, json_option
from chat.job_commands.tables import print_job, print_jobs, print_log
from chat.jobs.store import children_of, find_folder
from chat.jobs.view import JobReader, as_fields, with_children
from repomap import escaped


@click.command()
@job_or_group_argument
@json_option
def status(job: str, as_json: bool) -> int:
    """Print what a job is doing.

    Its last line is what you can do next.
    """
    if names_group(job):
        from chat.job_commands.attempts.commands import show_group

        return show_group(job, as_json=as_json)
    folder = find_folder(job)
    family = (folder, *children_of(folder.record()))
    view, *children = with_children(JobReader(each).read() for each in family)
    if as_json:
        more = {"children": [as_fields(child) for child in children]} if children else {}
        click.echo(json.dumps({**as_fields(view), **more}, indent=1))
    else:
        print_job(view)
        if children:
            print_jobs(children)
    return 0


@click.command()
@job_argument
@click.option("-f", "--follow", is_flag=True, help="Go on until the job is over.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as they are, a JSON object per line.")
def logs(job: str, follow: bool, as_json: bool) -> int:
    """Print what a job has done and said."""
    print_log(find_folder(job), follow, as_json)
    return 0


@click.command()
@job_or_group_argument
@click.option(
    "-o", "--output", "target", metavar="DIR", help="Copy them there.", type=click.Path(path_type=Path)
)
@json_option
def artifacts(job: str, target: Path | None, as_json: bool) -> int:
    """Print the files that a job leaves.

    These are patch, commits, report, map, events, journal, pr.md, and what its checks left in the work tree.
    """
    from chat.jobs.artifacts import artifacts as artifacts_of
    from chat.jobs.artifacts import copy_to

    if names_group(job):
        from chat.job_commands.attempts.commands import group_artifacts

        return group_artifacts(job, target, as_json=as_json)
    found = artifacts_of(JobReader(find_folder(job)).read())
    if target is not None:
        for copy in copy_to(found, target):
            print_line(escaped(str(copy)))
    elif as_json:
        rows = [{"name": each.name, "path": str(each.path), "what": each.what} for each in found]
        click.echo(json.dumps(rows, indent=1))
    else:
        for each in found:
            print_line(f"{escaped(str(each.path))}\t{each.what}")
    return 0

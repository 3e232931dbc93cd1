"""[io] `trigpoint jobs`: what jobs are doing, and the group of the commands for one of them.

Most of these are commands of `trigpoint` itself, too: `trigpoint status ID` is `trigpoint jobs status ID`.
"""

import json
import os
import sys

import click

from chat.cli.main import load
from chat.job_commands.acting import discard, merge, prune, resume, stop, work
from chat.job_commands.attempts.commands import attempts
from chat.job_commands.choosing import all_option, json_option, listed, place_and_common_dir
from chat.job_commands.looking import artifacts, logs, status
from chat.job_commands.pull_request import pr
from chat.job_commands.tables import print_jobs
from chat.job_commands.talking import answer, attach, send
from chat.jobs.view import as_fields


@click.group(
    name="jobs",
    invoke_without_command=True,
    commands=[
        status,
        logs,
        artifacts,
        send,
        answer,
        attach,
        stop,
        resume,
        merge,
        attempts,
        pr,
        discard,
        prune,
        work,
    ],
)
@all_option
@json_option
@click.option("--plain", is_flag=True, help="Print a table and end, also in a terminal.")
@click.pass_context
def jobs_group(ctx: click.Context, everywhere: bool, as_json: bool, plain: bool) -> int:
    """Show the jobs of this repository, or work with one of them.

    In a terminal the table is live: look into a job as it works, answer it, send it a text, stop it, see its changes,
    merge it; `?` lists the keys. Elsewhere it is printed. `trigpoint run "TASK"` begins a job. An ID may be shortened
    as long as it stays unique.
    """
    if ctx.invoked_subcommand:
        return 0
    views = listed(everywhere)
    if as_json:
        click.echo(json.dumps([as_fields(view) for view in views], indent=1))
    elif views and not plain and _is_at_terminal():
        load("chat.job_screen.app:show_jobs")(*place_and_common_dir(everywhere))
    elif views:
        print_jobs(views, of_all=not place_and_common_dir(everywhere)[1])
    else:
        where = (
            "There are no jobs" if everywhere else "This repository has no jobs (--all lists those of others)"
        )
        click.echo(f'{where}. Begin one: trigpoint run "TASK" --detach', err=True)
    return 0


def _is_at_terminal() -> bool:
    """Whether there is a screen to draw on, and somebody at its keys."""
    streams = sys.stdin, sys.stdout
    return all(stream and stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb"

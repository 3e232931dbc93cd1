"""[io] `trigpoint jobs`: what jobs are doing, and the group of the commands for one of them.

Most of these are commands of `trigpoint` itself, too: `trigpoint status ID` is `trigpoint jobs status ID`.
"""

import json

import click

from chat.job_commands.acting import discard, merge, prune, resume, stop, work
from chat.job_commands.choosing import all_option, json_option, listed
from chat.job_commands.looking import artifacts, logs, status
from chat.job_commands.tables import print_jobs
from chat.job_commands.talking import answer, attach, send
from chat.jobs.view import as_fields


@click.group(
    name="jobs",
    invoke_without_command=True,
    commands=[status, logs, artifacts, send, answer, attach, stop, resume, merge, discard, prune, work],
)
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

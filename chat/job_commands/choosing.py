"""[io] Which jobs a command is about: arguments, options, completion."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.types import StringParamType

from chat.attempts.group import names_group
from chat.jobs.view import JobView, job_views, with_children
from chat.safety.printable import on_one_line
from repomap import find_layout

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_MAX_TASK_CHARS = 60


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


def complete_job_or_group(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Complete an id by the jobs of this repository, and by the groups that they belong to as attempts."""
    from click.shell_completion import CompletionItem

    jobs = complete_job(context, parameter, incomplete)
    groups = {view.record.group: view.record.task for view in listed(False) if names_group(view.record.group)}
    found = [
        CompletionItem(group, help=task) for group, task in groups.items() if group.startswith(incomplete)
    ]
    return [*found, *jobs]


def listed(everywhere: bool) -> list[JobView]:
    """Return the jobs of the repository around the working directory, or all, the newest first.

    Those that a plan has begun follow it.
    """
    views = job_views(place_and_common_dir(everywhere)[1])
    return with_children(sorted(views, key=lambda view: (-view.record.created, view.record.id)))


def place_and_common_dir(everywhere: bool) -> tuple[str, str]:
    """Return whose jobs are meant, in words, and the git folder of the repository; "" stands for all of them."""
    layout = find_layout(Path.cwd())
    if everywhere or layout is None:
        return "all repositories", ""
    common_dir = layout.common_dir.resolve()
    return (common_dir.parent if common_dir.name == ".git" else common_dir).name, str(common_dir)


def is_in_repository() -> bool:
    """Whether the working directory is in a repository; elsewhere the jobs of all are listed."""
    return find_layout(Path.cwd()) is not None


class _JobId(StringParamType):
    """The id of a job; where it is missing, the message says which there are."""

    name = "id"

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002
        """Name the newest job of this repository, if there is one."""
        newest = next(iter(listed(False)), None)
        if newest is None:
            return "This repository has no jobs; trigpoint jobs --all lists those of others."
        task = on_one_line(newest.record.task, _MAX_TASK_CHARS)
        return f"The newest is {newest.record.id} ({newest.state.value}: {task}); trigpoint jobs lists all."


job_argument = click.argument("job", metavar="ID", type=_JobId(), shell_complete=complete_job)
job_or_group_argument = click.argument(
    "job", metavar="ID", type=_JobId(), shell_complete=complete_job_or_group
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
all_option = click.option("--all", "everywhere", is_flag=True, help="Include the jobs of all repositories.")

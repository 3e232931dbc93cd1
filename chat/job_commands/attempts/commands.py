"""[io] What a user does with a group of attempts: rank, show, stop, merge, copy and discard them together."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chat.attempts.group import Group, find_group
from chat.cli.options import command_line_layer, options_for
from chat.cli.session_tables import print_line
from chat.display.amounts import counted
from chat.errors import UsageError
from chat.job_commands.choosing import job_or_group_argument, json_option
from chat.job_commands.job_options import loaded_settings
from chat.job_commands.tables import print_jobs
from chat.jobs.view import JobReader, JobView, as_fields
from chat.safety.printable import on_one_line

if TYPE_CHECKING:
    from chat.jobs.merging import Way

_SETTINGS = ("judge-model",)
_MORE_SETTINGS = ("api-base", "api-key", "alias", "model-metadata-file", "timeout", "env-file")
"""Counted as well, and not in `--help`: what a call of the judge may need that is not kept with the attempts."""


class _AttemptsCommand(click.Command):
    """A command with the settings of the judge beside its own options."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own options, then those of the settings."""
        return [*super().get_params(ctx), *options_for(_SETTINGS, _MORE_SETTINGS)]


@click.command(name="attempts", cls=_AttemptsCommand)
@job_or_group_argument
@click.option("--merge", "merges", is_flag=True, help="Merge the best.")
@json_option
def attempts(job: str, merges: bool, as_json: bool, **parameters: Any) -> int:
    """Rank the attempts at a task, and offer the best.

    ID is that of their group, or of one of them. Waits until all are over. What the judge has said before is not paid
    for again.
    """
    return _rank(find_group(job), "" if merges else None, as_json, parameters)


def _rank(group: Group, way: "Way | None", as_json: bool, parameters: Mapping[str, Any]) -> int:
    """Rank the attempts of a group by the settings that they were begun with, and those given now."""
    from chat.job_commands.attempts.ending import end_group

    record = group.record()
    given = command_line_layer(parameters).values
    settings = loaded_settings({**record.values, **given}, Path(record.root))
    return end_group(group, settings, way, as_json=as_json)


def merge_group(id_: str, way: "Way", *, as_json: bool) -> int:
    """Merge the best attempt of a group. Raises UsageError where one is still at work."""
    group = find_group(id_)
    live = [view.record.id for view in views_of(group) if view.state.is_live]
    if live:
        raise UsageError(
            f"{counted(len(live), 'attempt')} of {group.id} at work ({', '.join(live)}). Nothing was merged; "
            f"`trigpoint jobs attempts {group.id} --merge` waits for all."
        )
    return _rank(group, way, as_json, {})


def views_of(group: Group) -> list[JobView]:
    """Return the attempts of a group as they are now."""
    return [JobReader(folder).read() for folder in group.jobs()]


def show_group(id_: str, *, as_json: bool) -> int:
    """Print what the attempts of a group are doing, and what can be done next."""
    group = find_group(id_)
    record, views = group.record(), views_of(group)
    if as_json:
        fields = {"group": group.id, "task": record.task, "attempts": [as_fields(view) for view in views]}
        click.echo(json.dumps(fields, indent=1))
        return 0
    print_line(f"{group.id}: {on_one_line(record.task, 500)}")
    print_jobs(views)
    waits = " waits for them and" if any(view.state.is_live for view in views) else ""
    print_line(f"Next: trigpoint jobs attempts {group.id}{waits} ranks them, or discard {group.id}")
    return 0


def stop_group(id_: str) -> int:
    """Stop the attempts of a group that are at work."""
    from chat.job_commands.attempts.waiting import stop_all

    group = find_group(id_)
    stop_all(group.jobs())
    for view in views_of(group):
        print_line(f"Job {view.record.id} is {view.state.value}.")
    return 0


def group_artifacts(id_: str, target: Path | None, *, as_json: bool) -> int:
    """Print the files that all attempts of a group leave, or copy them into a folder for each."""
    from chat.jobs.artifacts import artifacts, copy_to

    rows = []
    for view in views_of(find_group(id_)):
        found = artifacts(view)
        if target is not None:
            for copy in copy_to(found, target / view.record.id):
                print_line(str(copy))
            continue
        rows += [
            {"job": view.record.id, "name": each.name, "path": str(each.path), "what": each.what}
            for each in found
        ]
    if target is None and as_json:
        click.echo(json.dumps(rows, indent=1))
    elif target is None:
        for row in rows:
            print_line(f"{row['path']}\t{row['what']}")
    return 0


def discard_group(id_: str) -> int:
    """Remove the attempts of a group, whatever they have done. Raises UsageError where one is still at work."""
    from chat.job_commands.acting import way_back
    from chat.jobs.removing import remove

    group = find_group(id_)
    live = [view.record.id for view in views_of(group) if view.state.is_live]
    if live:
        raise UsageError(
            f"{', '.join(live)} of {group.id} at work. Nothing was removed; `trigpoint stop {group.id}` stops them."
        )
    folders = group.jobs()
    for folder in folders:
        back = way_back(folder)
        remove(folder)
        if back:
            print_line(f"Job {folder.id}:{back}")
    group.remove()
    print_line(f"{group.id} was discarded with its {counted(len(folders), 'attempt')}.")
    return 0

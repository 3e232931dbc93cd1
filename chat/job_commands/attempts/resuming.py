"""[io] Goes on with the attempts of a group that are over without having done the task."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from chat.attempts.group import Group, find_group
from chat.attempts.ranking import shares
from chat.errors import ChatError, UsageError
from chat.job_commands.attempts.ending import end_group
from chat.job_commands.attempts.waiting import interrupted, until_over
from chat.job_commands.follow import leaving_with_the_terminal
from chat.job_commands.job_options import loaded_settings
from chat.jobs.launch import change, start, take_up
from chat.jobs.state import JobState
from chat.jobs.store import JobFolder
from chat.jobs.view import JobReader, JobView
from chat.model import Usage
from chat.settings.kinds import Value
from chat.terminal.signals import ended_by_signals
from repomap import ExitCode

_OPEN = (JobState.FAILED, JobState.STOPPED, JobState.LOST)
_LIMITS = ("max-budget-usd", "max-tokens-total")


def resume_group(id_: str, values: Mapping[str, Value], *, detach: bool) -> int:
    """Go on with the attempts that were stopped or killed, or have failed, and rank all of the group at their end.

    ``values`` replace settings of these attempts; limits on money and tokens count for the whole group. Returns 0 where
    one can be merged, or where nobody waits; raises ChatError.
    """
    group = find_group(id_)
    views = [(folder, JobReader(folder).read()) for folder in group.jobs()]
    open_ = [folder for folder, view in views if view.state in _OPEN]
    if not open_:
        raise UsageError(
            f"No attempt of {group.id} was stopped, was killed or has failed. Nothing was done; "
            f"`trigpoint jobs attempts {group.id}` ranks them."
        )
    over = [view for _, view in views if view.state not in _OPEN]
    code = _go_on(group, open_, {**values, **_shares(group, over, values, len(open_))}, waits=not detach)
    if detach and not code:
        click.echo(group.id)
    if detach or code:
        return code
    record = group.record()
    settings = loaded_settings({**record.values, **values}, Path(record.root))
    return end_group(group, settings, None, as_json=settings.output_format != "text")


def _shares(
    group: Group, over: Sequence[JobView], values: Mapping[str, Value], count: int
) -> Mapping[str, Value]:
    """Return the limits of each attempt that goes on, and keep those of the group, where new ones are given."""
    if not values.keys() & set(_LIMITS):
        return {}
    record = group.record()
    usd = float(str(values.get("max-budget-usd", record.budget_usd)))
    tokens = int(str(values.get("max-tokens-total", record.tokens)))
    taken = sum((view.usage for view in over), Usage())
    left_usd = usd - (taken.cost_usd or 0.0)
    left_tokens = tokens - taken.tokens
    if (usd and left_usd <= 0) or (tokens and left_tokens <= 0):
        raise UsageError(
            "The attempts that are done have taken more than this limit for all. Nothing was done; raise it."
        )
    group.set_limits(usd, tokens)
    return shares(left_usd if usd else 0.0, left_tokens if tokens else 0, count)


def _go_on(
    group: Group, folders: Sequence[JobFolder], values: Mapping[str, Value], *, waits: bool
) -> ExitCode:
    """Have processes go on with attempts, and wait for their end on request; return the exit code of an interrupt."""
    begun: list[JobFolder] = []
    try:
        with ended_by_signals():
            for folder in folders:
                take_up(folder)
                change(folder, {name: value for name, value in values.items() if name != "output-format"})
                begun.append(folder)
                start(folder, values)
                click.echo(f"trigpoint: Job {folder.id} goes on.", err=True)
            with leaving_with_the_terminal():
                until_over(begun if waits else ())
    except (KeyboardInterrupt, ChatError) as error:
        return interrupted(begun, group, error)
    return ExitCode.DONE

"""[io] A group of attempts that are over → their ranks, why, and what they took together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chat.attempts.comparing import judge_attempts
from chat.attempts.group import Group, GroupRecord
from chat.attempts.judging import Judged
from chat.attempts.ranking import Attempt, ranked, tied
from chat.display.amounts import token_count, usd
from chat.errors import UsageError
from chat.events import Emit
from chat.jobs.artifacts import work_done
from chat.jobs.store import JobBusy
from chat.jobs.view import JobView, as_fields
from chat.model import Usage
from chat.settings.table import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """An attempt with the job as it is at its end."""

    attempt: Attempt
    view: JobView


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How attempts ended."""

    group: str
    record: GroupRecord
    places: tuple[Place, ...]
    """The best first."""
    judged: Judged

    @property
    def best(self) -> Place | None:
        """The one that is offered, if any can be merged."""
        return self.places[0] if self.places and self.places[0].attempt.is_offered else None

    @property
    def usage(self) -> Usage:
        """What all attempts and the judge took."""
        return sum((place.view.usage for place in self.places), self.judged.usage)

    def why(self, place: Place) -> str:
        """Return in words what a rank comes from."""
        if place.attempt.job == self.judged.best:
            return "the judge prefers it"
        return place.attempt.why


def end_attempts(group: Group, views: Sequence[JobView], settings: Settings, emit: Emit) -> Ending:
    """Rank attempts that are over, with the judge's help. Raises UsageError where another process is doing it."""
    by_job = {view.record.id: view for view in views}
    attempts = [attempt_of(view) for view in views]
    record = group.record()
    spent = record.spent([view.usage for view in views])
    try:
        with group.folder.locked():
            alike = [by_job[each.job] for each in tied(attempts)]
            judged = judge_attempts(group, alike, spent, settings, emit)
    except JobBusy as error:
        raise UsageError(f"Another process is ranking {group.id}. Nothing was done.") from error
    places = tuple(Place(each, by_job[each.job]) for each in ranked(attempts, judged))
    return Ending(group=group.id, record=record, places=places, judged=judged)


def attempt_of(view: JobView) -> Attempt:
    """Return a job that is over as an attempt. Raises GitError."""
    work = work_done(view)
    return Attempt(
        job=view.record.id,
        state=view.state,
        commits=len(work.subjects),
        checks=len(work.checks),
        red=sum(code != 0 for _, code in work.checks),
        uncommitted=len(work.uncommitted),
        lines=sum((file.added or 0) + (file.removed or 0) or 1 for file in work.files),
        seconds=view.seconds,
    )


def ending_lines(ending: Ending) -> list[str]:
    """Return what the judge said and what it all took, a line each."""
    judged, record = ending.judged, ending.record
    lines = [
        f"Judge on {' and '.join(each.jobs)}: {each.better or 'undecided'}; {each.reason.rstrip('.')}."
        for each in judged.comparisons
    ]
    lines += [judged.note] if judged.note else []
    of_judge = f", the judge's {_amount(judged.usage)} included" if judged.usage.calls else ""
    return [*lines, f"All together: {' and '.join(_taken(ending.usage, record))}{of_judge}."]


def _amount(usage: Usage) -> str:
    """Say what calls took: money, or tokens where their price is not known."""
    return f"{token_count(usage.tokens)} tokens" if usage.cost_usd is None else usd(usage.cost_usd)


def _taken(usage: Usage, record: GroupRecord) -> Iterator[str]:
    """Say what all attempts took, and of how much; tokens where they have a limit or the price is not known."""
    if usage.cost_usd is not None:
        yield usd(usage.cost_usd) + (f" of {usd(record.budget_usd)}" if record.budget_usd else "")
    if usage.cost_usd is None or record.tokens:
        limit = f" of {token_count(record.tokens)}" if record.tokens else ""
        yield f"{token_count(usage.tokens)}{limit} tokens"


def ending_fields(ending: Ending) -> dict[str, Any]:
    """Return what `--json` prints of attempts."""
    judged, usage, best = ending.judged, ending.usage, ending.best
    return {
        "group": ending.group,
        "best": best.attempt.job if best else None,
        "attempts": [
            {
                **as_fields(place.view),
                "lines": place.attempt.lines,
                "judge": judged.verdict_on(place.attempt.job),
                "why": ending.why(place),
            }
            for place in ending.places
        ],
        "judge": {
            "calls": judged.usage.calls,
            "cost_usd": judged.usage.cost_usd,
            "comparisons": [
                {"jobs": list(each.jobs), "better": each.better or None, "reason": each.reason}
                for each in judged.comparisons
            ],
            "note": judged.note,
        },
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
        "budget_usd": ending.record.budget_usd or None,
    }

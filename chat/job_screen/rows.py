"""Jobs as they are → the rows of the live table. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chat.display.amounts import duration, usd
from chat.job_commands.tables import cost, repository_name, task_text
from chat.jobs.record import Question
from chat.jobs.state import JobState
from chat.jobs.view import JobView, with_children
from chat.safety.printable import on_one_line

_CUT_CHARS = 500
_MARKS = {
    JobState.QUEUED: "○",
    JobState.RUNNING: "●",
    JobState.WAITING: "?",
    JobState.DONE: "✓",
    JobState.FAILED: "✗",
    JobState.STOPPED: "■",
    JobState.LOST: "!",
}
"""Tell the states apart where there are no colours."""
_ORDER = (JobState.WAITING, JobState.RUNNING, JobState.QUEUED)
"""These stand first, and all others below them, the newest first."""
_SUMMED = (*_ORDER, JobState.LOST, JobState.FAILED, JobState.STOPPED, JobState.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the table says of a job, each on one line and safe to print."""

    id: str
    state: JobState
    mark: str
    label: str
    """The state as a word; `merged` where it is."""
    task: str
    turns: str
    cost: str
    cost_usd: float | None
    """None where it is unknown, or part of what another row says."""
    time: str
    checks: str
    """`✓ 2` where all of two passed, `✗ 1/2` where one failed; "" without any."""
    last: str
    """What happened last; why it failed; what it asks."""
    repository: str
    branch: str
    question: Question | None
    next_step: str


def row_of(view: JobView) -> Row:
    """Return the row of a job."""
    question = view.facts.question if view.state is JobState.WAITING else None
    said = f"asks: {question.text}" if question else view.reason or view.progress.last
    return Row(
        id=view.record.id,
        state=view.state,
        mark=_MARKS[view.state],
        label="merged" if view.facts.merged else view.state.value,
        task=task_text(view, _CUT_CHARS),
        turns=str(view.turns),
        cost="?" if view.usage.cost_usd is None else cost(view),
        cost_usd=None if view.record.parent else view.usage.cost_usd,
        time=duration(view.seconds),
        checks=checks_text(view.progress.checks),
        last=on_one_line(said, _CUT_CHARS),
        repository=repository_name(view),
        branch=on_one_line(view.record.branch),
        question=question,
        next_step=view.next_step,
    )


def rows_of(views: Iterable[JobView]) -> tuple[Row, ...]:
    """Return the rows of jobs in their order: those that ask, those at work, the others; the newest first.

    Those that a plan has begun follow it, and it stands where the first of them would.
    """
    all_views = list(views)
    places = {view.record.id: _place(view.state) for view in all_views}
    for view in all_views:
        if view.record.parent in places:
            places[view.record.parent] = min(places[view.record.parent], _place(view.state))
    ordered = sorted(
        all_views, key=lambda view: (places[view.record.id], -view.record.created, view.record.id)
    )
    return tuple(map(row_of, with_children(ordered)))


def matching(rows: Sequence[Row], words: str) -> tuple[Row, ...]:
    """Return the rows in which every word occurs: in id, state, task, repository, branch or what happened last.

    Case does not count.
    """
    wanted = words.casefold().split()
    return tuple(row for row in rows if all(word in _text(row) for word in wanted))


def summary(rows: Sequence[Row]) -> str:
    """Return in a few words how the jobs stand, and what they have cost together."""
    counts = Counter(row.state for row in rows)
    parts = [f"{counts[state]} {state.value}" for state in _SUMMED if counts[state]]
    costs = [row.cost_usd for row in rows if row.cost_usd]
    return " · ".join([*parts, *([usd(sum(costs))] if costs else [])])


def checks_text(checks: Sequence[tuple[str, int]]) -> str:
    """Return how checks ended last.

    >>> checks_text([("pytest", 0), ("ruff", 0)]), checks_text([("pytest", 1), ("ruff", 0)]), checks_text([])
    ('✓ 2', '✗ 1/2', '')
    """
    red = sum(1 for _, code in checks if code)
    if not checks:
        return ""
    return f"✗ {red}/{len(checks)}" if red else f"✓ {len(checks)}"


def _place(state: JobState) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)


def _text(row: Row) -> str:
    return f"{row.id} {row.label} {row.state.value} {row.task} {row.repository} {row.branch} {row.last}".casefold()

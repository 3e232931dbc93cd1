"""The plan of a goal, followed record by record: written, ticked, revised. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from chat.model import Plan, PlanRevision, PlanStep
from chat.sessions.records.goal import PlanRevised, PlanTicked

_KEPT, _GONE, _NEW = "  ", "- ", "+ "


def diff_of(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Return the steps of a plan before and after a revision, each line marked as in a diff.

    >>> diff_of(["Read it", "Patch it"], ["Read it", "Rewrite it"])
    ('  Read it', '- Patch it', '+ Rewrite it')
    """
    lines: list[str] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for change, start, end, new_start, new_end in matcher.get_opcodes():
        if change == "equal":
            lines += [_KEPT + text for text in before[start:end]]
        else:
            lines += [_GONE + text for text in before[start:end]]
            lines += [_NEW + text for text in after[new_start:new_end]]
    return tuple(lines)


def is_change(diff: Sequence[str]) -> bool:
    """Whether a revision changed anything."""
    return any(not line.startswith(_KEPT) for line in diff)


def ticked(plan: Plan, record: PlanTicked) -> Plan:
    """Return the plan after a tick; one of a step that there is not changes nothing."""
    steps = tuple(
        replace(step, evidence=record.evidence) if number == record.step else step
        for number, step in enumerate(plan.steps, 1)
    )
    return replace(plan, steps=steps)


def revised(plan: Plan, record: PlanRevised) -> Plan:
    """Return the plan after a revision: the steps that stay keep their ticks."""
    before, steps = iter(plan.steps), list[PlanStep]()
    for line in record.diff:
        mark, text = line[:2], line[2:]
        if mark == _NEW:
            steps.append(PlanStep(text))
            continue
        step = next(before, PlanStep(text))
        steps += [step] if mark == _KEPT else []
    made = (PlanRevision(record.reason, record.diff),) if is_change(record.diff) else ()
    return Plan(tuple(steps), (*plan.revisions, *made))

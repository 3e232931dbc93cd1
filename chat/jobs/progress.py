"""How far a job has got, folded from its events. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chat.display.event_text import (
    committed,
    edits_refused,
    edits_written,
    goal_followed,
    notice,
    plan_followed,
)
from chat.events import (
    CommandRan,
    Committed,
    EditsRefused,
    EditsWritten,
    GoalFollowed,
    Notice,
    PlanFollowed,
)
from chat.jobs.lines import STARTED, Line, event_of
from chat.safety.printable import on_one_line

_CHECKS = ("lint", "test", "scan", "check")
_OF_FILES = ("lint", "scan")
"""Their commands may name the files that have changed, so the same one reads otherwise after an edit."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the events of a job tell, up to some line."""

    session_id: str = ""
    model: str = ""
    last: str = ""
    """What happened last, in one line."""
    checks: tuple[tuple[str, int], ...] = ()
    """Checks with their exit codes, as each ended last."""
    failed: Mapping[str, bool] = field(default_factory=dict)
    """The commands of failed linters and scans, each with whether files were edited since."""
    files: tuple[str, ...] = ()
    """That were written, sorted."""
    runs: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    """The object that ended the newest run; empty before."""

    def after(self, lines: Iterable[Line]) -> "Progress":
        """Return how far it is after more lines."""
        progress = self
        for line in lines:
            progress = progress._after(line)
        return progress

    def _after(self, line: Line) -> "Progress":
        match line.get("type"), line.get("subtype"):
            case "system", "init":
                return replace(self, session_id=line.get("session_id", ""), model=line.get("model", ""))
            case "system", subtype if subtype == STARTED:
                return replace(self, runs=self.runs + 1, result={}, last="started")
            case "result", _:
                text = line.get("error") or line.get("result") or self.last
                return replace(self, result=line, last=on_one_line(str(text)))
            case "assistant", _:
                return replace(self, last=_said(line) or self.last)
        return self._after_event(line)

    def _after_event(self, line: Line) -> "Progress":
        match event := event_of(line):
            case CommandRan(command, exit_code, _, purpose):
                ended = f"exit {exit_code}" if exit_code else "passed"
                after = self._checked(command, exit_code, purpose) if purpose in _CHECKS else self
                return replace(after, last=on_one_line(f"$ {command}: {ended}"))
            case EditsWritten(files):
                paths = sorted({*self.files, *(edited.path for edited in files)})
                failed = dict.fromkeys(self.failed, True)
                return replace(
                    self, files=tuple(paths), failed=failed, last=on_one_line(edits_written(event))
                )
            case Committed():
                return replace(self, last=committed(event))
            case EditsRefused():
                return replace(self, last=on_one_line(edits_refused(event)))
            case GoalFollowed():
                return replace(self, last=on_one_line(goal_followed(event)))
            case PlanFollowed():
                return replace(self, last=on_one_line(plan_followed(event)))
            case Notice():
                return replace(self, last=on_one_line(notice(event)))
        return self

    def _checked(self, command: str, exit_code: int, purpose: str) -> "Progress":
        """Return it after a check, which takes the place of those that failed on the files as they were before."""
        if purpose not in _OF_FILES:
            return replace(self, checks=tuple({**dict(self.checks), command: exit_code}.items()))
        old = {name for name, is_old in self.failed.items() if is_old}
        checks = {**{name: code for name, code in self.checks if name not in old}, command: exit_code}
        failed = {name: False for name in self.failed if name not in {*old, command}}
        return replace(
            self, checks=tuple(checks.items()), failed={**failed, command: False} if exit_code else failed
        )


def _said(line: Line) -> str:
    """Return the beginning of what a model said for the user, on one line."""
    if line.get("role") not in ("main", "editor"):
        return ""
    content = line.get("message", {}).get("content", ())
    return on_one_line(" ".join(str(part.get("text", "")) for part in content))

"""[io] What there is to show of jobs: the one value that tables, `--json` and a live view are drawn from."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chat.errors import ChatError, SessionError
from chat.jobs.events import read_events
from chat.jobs.messages import open_question
from chat.jobs.processes import is_running
from chat.jobs.progress import Progress
from chat.jobs.record import JobRecord
from chat.jobs.state import Facts, JobState, next_step, state_of
from chat.jobs.store import JobFolder, all_folders
from chat.model import Usage
from chat.sessions.journal import read_lines
from chat.sessions.locations import project_folder, sessions_of
from chat.sessions.metrics import Measured, measure


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as it is now."""

    facts: Facts
    state: JobState
    progress: Progress
    turns: int
    commits: int
    usage: Usage
    """Of its session so far, like turns and commits."""
    folder: Path
    tree: Path
    journal: Path | None
    """Of its session; None before it has one."""

    @property
    def record(self) -> JobRecord:
        """What the job is."""
        return self.facts.record

    @property
    def seconds(self) -> float:
        """How long its newest run has taken so far, or had taken when it ended."""
        start, end = self.facts.start, self.facts.end
        if start is None:
            return 0.0
        over = end.at if end and end.number == start.number else None
        return max(0.0, (time.time() if over is None and self.state.is_live else over or start.at) - start.at)

    @property
    def exit_code(self) -> int | None:
        """How its newest run ended; None as long as it has not, or where nobody knows."""
        start, end = self.facts.start, self.facts.end
        return end.exit_code if start and end and end.number == start.number else None

    @property
    def reason(self) -> str:
        """Why it did not end well; "" where it did."""
        if self.state is JobState.LOST:
            return "Its process is gone and has not said how it ended."
        return self.facts.end.reason if self.facts.end and self.exit_code else ""

    @property
    def next_step(self) -> str:
        """What the user may do next."""
        is_idle = not (self.record.plan or self.commits or self.progress.files)
        return next_step(self.state, self.facts, is_idle=is_idle)


class JobReader:
    """Reads one job again and again; of its events and its journal only what is new."""

    def __init__(self, folder: JobFolder) -> None:
        self.folder = folder
        self._progress = Progress()
        self._offset = 0
        self._measured = (0, Measured(session=""))
        """The size of the journal that was measured, and its numbers."""

    def read(self) -> JobView:
        """Return the job as it is now. Raises InputError where its record cannot be read."""
        record, start = self.folder.record(), self.folder.start()
        mark = start.mark if start else record.maker
        is_alive = is_running(mark, self.folder)
        facts = Facts(
            record=record,
            start=start,
            end=self.folder.end(),  # after the process was looked at: it writes this, then it ends
            merged=self.folder.merged(),
            question=open_question(self.folder) if is_alive else None,
            is_alive=is_alive,
        )
        lines, self._offset = read_events(self.folder.events, self._offset)
        self._progress = self._progress.after(lines)
        tree = self.folder.tree(record)
        journal = next(iter(sessions_of(project_folder(tree))), None)
        measured = self._measure(journal) if journal else Measured(session="")
        return JobView(
            facts=facts,
            state=state_of(facts),
            progress=self._progress,
            turns=len(measured.requests),
            commits=measured.commits,
            usage=measured.usage,
            folder=self.folder.path,
            tree=tree,
            journal=journal,
        )

    def _measure(self, journal: Path) -> Measured:
        with suppress(OSError, SessionError):
            size = journal.stat().st_size
            if size != self._measured[0]:
                self._measured = size, measure(journal.stem, read_lines(journal))
        return self._measured[1]


def job_views(common_dir: str = "") -> Iterator[JobView]:
    """Yield the jobs of a repository, or of all, as they are now; those that cannot be read are left out."""
    for folder in all_folders():
        with suppress(ChatError):
            view = JobReader(folder).read()
            if common_dir in ("", view.record.common_dir):
                yield view


def unreadable() -> Iterator[tuple[JobFolder, ChatError]]:
    """Yield the jobs that `job_views` leaves out, each with the reason."""
    for folder in all_folders():
        try:
            if (folder.path / "job.json").exists():
                JobReader(folder).read()
        except ChatError as error:
            yield folder, error


def with_children(views: Iterable[JobView]) -> list[JobView]:
    """Return jobs in their order, but each that has begun others in front of these, with what they took."""
    all_views = list(views)
    ids = {view.record.id for view in all_views}
    found: list[JobView] = []
    for view in all_views:
        if view.record.parent in ids:
            continue
        children = [each for each in all_views if each.record.parent == view.record.id]
        children.sort(key=lambda each: (each.record.created, each.record.id))
        found += [_with_sums(view, children), *children] if children else [view]
    return found


def _with_sums(view: JobView, children: list[JobView]) -> JobView:
    family = (view, *children)
    return replace(
        view,
        turns=sum(each.turns for each in family),
        commits=sum(each.commits for each in family),
        usage=sum((each.usage for each in family), Usage()),
    )


def job_schema() -> str:
    """Return the JSON Schema of the object of `as_fields`, as text."""
    from importlib import resources

    return resources.files("chat.jobs").joinpath("job.schema.json").read_text("utf-8")


def as_fields(view: JobView) -> dict[str, Any]:
    """Return what `--json` prints of a job."""
    record, facts, usage = view.record, view.facts, view.usage
    question = facts.question
    return {
        "id": record.id,
        "state": view.state.value,
        "task": record.task,
        "created": record.created,
        "root": record.root,
        "branch": record.branch,
        "base": record.base,
        "tree": str(view.tree),
        "session_id": view.journal.stem if view.journal else "",
        "journal": str(view.journal or ""),
        "pid": _pid(view),
        "runs": facts.start.number if facts.start else 0,
        "seconds": round(view.seconds, 3),
        "turns": view.turns,
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
        "files": list(view.progress.files),
        "commits": view.commits,
        "checks": [{"command": command, "exit_code": code} for command, code in view.progress.checks],
        "last": view.progress.last,
        "question": {"text": question.text, "subject": question.subject, "choices": list(question.choices)}
        if question
        else None,
        "exit_code": view.exit_code,
        "reason": view.reason,
        "merged": {"commit": facts.merged.commit, "way": facts.merged.way, "into": facts.merged.into}
        if facts.merged
        else None,
        "group": record.group,
        "note": record.note,
        "next": view.next_step,
    }


def _pid(view: JobView) -> int | None:
    from edits import pid_of

    start = view.facts.start
    return int(pid_of(start.mark)) if start and view.state.is_live else None

"""Jobs of a plan whose work is done by hand, in this process: a script says what each of them commits and how it ends.

Whatever is between the jobs is real: records, work trees, branches, merges, checks.
"""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from job_cases import ended
from repositories import commit, write_files

from chat.job_commands.worker import work
from chat.jobs.messages import Inbox
from chat.jobs.record import JobRecord
from chat.jobs.store import JobFolder


@dataclass(frozen=True)
class Did:
    """What one run of a job does."""

    files: Mapping[str, str] = field(default_factory=dict)
    """That it commits."""
    code: int = 0
    reason: str = ""
    plan: Any = None
    """Its answer, where it is the planner."""


@dataclass
class Hands:
    """Stands for the processes of jobs. ``script`` gets a job's note, what it was told, and how often it was begun."""

    script: Callable[[str, str, int], Did]
    begun: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """What each of them read, in order: its task and the texts sent to it."""
    records: list[JobRecord] = field(default_factory=list)
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
    """Jobs begin at the same time; what they are done by here is one list, and one current folder."""

    def __call__(self, folder: JobFolder, secrets: Mapping[str, str]) -> "Hands":
        record = folder.record()
        if record.plan:
            self._carry_out(folder, secrets)
        else:
            with self.one_at_a_time:
                self._work(folder, record)
        return self

    def poll(self) -> int | None:
        return 0

    @staticmethod
    def _carry_out(folder: JobFolder, secrets: Mapping[str, str]) -> None:
        here = os.getcwd()
        os.environ.update(secrets)
        try:
            work(folder.id)
        finally:
            os.chdir(here)

    def _work(self, folder: JobFolder, record: JobRecord) -> None:
        inbox = Inbox(folder)
        texts = inbox.waiting()
        inbox.take(texts)
        task = str(record.values.get("goal") or record.values.get("message"))
        self.records.append(record)
        self.begun.append(record.note)
        self.told.append("\n\n".join((task, *texts.values())))
        try:
            did = self.script(record.note, self.told[-1], self.begun.count(record.note))
        except KeyboardInterrupt:
            folder.write_record(replace(record, maker=""))  # as if this process had ended
            raise
        tree = folder.tree(record)
        if did.files:
            write_files(tree, did.files)
            commit(tree, record.note)
        if did.plan is not None:
            line = {"type": "result", "structured_output": did.plan, "result": "", "error": None}
            with folder.events.open("a") as events:
                events.write(json.dumps(line) + "\n")
        ended(folder, did.code, did.reason)


def module(name: str, text: str = "x = 1\n") -> Did:
    """A job that commits one module."""
    return Did({f"shop/{name}.py": text})


def piece(name: str, *after: str, **fields: Any) -> dict[str, Any]:
    """A piece of a plan that writes one module."""
    return {
        "id": name,
        "goal": f"Write {name}",
        "files": [f"shop/{name}.py"],
        "depends_on": list(after),
        **fields,
    }


def planned(*pieces: Mapping[str, Any]) -> Did:
    """A planner that answers with these pieces."""
    return Did(plan={"pieces": list(pieces)})

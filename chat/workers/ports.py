"""[io] What carrying out a plan reaches outside itself, and what it keeps on the disk."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from chat.jobs.record import JobRecord
from chat.jobs.store import JobFolder
from chat.model import Usage
from chat.ports import Person, Ran
from chat.settings.table import Settings
from chat.workers.branch import PlanBranch
from chat.workers.budget import Account, Budget
from chat.workers.pieces import Children
from chat.workers.record import PieceState, PlanOrder, PlanState

STATE = "plan-state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPorts:
    """What one run of a plan reaches."""

    folder: JobFolder
    record: JobRecord
    order: PlanOrder
    settings: Settings
    whole: tuple[str, ...]
    """The whole check, of sources that the user trusts."""
    children: Children
    branch: PlanBranch
    person: Person
    say: Callable[..., None]
    """Shows a text, and perhaps its level."""
    run_check: Callable[[str, float | None], Ran]
    """Runs a command in the plan's work tree, within so many seconds, and shows how it ended."""
    sleep: Callable[[float], None] = time.sleep
    began: float = field(default_factory=time.monotonic)

    @property
    def task(self) -> str:
        """The whole task, as the user gave it."""
        return str(self.record.values.get("message") or self.record.task)

    @property
    def budget(self) -> Budget:
        """What all jobs together may take."""
        return Budget(usd=self.settings.max_budget_usd, tokens=self.settings.max_tokens_total)

    def seconds_left(self) -> float | None:
        """Return what is left of the time that this run may take, at least a second; None without a limit."""
        limit = self.settings.max_seconds
        return max(1.0, limit - (time.monotonic() - self.began)) if limit else None

    @property
    def is_time_up(self) -> bool:
        """Whether nothing more is to be begun."""
        return 0 < self.settings.max_seconds <= time.monotonic() - self.began


class Kept:
    """The state of a plan; every change is on the disk when it counts."""

    def __init__(self, folder: JobFolder) -> None:
        """Read what an earlier process has kept. Raises InputError where that is damaged."""
        self._folder = folder
        self.state = folder.read(STATE, PlanState) or PlanState()

    def write(self, **changes: Any) -> None:
        """Change fields of the state. Raises ChatError."""
        self._put(replace(self.state, **changes))

    def put(self, *pieces: PieceState, **changes: Any) -> None:
        """Change how far pieces have got, and fields of the state with it. Raises ChatError."""
        if pieces or changes:
            self._put(replace(self.state.with_pieces(pieces), **changes))

    def _put(self, state: PlanState) -> None:
        self._folder.write(STATE, state)
        self.state = state

    def accounts(self, ports: PlanPorts, planner: Budget) -> list[Account]:
        """Return what each job of the plan counts against its budget."""
        found = [ports.children.account(self.state.planner, planner)] if self.state.planner else []
        for piece in self.state.pieces:
            if piece.earlier:
                found.append(Account(usage=Usage(**piece.earlier), limit=Budget(), is_over=True))
            if piece.job:
                limit = Budget(usd=piece.limit_usd, tokens=piece.limit_tokens)
                found.append(ports.children.account(piece.job, limit))
        return found

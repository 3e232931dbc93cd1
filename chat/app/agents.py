"""[io] The agents as the user sees them: listed, made, given a task; and what their commands run in."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chat.agents.sources import AgentFile, new_agent_file, read_roster
from chat.app.command_shells import open_command_shells
from chat.events import Emit
from chat.git.repository import GitRepository
from chat.model import RepoPath
from chat.ports import Model, Shell
from chat.sessions.locations import new_id
from chat.settings.table import Settings
from chat.state.delegates import AgentReport, AgentTask
from chat.state.state import State

if TYPE_CHECKING:
    from chat.agents.crew import Crew

_TYPED = re.compile(r"/agent[ \t]+(?P<name>[\w-]+)[ \t]+(?P<task>\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent as `/agents` lists it."""

    name: str
    description: str
    does: str
    """What it may do: `reads`, `runs commands`, `edits`."""
    model: str
    source: str
    remark: str = ""
    """Why it does not count, or which keys of its file mean nothing here."""


class Agents:
    """The agents of one chat."""

    def __init__(self, state: State) -> None:
        self._state = state

    def rows(self) -> tuple[AgentRow, ...]:
        """Return every agent, those that count first, each group by name."""
        roster = read_roster(self._state.ports.root, bare=self._state.settings.bare)
        used = roster.by_name()
        files = sorted(roster.files, key=lambda file: (used.get(file.name) is not file, file.name))
        return tuple(_row(file, is_used=used.get(file.name) is file) for file in files)

    def make(self, name: str) -> Path:
        """Make a file of the user's own for an agent. Raises InputError."""
        return new_agent_file(name)

    def task_in(self, request: str) -> AgentTask | None:
        """Return the task that a request of a turn that was cut off hands over; None for any other request."""
        match = _TYPED.fullmatch(request.strip())
        known = read_roster(self._state.ports.root, bare=self._state.settings.bare).by_name()
        schema = self._state.settings.json_schema
        return AgentTask(match["name"], match["task"], schema) if match and match["name"] in known else None


def _row(file: AgentFile, *, is_used: bool) -> AgentRow:
    definition = file.definition
    if definition is None:
        return AgentRow(file.name, "", "", "", file.source, f"cannot be used: {file.problem}")
    does = [
        "reads",
        *(["edits"] if definition.edits else []),
        *(["runs commands"] if definition.runs else []),
    ]
    remarks = [f"not used here: {', '.join(definition.unused)}"] if definition.unused else []
    if file.trust in ("changed", "not trusted"):
        remarks.insert(0, f"{file.trust}; see trigpoint trust")
    elif not is_used:
        remarks.insert(0, "another one of this name counts")
    model = definition.model or "main"
    return AgentRow(
        file.name, definition.description, ", ".join(does), model, file.source, "; ".join(remarks)
    )


class LateCrew:
    """The agents as the turn needs them; the modules that do their work are loaded with the first task."""

    def __init__(
        self,
        state: Callable[[], State],
        open_model: Callable[[Settings], Model],
        repository: GitRepository | None,
    ) -> None:
        self._state = state
        self._open_model = open_model
        self._repository = repository
        self._crew: Crew | None = None

    def offered(self) -> tuple[tuple[str, str], ...]:
        """Return name and description of each agent that the main model is told of now, sorted."""
        return () if self._state().settings.agents == "none" else self._opened().offered()

    def work(self, tasks: Sequence[AgentTask], first: int) -> tuple[AgentReport, ...]:
        """Have all tasks done side by side, and return what came of them, in their order."""
        return self._opened().work(tasks, first)

    def _opened(self) -> "Crew":
        if self._crew is None:
            from chat.agents.crew import Crew

            work_tree = self._repository.work_tree if self._repository else None
            self._crew = Crew(self._state(), self._open_model, self._open_shells, work_tree)
        return self._crew

    def _open_shells(self, root: Path, emit: Emit) -> tuple[Shell, Shell | None]:
        from chat.turn.checks import may_run
        from chat.turn.consent.hidden_paths import unreadable_paths

        state = self._state()
        shells = open_command_shells(
            state.settings,
            root,
            new_id(),
            emit,
            lambda: may_run(state, "setup-cmd"),
            lambda: [_moved(path, state.ports.root, root) for path in unreadable_paths(state)],
        )
        return shells.checks, shells.model


def _moved(path: str, root: Path, other: Path) -> str:
    """The path below another root of what is at an absolute path below a root."""
    relative: RepoPath = Path(path).resolve().relative_to(root.resolve()).as_posix()
    return str(other / relative)

"""[io] The agents of one chat: those that count, and their work for it, side by side and journaled."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from chat.agents.agent_ports import AgentCalls, AgentEmit
from chat.agents.agent_state import AgentJob, agent_state
from chat.agents.definition import AgentDefinition
from chat.agents.ground import Ground, OpenShells, shared_ground, worktree_ground
from chat.agents.report import failure, report
from chat.agents.side_by_side import Desk, side_by_side
from chat.agents.sources import AgentFile, Roster, read_roster
from chat.conversation import prompt_texts as prompts
from chat.conversation.answer_schema import AnswerSchema, parse_schema
from chat.errors import ChatError, SessionError
from chat.events import AgentBegan, AgentEnded
from chat.git.work_tree import WorkTree
from chat.model import Usage
from chat.ports import Model
from chat.prompt.next_prompt import make_ready
from chat.results import TurnResult
from chat.sessions.records.turn import AgentBegin, AgentDone
from chat.settings.table import Settings, changed
from chat.snapshots.own_changes import OwnChange
from chat.state.delegates import AgentReport, AgentTask
from chat.state.hook_calls import agent_starts
from chat.state.state import State
from chat.state.tokens import count_once
from chat.turn.checks import offloaded
from chat.turn.consent.decisions import edit_barrier
from chat.turn.turn import take_turn
from edits import EditError
from repomap import RepoMapError

_NO_AGENT = "there is no agent of this name. There are: {names}"
_NO_GIT = "it changes files in a git work tree of its own, and there is no repository here"
_NO_EDITS = "it changes files, and this turn changes nothing"
_DRY_RUN = "it changes files, and a dry run changes nothing"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How an agent's work ended."""

    text: str = ""
    problem: str = ""
    """Why it is not done; "" where it is."""
    changes: tuple[OwnChange, ...] = ()
    usage: Usage = field(default_factory=Usage)


class Crew:
    """The agents of one chat, as `Delegates`."""

    def __init__(
        self,
        state: State,
        open_model: Callable[[Settings], Model],
        open_shells: OpenShells,
        work_tree: WorkTree | None,
    ) -> None:
        self._state = state
        self._open_model = open_model
        self._open_shells = open_shells
        self._work_tree = work_tree
        self._said: set[str] = set()

    def roster(self) -> Roster:
        """Return the agents as their files are now; what is to be said of them is said once."""
        state = self._state
        roster = read_roster(state.ports.root, bare=state.settings.bare)
        for notice in roster.notices:
            if notice not in self._said:
                self._said.add(notice)
                state.ports.notice(notice, "warning")
        return roster

    def offered(self) -> tuple[tuple[str, str], ...]:
        """Return name and description of each agent that the main model is told of now, sorted."""
        state = self._state
        if state.settings.agents == "none":
            return ()
        roster = self.roster()
        if state.settings.agents == "auto" and not roster.has_own:
            return ()
        definitions = [file.definition for file in roster.by_name().values() if file.definition]
        return tuple(
            (each.name, each.description)
            for each in definitions
            if not each.writes or (state.may_edit and self._work_tree is not None)
        )

    def work(self, tasks: Sequence[AgentTask], first: int) -> tuple[AgentReport, ...]:
        """Have all tasks done side by side, and return what came of them, in their order.

        ``first`` is the number of the first of them in its turn, from 1. Raises KeyboardInterrupt, which ends all
        of them, and SessionError.
        """
        desk, agents = Desk(), self.roster().by_name()
        turn = self._state.conversation.turn
        works = [
            self._work(f"{turn}.{number}", task, agents, desk) for number, task in enumerate(tasks, first)
        ]
        return tuple(side_by_side(desk, works))

    def _work(
        self, agent: str, task: AgentTask, agents: dict[str, AgentFile], desk: Desk
    ) -> Callable[[], AgentReport]:
        """Prepare a task, and return what does it in a thread."""
        state = self._state
        earlier = state.calls.reusable.take_agent(agent, task.name, task.task)
        if earlier is not None and (done := earlier.done) is not None:
            changes = state.ports.kept.read((done.kept,)) if done.kept else ()
            known = AgentReport(
                name=task.name, told=done.told, ok=done.ok, answer=done.answer, changes=changes
            )
            return lambda: known
        file = agents.get(task.name) or _similar(agents, task.name)
        state.ports.journal.write(AgentBegin(agent, task.name, task.task))
        state.ports.emit(AgentBegan(agent, task.name, task.task))
        try:
            job = self._job(agent, task, file, agents)
        except ChatError as error:
            outcome = _Outcome(problem=str(error))
            return lambda: desk.do(lambda: self._end(agent, task, outcome))
        job = replace(job, earlier=earlier, context=agent_starts(state, agent, job.definition.name))

        def run() -> AgentReport:
            outcome = self._outcome(job, desk)
            return desk.do(lambda: self._end(agent, task, outcome))

        return run

    def _job(
        self, agent: str, task: AgentTask, file: AgentFile | None, agents: dict[str, AgentFile]
    ) -> AgentJob:
        """Look whether a task can be done here. Raises ChatError."""
        state, definition = self._state, file.definition if file else None
        if definition is None:
            raise ChatError(_NO_AGENT.format(names=", ".join(agents)))
        if definition.writes and state.settings.dry_run:
            raise ChatError(_DRY_RUN)
        if definition.writes and not state.may_edit:
            raise ChatError(_NO_EDITS)
        if definition.writes and self._work_tree is None:
            raise ChatError(_NO_GIT)
        wanted = task.schema or definition.schema
        schema = parse_schema(wanted, _schema_of(task, definition)) if wanted else None
        return AgentJob(
            id=agent,
            task=task,
            definition=definition,
            schema=schema.text if schema else "",
            models=self._models(definition),
        )

    def _models(self, definition: AgentDefinition) -> Model:
        """Return the models of the session, or where the file names one, those with it as the main model."""
        if definition.model in ("", "weak"):
            return self._state.model
        return self._open_model(changed(self._state.settings, {"model": definition.model}, "agent"))

    def _outcome(self, job: AgentJob, desk: Desk) -> _Outcome:
        """Do a task, in a thread."""
        try:
            with self._ground(job, desk) as ground:
                state = agent_state(self._state, job, ground, desk)
                return _outcome_of(state, job, ground)
        except SessionError:
            raise
        except ChatError as error:
            return _Outcome(problem=str(error))

    def _ground(self, job: AgentJob, desk: Desk) -> AbstractContextManager[Ground]:
        definition = job.definition
        if definition.writes and self._work_tree is not None:
            emit = AgentEmit(self._state.ports.emit, desk, job.id, definition.name)
            return worktree_ground(self._state, self._work_tree, self._open_shells, emit)
        own_view = definition.narrows_reading
        return nullcontext(shared_ground(self._state, own_view=own_view, runs=definition.runs))

    def _end(self, agent: str, task: AgentTask, outcome: _Outcome) -> AgentReport:
        """Write down and show how a task ended."""
        state, cap = self._state, self._state.settings.agent_result_tokens

        def shorten(text: str, max_tokens: int) -> str:
            return offloaded(state, text, max_tokens)

        if outcome.problem:
            told = failure(
                task.name, task.task, outcome.problem, outcome.text, outcome.usage, cap, shorten, count_once
            )
        else:
            told = report(task.name, task.task, outcome.text, outcome.usage, cap, shorten, count_once)
        ok = not outcome.problem
        kept = state.ports.kept.keep(outcome.changes) if outcome.changes else ""
        answer = outcome.text if task.schema and ok else ""
        state.ports.journal.write(AgentDone(id=agent, told=told, ok=ok, answer=answer, kept=kept))
        state.ports.emit(AgentEnded(agent, task.name, ok, told, outcome.usage))
        return AgentReport(
            name=task.name, told=told, ok=ok, answer=answer, changes=outcome.changes, usage=outcome.usage
        )


def _schema_of(task: AgentTask, definition: AgentDefinition) -> str:
    return "The schema of --json-schema" if task.schema else f"The schema of {definition.name}"


def _similar(agents: dict[str, AgentFile], name: str) -> AgentFile | None:
    """The agent of this name in other letters."""
    return next((file for each, file in agents.items() if each.casefold() == name.casefold()), None)


def _outcome_of(state: State, job: AgentJob, ground: Ground) -> _Outcome:
    """Take the agent's turn; an error ends it with what it has said last."""
    try:
        return _result(state, job, ground)
    except SessionError:
        raise
    except (ChatError, EditError, RepoMapError) as error:
        said = state.calls.last if isinstance(state.calls, AgentCalls) else ""
        return _Outcome(text=said, problem=str(error), usage=state.spending.total)


def _result(state: State, job: AgentJob, ground: Ground) -> _Outcome:
    """Take the agent's turn, and return what came of it. Raises ChatError."""
    make_ready(state, job.task.task)
    result = take_turn(state, job.task.task, names_files=True)
    text, problem = result.text, result.failure
    if job.schema and not problem:
        text, problem = _fitting(state, job, result)
    changes: tuple[OwnChange, ...] = ()
    if job.definition.writes and not problem:
        changes = ground.changes(result.files_changed, not job.definition.edits)
        barriers = {change.path: edit_barrier(state, change.path) for change in changes if state.may_edit}
        problem = "; ".join(f"it changed {path}, but {reason}" for path, reason in barriers.items() if reason)
    return _Outcome(text, problem, () if problem else changes, state.spending.total)


def _fitting(state: State, job: AgentJob, result: TurnResult) -> tuple[str, str]:
    """Return the value that fits the schema, asked for once more if need be, and "" or what is wrong with it."""
    schema: AnswerSchema = parse_schema(job.schema, _schema_of(job.task, job.definition))
    checked = schema.check(result.text)
    if checked.errors:
        request = prompts.ANSWER_MISFIT.format(errors="\n".join(checked.errors))
        result = take_turn(state, request, names_files=True)
        checked = schema.check(result.text)
    if checked.errors:
        return result.text, f"its result does not fit its JSON Schema: {'; '.join(checked.errors)}"
    return json.dumps(checked.value, ensure_ascii=False), ""

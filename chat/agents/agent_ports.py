"""What an agent's chat reaches instead of the user's: the same session, journal, person and budget, by its name.

All of it is passed on through a `Desk`, so that agents can work side by side.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from chat.agents.side_by_side import Desk
from chat.display import event_text
from chat.errors import TurnLimit
from chat.events import AgentStep, CommandRan, ContextGiven, EditsWritten, Emit, Event, Notice, Retrying
from chat.model import ModelRole, Price, Prompt, Reply, RepoPath, Usage, Window
from chat.ports import Journal, JournalRecord, Model, Permit, Person
from chat.sessions.records.turn import CallDone, CallIntent, CommandDone, CommandIntent
from chat.snapshots.store import Snapshot, States
from chat.state.model_calls import ModelCalls
from chat.state.spending import Spending

T = TypeVar("T")


class AgentModel:
    """The models of the session, of which one is an agent's main model."""

    def __init__(self, models: Model, main: ModelRole) -> None:
        self._models = models
        self._main = main

    def role(self, role: ModelRole) -> ModelRole:
        """Return the role that the session knows a call by."""
        return self._main if role in (ModelRole.MAIN, ModelRole.EDITOR) else role

    def name(self, role: ModelRole) -> str:
        """Return the model for calls of this role."""
        return self._models.name(self.role(role))

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        """Return the complete reply to a prompt. Raises ModelError."""
        return self._models.reply(prompt, self.role(role), emit)

    def window(self, role: ModelRole) -> Window:
        """Return how many tokens the model reads and writes."""
        return self._models.window(self.role(role))

    def price(self, role: ModelRole) -> Price | None:
        """Return the price of the model, or None if it is unknown."""
        return self._models.price(self.role(role))

    def edit_format(self, role: ModelRole) -> str:
        """Return the format in which the model is known to write edits best, "" where nothing is known."""
        return self._models.edit_format(self.role(role))

    def load_in_background(self) -> None:
        """Start loading what calls need."""
        self._models.load_in_background()


class AgentJournal:
    """The session's journal, of which an agent's chat writes its calls and commands under its id.

    The rest of what its chat does is over when it ends, and would be taken for the session's.
    """

    session_id = ""

    def __init__(self, journal: Journal, desk: Desk, agent: str, role: ModelRole) -> None:
        self._journal = journal
        self._desk = desk
        self._agent = agent
        self._role = role
        self._number = 0

    def write(self, record: JournalRecord) -> int:
        """Write a record if it is one that the session keeps; return its number. Raises SessionError."""
        match record:
            case CallIntent():
                kept: JournalRecord = replace(record, agent=self._agent, role=self._role.value)
            case CallDone():
                kept = replace(record, agent=self._agent, role=self._role)
            case CommandIntent() | CommandDone():
                kept = replace(record, agent=self._agent)
            case _:
                self._number += 1
                return self._number
        return self._desk.do(lambda: self._journal.write(kept))

    def close(self) -> None:
        """Do nothing: the session goes on."""


class AgentEmit:
    """Passes on what the user may want to see of an agent's work; its words are for the main model."""

    def __init__(self, emit: Emit, desk: Desk, agent: str, name: str) -> None:
        self._emit = emit
        self._desk = desk
        self._agent = agent
        self._name = name

    def __call__(self, event: Event) -> None:
        """Pass an event on, or a line about it."""
        shown = self._shown(event)
        if shown is not None:
            self._desk.do(lambda: self._emit(shown))

    def _shown(self, event: Event) -> Event | None:
        match event:
            case Notice(text, level):
                return Notice(f"{self._name}: {text}", level)
            case Retrying(reason):
                return replace(event, reason=f"{self._name}: {reason}")
            case CommandRan():
                return event
            case ContextGiven():
                return AgentStep(self._agent, self._name, event_text.context_given(event))
            case EditsWritten():
                text = event_text.edits_written(event).replace("\n", ", ")
                return AgentStep(self._agent, self._name, text)
            case _:
                return None


class AgentPerson:
    """The person, who is told which agent asks."""

    def __init__(self, person: Person, desk: Desk, name: str) -> None:
        self._person = person
        self._desk = desk
        self._name = name

    @property
    def is_there(self) -> bool:
        """Whether a person can be asked."""
        return self._person.is_there

    def confirm(self, question: str, subject: str = "") -> bool:
        """Return whether the answer is yes. Raises NeedsTerminal."""
        return self._desk.do(lambda: self._person.confirm(f"{self._name}: {question}", subject))

    def offer(self, command: str) -> bool:  # noqa: ARG002
        """Return no: what an agent proposes is for the main model."""
        return False

    def permit(self, command: str, rule: str) -> Permit:
        """Return whether to run a command."""
        return self._desk.do(lambda: self._permit(command, rule))

    def _permit(self, command: str, rule: str) -> Permit:
        return self._person.permit(command, rule)


class AgentSpending(Spending):
    """What an agent has taken; each call counts against the limits of the session before it is made."""

    def __init__(self, session: Spending, desk: Desk, agent: str, model: AgentModel) -> None:
        super().__init__()
        self._session = session
        self._desk = desk
        self._agent = agent
        self._model = model

    def before_call(self, role: ModelRole, prompt_tokens: int) -> None:
        """Raise BudgetLimit where the call could take the session past a limit, with what others are about to take."""
        self._desk.do(lambda: self._session.hold(self._agent, prompt_tokens, lambda: self._model.price(role)))

    def after_call(self, role: ModelRole, usage: Usage) -> None:
        """Count what a call took, here and in the session."""
        super().after_call(role, usage)
        self._desk.do(lambda: self._session.after_call(self._model.role(role), usage))

    def let_go_of(self) -> None:
        """Set nothing aside any more for the call that has ended."""
        self._session.let_go(self._agent)


class AgentCalls(ModelCalls):
    """The calls of an agent, of which it has a number."""

    left: int = 0
    last: str = ""
    """The last reply."""
    last_words: str = ""
    """What the prompt of the last call ends with."""
    let_go: Callable[[], None] = staticmethod(lambda: None)

    def reply(self, prompt: Prompt, role: ModelRole = ModelRole.MAIN) -> Reply:
        """Return the model's reply. Raises ModelError, BudgetLimit, and TurnLimit where none is left."""
        if self.left <= 0:
            raise TurnLimit("all replies that it may take are used up")
        self.left -= 1
        if self.left == 0:
            prompt = replace(
                prompt, request_map="\n\n".join(filter(None, (prompt.request_map, self.last_words)))
            )
        try:
            reply = super().reply(prompt, role)
        finally:
            self.let_go()
        self.last = reply.text
        return reply


class NoSnapshots:
    """The snapshots of an agent's chat: none, since its folder is gone or unchanged when it ends."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def take(self, label: str) -> str:  # noqa: ARG002
        """Keep nothing."""
        return ""

    def read(self, snapshot: str, path: RepoPath) -> bytes | None:  # noqa: ARG002
        """Return None: there is no file in what was not kept."""
        return None

    def states(self, snapshot: str, paths: Sequence[RepoPath]) -> States:  # noqa: ARG002
        """Return no file for each path."""
        states: Mapping[RepoPath, None] = dict.fromkeys(paths)
        return states

    def changed(self, before: str, after: str) -> tuple[RepoPath, ...]:  # noqa: ARG002
        """Return nothing."""
        return ()

    def diff(self, before: str, after: str) -> str:  # noqa: ARG002
        """Return no difference."""
        return ""

    def left_out(self, snapshot: str) -> frozenset[RepoPath]:  # noqa: ARG002
        """Return nothing."""
        return frozenset()

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return none."""
        return ()

    def prune(self, age_s: float, number: int) -> int:  # noqa: ARG002
        """Drop nothing."""
        return 0

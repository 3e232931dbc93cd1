"""[io] What the replies of a turn ask to have done beside their edits: commands to run, and tasks for agents."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chat.conversation import prompt_texts as prompts
from chat.conversation.agent_requests import agent_requests
from chat.conversation.run_requests import run_requests
from chat.conversation.summaries import without_edits
from chat.state.delegates import AgentTask
from chat.state.state import State
from chat.turn.checks import CheckResult
from chat.turn.editing.edits import Edits
from chat.turn.requests.agents import MAX_TASKS, Delegating
from chat.turn.requests.commands import MAX_COMMANDS, CommandAnswers, run_for_model


@dataclass(frozen=True, slots=True)
class WorkDone:
    """What came of what one reply asked for."""

    text: str = ""
    """What the model is told of it."""
    too_much: str = ""
    """What was asked for and not done, since the turn has done so much already."""
    is_stopped: bool = False
    """A hook wants the turn to end."""


@dataclass(slots=True)
class ReplyWork:
    """The commands and tasks of one turn."""

    state: State
    edits: Edits
    delegating: Delegating = field(init=False)
    ran: int = 0
    """How many commands the model has asked for."""
    denied: tuple[str, ...] = ()
    """Commands that were not run, since nobody allowed them."""

    def __post_init__(self) -> None:
        self.delegating = Delegating(self.state, self.edits)

    @property
    def checks(self) -> CheckResult:
        """How the last checks ended that followed a task."""
        return self.delegating.checks

    @property
    def offers_commands(self) -> bool:
        """Whether the rules let the model ask for commands."""
        return self.state.may_run_commands

    def commands(self, reply: str) -> tuple[str, ...]:
        """Return the commands that a reply asks for, where commands can be run."""
        return run_requests(without_edits(reply)) if self.offers_commands else ()

    def tasks(self, reply: str) -> tuple[AgentTask, ...]:
        """Return the tasks that a reply hands over, where that is offered."""
        agents = self.state.ports.agents
        if agents is None:
            return ()
        tasks = tuple(AgentTask(*task) for task in agent_requests(without_edits(reply)))
        return tasks if tasks and agents.offered() else ()

    def is_wanted(self, reply: str) -> bool:
        """Whether a reply asks for commands, or hands tasks over."""
        return bool(self.commands(reply) or self.tasks(reply))

    def do(self, reply: str) -> WorkDone:
        """Do what a reply asks for; nothing of it where that is too much for one turn."""
        commands, tasks = self.commands(reply), self.tasks(reply)
        self.ran += len(commands)
        if self.ran > 2 * MAX_COMMANDS or self.delegating.begun + len(tasks) > 2 * MAX_TASKS:
            return WorkDone(too_much=", ".join((*commands, *(f"{task.name}: {task.task}" for task in tasks))))
        ran = self._run(commands) if commands else CommandAnswers("")
        if ran.is_stopped:
            return WorkDone(is_stopped=True)
        told = self.delegating.hand_over(tasks) if tasks else ""
        return WorkDone("\n\n".join(filter(None, (ran.text, told))))

    def _run(self, commands: Sequence[str]) -> CommandAnswers:
        """Run the commands of a reply, as far as the turn still may."""
        answers = CommandAnswers(prompts.NO_MORE_COMMANDS)
        if self.ran <= MAX_COMMANDS:
            answers = run_for_model(self.state, commands, self.edits.own.adopting())
        self.denied = (*self.denied, *answers.denied)
        return answers

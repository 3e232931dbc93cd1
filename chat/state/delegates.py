"""What the main model hands over to agents, what comes back, and what an agent may do in its own chat."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chat.model import Usage
from chat.permissions.rule import Rule
from chat.snapshots.own_changes import OwnChange


@dataclass(frozen=True, slots=True)
class AgentLimits:
    """What the agent may do that has a chat to itself; the rules and the mode of the user hold as well."""

    name: str
    id: str
    """Tells it from the others of its turn, and is the same where the turn is taken again."""
    edits: bool = False
    runs: bool = False
    tools: tuple[Rule, ...] = ()
    """Of the rules for one tool, each of its uses has to fit one; a tool without a rule here is not narrowed."""

    def narrowing(self, *tools: str) -> tuple[Rule, ...] | None:
        """Return the rules of which a use of these tools has to fit one; None where any will do."""
        rules = tuple(rule for rule in self.tools if rule.tool in tools)
        return rules if rules and all(rule.pattern for rule in rules) else None


@dataclass(frozen=True, slots=True)
class AgentTask:
    """A task for an agent."""

    name: str
    task: str
    schema: str = ""
    """The JSON Schema that the result has to fit instead of the agent's own; "" for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReport:
    """What came of a task."""

    name: str
    told: str
    """What the prompt holds of it, within its cap."""
    answer: str = ""
    """The JSON that fits the schema of the task, in full."""
    ok: bool = True
    """The agent came to an end by itself, and its result fits its schema if there is one."""
    changes: tuple[OwnChange, ...] = ()
    """What it made of files in its own work tree, each from what HEAD holds."""
    usage: Usage = field(default_factory=Usage)


class Delegates(Protocol):
    """The agents of one chat."""

    def offered(self) -> tuple[tuple[str, str], ...]:
        """Return name and description of each agent that the main model is told of now, sorted."""
        ...

    def work(self, tasks: Sequence[AgentTask], first: int) -> tuple[AgentReport, ...]:
        """Have all tasks done side by side, and return what came of them, in their order.

        ``first`` is the number of the first of them in its turn, from 1. What goes wrong is told in a report. Raises
        KeyboardInterrupt, which ends all of them, and SessionError.
        """
        ...

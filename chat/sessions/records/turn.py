"""The records of a turn in a journal: its request, its calls, commands and agents, and how it ends."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from chat.model import ModelRole, Purpose, Reply, Usage
from chat.sessions.records.fields import Fields


@dataclass(frozen=True, slots=True)
class TurnBegin(Fields):
    """A request was taken up."""

    kind: ClassVar[str] = "turn.begin"
    request: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDone(Fields):
    """A turn is over."""

    kind: ClassVar[str] = "turn.done"
    turn: int
    paths: tuple[str, ...]
    """The files that it changed, sorted."""
    commits: tuple[str, ...]
    checkpoint: str = ""
    """The snapshot after it, where an earlier version has no record of its writes."""
    base: str | None = None
    """Where the branch was, if that is not the parent of the first commit."""
    staged: bool = False
    incomplete: bool = False
    """Something ended it before it was through, its edits were refused, or a request of the model's stayed unanswered;
    what it had written by then is kept."""


@dataclass(frozen=True, slots=True)
class TurnFailed(Fields):
    """A turn ended with an error before it changed a file; the conversation is as before it."""

    kind: ClassVar[str] = "turn.failed"


@dataclass(frozen=True, slots=True)
class CallIntent(Fields):
    """A prompt is about to be sent."""

    kind: ClassVar[str] = "call.intent"
    role: str
    model: str
    prompt_digest: str
    prompt_tokens: int
    agent: str | None = None
    """The id of the agent that makes the call; None for the chat itself."""


@dataclass(frozen=True, slots=True)
class CallDone:
    """A reply arrived complete."""

    kind: ClassVar[str] = "call.done"
    intent: int
    """The number of the record before the call."""
    prompt_digest: str
    seconds: float
    role: ModelRole
    reply: Reply
    agent: str | None = None
    """As in the record before the call."""

    def fields(self) -> Mapping[str, object]:
        """Return the record's fields in the journal; the reply's are among them."""
        own = {"intent": self.intent, "prompt_digest": self.prompt_digest, "seconds": self.seconds}
        agent = {} if self.agent is None else {"agent": self.agent}
        return {**own, "role": self.role.value, **agent, **asdict(self.reply)}

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> "CallDone":
        """Read a record's fields. Raises KeyError, TypeError or ValueError if they are malformed."""
        reply = Reply(
            fields["text"],
            fields["finish"],
            Usage(**fields["usage"]),
            fields["model"],
            fields.get("reasoning", ""),
        )
        seconds = float(fields.get("seconds", 0.0))
        role, agent = ModelRole(fields["role"]), fields.get("agent")
        return cls(fields.get("intent", 0), fields["prompt_digest"], seconds, role, reply, agent)


@dataclass(frozen=True, slots=True)
class CommandIntent(Fields):
    """A command is about to be run."""

    kind: ClassVar[str] = "command.intent"
    command: str
    purpose: Purpose = "run"
    agent: str | None = None
    """The id of the agent that runs it; None for the chat itself."""


@dataclass(frozen=True, slots=True)
class CommandDone(Fields):
    """A command ended."""

    kind: ClassVar[str] = "command.done"
    intent: int
    exit_code: int
    told: str | None = None
    """What the model was shown of a check; None for a command that the user ran."""
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class AgentBegin(Fields):
    """An agent is about to begin a task."""

    kind: ClassVar[str] = "agent.begin"
    id: str
    """Tells it from the others of its turn, and is the same where the turn is taken again."""
    name: str
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDone(Fields):
    """An agent has ended, and this is what the prompt gets of it."""

    kind: ClassVar[str] = "agent.done"
    id: str
    told: str
    ok: bool = True
    answer: str = ""
    """The JSON that fits the schema of the task, in full."""
    kept: str = ""
    """The record of what it made of files, in the session's `KeptChanges`; not merged yet."""


@dataclass(frozen=True, slots=True)
class OutputKept(Fields):
    """A long output was kept in a file of the session."""

    kind: ClassVar[str] = "output"
    name: str
    characters: int


@dataclass(frozen=True, slots=True)
class Rebuild(Fields):
    """The prompt is about to be rebuilt, or was."""

    kind: ClassVar[str] = "rebuild"
    step: Literal["begin", "end"]
    tokens: int = 0
    """Of the prompt, before or after."""


@dataclass(frozen=True, slots=True)
class TakeBack(Fields):
    """Files that a killed turn had written hold again what they held before."""

    kind: ClassVar[str] = "takeback"
    paths: tuple[str, ...]

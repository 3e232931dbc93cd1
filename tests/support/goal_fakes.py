"""Goals in this process: turns, models and time from a script, and sessions that are killed and taken up again.

A turn here is what a goal sees of one: its records, its calls, the text of the one file that it changes. Everything
else is real.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chat_fakes import FakeShell, MemoryRepository, fake_state

from chat.events import Emit, Event, FileEdited, GoalFollowed
from chat.goals.goals import EndedGoal, Goals
from chat.model import Message, ModelRole, Price, Prompt, Reply, Usage, Window
from chat.ports import JournalRecord
from chat.results import TurnResult
from chat.sessions.records.journal_line import JournalLine
from chat.sessions.records.session import Resume
from chat.sessions.records.turn import TurnBegin, TurnDone, TurnFailed
from chat.sessions.replay import restore
from chat.sessions.restored import ReusableReplies
from chat.settings.table import Settings
from chat.state.model_calls import ModelCalls
from chat.state.spending import Limits, Spending
from chat.state.state import State

START_S = 1_800_000_000.0


class Killed(BaseException):
    """The process ends here; what is written afterwards does not count."""


@dataclass
class World:
    """What outlives a process: the folder, the journal, the clock, and the text of the one file there is."""

    root: Path
    text: str = ""
    lines: list[JournalLine] = field(default_factory=list)
    now_s: float = START_S
    is_dead: bool = False

    def write(self, record: JournalRecord) -> int:
        if not self.is_dead:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now_s))
            fields = json.loads(json.dumps(dict(record.fields())))
            self.lines.append(JournalLine(len(self.lines) + 1, record.kind, stamp, fields))
        return len(self.lines)

    session_id = "world"

    def close(self) -> None: ...

    def records(self, kind: str) -> list[Mapping[str, object]]:
        return [line.fields for line in self.lines if line.kind == kind]


@dataclass
class TimedModel:
    """Gives replies of a size and after a time that functions choose; every call is counted."""

    world: World
    judge: Callable[[str], str] = lambda _prompt: "no"
    tokens: Callable[[], int] = lambda: 100
    seconds: Callable[[], float] = lambda: 1.0
    price_usd: float = 1e-6
    before: Callable[[ModelRole, Prompt], None] = lambda _role, _prompt: None
    plan: Callable[[str], str] = lambda _prompt: "NO PLAN"
    say: Callable[[str], str] = lambda _prompt: "Done."
    judged: list[str] = field(default_factory=list)
    planned: list[Prompt] = field(default_factory=list)

    def name(self, role: ModelRole) -> str:
        return f"fake/{role.value}"

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        self.before(role, prompt)
        self.world.now_s += self.seconds()
        asked = prompt.messages[-1].text
        if role is ModelRole.JUDGE:
            self.judged.append(asked)
        if role is ModelRole.PLANNER:
            self.planned.append(prompt)
        answers = {ModelRole.JUDGE: self.judge, ModelRole.PLANNER: self.plan}
        text = answers.get(role, self.say)(asked)
        used = sum(len(message.text) // 4 for message in prompt.messages), self.tokens()
        cost = sum(used) * self.price_usd
        return Reply(text, "stop", Usage(1, used[0], 0, used[1], cost), self.name(role))

    def window(self, role: ModelRole) -> Window:
        return Window(100_000, 4096)

    def edit_format(self, role: ModelRole) -> str:
        return ""

    def price(self, role: ModelRole) -> Price:
        return Price(self.price_usd, self.price_usd)

    def load_in_background(self) -> None: ...


class DiffRepository(MemoryRepository):
    """A repository whose diff is the text that the turns write."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def diff(self, paths: Sequence[str] = (), against: str = "HEAD") -> str:
        return "".join(f"+{line}\n" for line in self._world.text.splitlines())


@dataclass
class Process:
    """One process that works on the session."""

    world: World
    model: TimedModel
    shell: FakeShell
    settings: Settings = field(default_factory=Settings)
    turn: Callable[[str], str] = lambda text: text
    """What a turn makes of the text."""
    requests: list[str] = field(default_factory=list)
    state: State = field(init=False)
    goals: Goals = field(init=False)
    events: list[Event] = field(init=False)

    def __post_init__(self) -> None:
        restored = restore(self.world.lines) if self.world.lines else None
        repository = DiffRepository(self.world)
        state, self.events = fake_state(
            self.world.root,
            self.model,
            settings=self.settings,
            repository=repository,
            journal=self.world,
        )
        state = replace(state, ports=replace(state.ports, check_shell=self.shell))
        spending = Spending(Limits.of(self.settings), state.active.price, clock=lambda: self.world.now_s)
        calls = ModelCalls(state.active, spending, self.world, self.events.append, state.ports.masks)
        self.state = replace(state, spending=spending, calls=calls)
        unfinished = ""
        if restored is not None:
            self.state.writer.restore(restored.conversation)
            calls.reuse(ReusableReplies(restored.replies, restored.runs))
            unfinished = restored.unfinished.request if restored.unfinished else ""
            self.world.write(Resume(unfinished=bool(unfinished), again=bool(unfinished)))
            spending.resume(restored.spent, len(restored.requests) - bool(unfinished))
        self.goals = Goals(self.state, restored, unfinished)

    def take(self, request: str) -> TurnResult:
        """Take a turn with one call."""
        self.requests.append(request)
        state = self.state
        state.spending.before_turn()
        before = state.conversation
        self.world.write(TurnBegin(request, before.turn + 1))
        state.writer.put(before.with_request(request))
        try:
            said = state.calls.reply(Prompt((Message("user", f"{len(self.world.lines) // 99}{request}"),)))
            state.writer.add("assistant", said.text, "reply")
            content = self.turn(self.world.text)
        except Killed:
            raise
        except BaseException:
            state.writer.put(before)
            self.world.write(TurnFailed())
            raise
        paths = ("work.txt",) if content != self.world.text else ()
        self.world.text = content
        self.world.write(TurnDone(turn=before.turn + 1, paths=paths, commits=()))
        state.calls.forget_reusable()
        edits = tuple(FileEdited(path, "", "changed") for path in paths)
        return TurnResult(said.text, edits=edits)

    def pursue(self) -> EndedGoal:
        return self.goals.pursue(self.take)

    def statuses(self) -> list[str]:
        return [event.status for event in self.events if isinstance(event, GoalFollowed)]


def green(_world: World) -> tuple[int, str]:
    return 0, "all is well\n"


def process(
    world: World,
    *,
    judge: Callable[[str], str] = lambda _prompt: "no",
    check: Callable[[World], tuple[int, str]] = green,
    turn: Callable[[str], str] = lambda text: text,
    settings: Settings | None = None,
    **model: object,
) -> Process:
    """A process with models and checks from functions; unless the settings say so, its goals have no plan."""
    timed = TimedModel(world, judge, **model)  # type: ignore[arg-type]
    return Process(world, timed, FakeShell(lambda _: check(world)), settings or Settings(plan=False), turn)


def counting(text: str) -> str:
    """Each turn adds a line."""
    return f"{text}line number {text.count(chr(10)) + 1}\n"


def three_lines(world: World) -> tuple[int, str]:
    """A check that wants three."""
    count = world.text.count("\n")
    return (0, "three lines\n") if count >= 3 else (1, f"{count} of 3 lines\n")


class KillingWorld(World):
    """Kills the first process as soon as a record is written."""

    def __init__(self, root: Path, kill_at: int) -> None:
        super().__init__(root)
        self.kill_at = kill_at
        self.processes: list[Process] = []

    def write(self, record: JournalRecord) -> int:
        number = super().write(record)
        if number == self.kill_at and not self.is_dead and len(self.processes) == 1:
            self.is_dead = True
            raise Killed
        return number


def played(root: Path, goal: str, start: Callable[[World], Process], kill_at: int = 0) -> list[Process]:
    """Work on a goal until it is met, in process after process; the first is killed at a record, if at any."""
    world = KillingWorld(root, kill_at)
    while True:
        world.is_dead = False
        started = start(world)
        world.processes.append(started)
        try:
            if started.goals.progress is None:
                started.goals.set(goal)
            assert started.pursue().end.outcome == "met"
        except Killed:
            if any(line.kind == "goal.end" for line in world.lines):
                return world.processes
            continue
        return world.processes

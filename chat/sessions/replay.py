"""The lines of a journal -> the session as it was, and how far an interrupted turn had got.

Pure. A session is resumed from its journal alone: it holds each message, each file that was shown and
each paid reply.
"""

from collections.abc import Iterable
from dataclasses import replace

from chat.conversation.conversation import Conversation
from chat.model import ModelRole, Reply, Usage
from chat.safety.secret_forms import MASK
from chat.sessions.conversation_change import ConversationChange, apply_change
from chat.sessions.goal_progress import GoalReplay
from chat.sessions.records.changes import (
    CommitDone,
    CommitIntent,
    EditAdopted,
    EditDone,
    EditIntent,
    Redo,
    RestoreFailed,
    RestoreIntent,
    Rollback,
    SnapshotTaken,
    Undo,
)
from chat.sessions.records.journal_line import JournalLine, Unknown, read_record, seconds_of
from chat.sessions.records.session import Resume, SessionTag
from chat.sessions.records.turn import (
    AgentBegin,
    AgentDone,
    CallDone,
    CommandDone,
    CommandIntent,
    Rebuild,
    TurnBegin,
    TurnDone,
    TurnFailed,
)
from chat.sessions.restored import AgentRun, CheckRun, RestoredSession, UnfinishedTurn
from chat.sessions.turn_history import TurnHistory, UndoableTurn
from chat.snapshots.turn_record import TurnRecord, Undone


def restore(lines: Iterable[JournalLine]) -> RestoredSession:
    """Replay a journal, its lines in order; records that cannot be read are skipped and listed."""
    replay = _Replay()
    for line in lines:
        replay.follow(line)
    return replay.result()


class _Replay:
    """The session after the lines so far."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.spent: dict[ModelRole, Usage] = {}
        self.turns = TurnHistory()
        self.requests: list[str] = []
        self.tags: list[str] = []
        self.open: UnfinishedTurn | None = None
        self.replies: dict[str, tuple[Reply, ...]] = {}
        self.runs: list[CheckRun] = []
        self.commands: dict[int, CommandIntent] = {}
        """The last command that was begun, by the number of its record."""
        self.agents: dict[str, AgentRun] = {}
        self.restoring: RestoreIntent | None = None
        self.restored = False
        self.compacted: Conversation | None = None
        self.goal = GoalReplay()
        self.skipped: dict[str, None] = {}

    def follow(self, line: JournalLine) -> None:
        """Take in one line."""
        record = read_record(line)
        self.goal.follow(line, record)
        match record:
            case ConversationChange():
                self.conversation = apply_change(self.conversation, record)
                if self.restored:
                    self.restoring = None
            case TurnBegin() | Resume() | TurnDone() | TurnFailed():
                self._follow_turn(record, line)
            case CallDone() | CommandIntent() | CommandDone():
                self._follow_paid_work(record, line)
            case AgentBegin(agent, name, task):
                self._begin_agent(agent, name, task)
            case AgentDone(id=agent) if agent in self.agents:
                self.agents[agent] = replace(self.agents[agent], done=record)
            case SnapshotTaken() | EditIntent() | EditDone() | EditAdopted() | CommitIntent() | CommitDone():
                self._follow_writing(record)
            case RestoreIntent() | RestoreFailed() | Rollback() | Undo() | Redo():
                self._follow_undoing(record, line)
            case Rebuild(step):
                self._follow_rebuild(step)
            case SessionTag():
                self.tags = record.follow(self.tags)
            case Unknown(kind):
                self.skipped[kind] = None

    def _follow_turn(self, record: TurnBegin | Resume | TurnDone | TurnFailed, line: JournalLine) -> None:
        match record:
            case TurnBegin():
                self._begin(record, line)
            case Resume():
                self._resume(record)
            case TurnDone():
                self._finish(record, line)
                self._settle()
            case TurnFailed():
                self._settle()

    def _begin(self, record: TurnBegin, line: JournalLine) -> None:
        self.restoring = None
        self.requests.append(record.request)
        self.open = UnfinishedTurn(
            request=record.request,
            turn=record.turn,
            conversation_before=self.conversation,
            conversation=self.conversation,
            is_masked=line.masked and MASK in record.request,
        )

    def _resume(self, record: Resume) -> None:
        """Go back to before the turn that is taken again: the next records start from there."""
        if record.again and self.open is not None:
            self.conversation = self.open.conversation_before
            if not self.open.taken_up:
                self.requests.pop()
            self.open = replace(self.open, taken_up=True)

    def _finish(self, record: TurnDone, line: JournalLine) -> None:
        """Keep the turn for undo, if it changed files and a snapshot holds what it left."""
        if self.open is None or not record.paths or not (record.checkpoint or self.open.writes):
            return
        changes = TurnRecord(
            record.turn,
            self.open.before,
            record.checkpoint,
            record.paths,
            commits=record.commits,
            base=record.base,
            staged=record.staged,
            writes=self.open.writes,
        )
        self.turns = self.turns.with_turn(
            UndoableTurn(changes, self.open.request, self.open.conversation_before, seconds_of(line.time))
        )

    def _settle(self) -> None:
        """Forget the open turn: nothing before this record will be done again."""
        self.open = None
        self.replies = {}
        self.runs = []
        self.agents = {}

    def _follow_paid_work(self, record: CallDone | CommandIntent | CommandDone, line: JournalLine) -> None:
        match record:
            case CallDone(prompt_digest=digest, role=role, reply=reply):
                self.spent[role] = self.spent.get(role, Usage()) + reply.usage
                if record.agent is not None:
                    self._follow_agent(record.agent, reply=(digest, reply))
                elif not (line.masked and MASK in reply.text):  # what it said there is lost
                    self.replies[digest] = (*self.replies.get(digest, ()), reply)
            case CommandIntent(agent=agent):
                others = {} if agent is None else self.commands  # agents run commands side by side
                self.commands = {**others, line.number: record}
            case CommandDone(intent, exit_code, told, agent):
                begun = self.commands.pop(intent, None)
                if self.open is None or begun is None or told is None:
                    return
                if agent is not None:
                    self._follow_agent(agent, run=CheckRun(begun.command, exit_code, told))
                else:
                    self._follow_run(begun, exit_code, told)

    def _follow_run(self, begun: CommandIntent, exit_code: int, told: str) -> None:
        """Take in a result. A check that was run once more at its place, in a later attempt, counts as it ended last.

        The reply that follows answers that one. What the model has asked for is never run once more, but may be
        asked for twice in a reply.
        """
        run = CheckRun(begun.command, exit_code, told, len(self.conversation.entries))
        if begun.purpose != "model":
            self.runs = [
                other for other in self.runs if (other.command, other.place) != (run.command, run.place)
            ]
        self.runs.append(run)

    def _begin_agent(self, agent: str, name: str, task: str) -> None:
        """Take in that an agent has begun; what it had got by then is kept where its turn is taken again."""
        known = self.agents.get(agent)
        if known is None or (known.name, known.task) != (name, task):
            self.agents[agent] = AgentRun(name=name, task=task)

    def _follow_agent(
        self, agent: str, reply: tuple[str, Reply] | None = None, run: CheckRun | None = None
    ) -> None:
        """Take in what an agent has been answered, or has run."""
        if (known := self.agents.get(agent)) is None:
            return
        replies = dict(known.replies)
        if reply is not None:
            replies[reply[0]] = (*replies.get(reply[0], ()), reply[1])
        self.agents[agent] = replace(known, replies=replies, runs=(*known.runs, *([run] if run else [])))

    def _follow_writing(
        self, record: SnapshotTaken | EditIntent | EditDone | EditAdopted | CommitIntent | CommitDone
    ) -> None:
        turn = self.open
        if turn is None:
            return
        match record:
            case SnapshotTaken(before):
                self.open = replace(turn, before=turn.before or before)
            case EditIntent(after, kept):
                digests = {path: (*turn.after.get(path, ()), digest) for path, digest in after.items()}
                written = {**turn.after, **digests}
                self.open = replace(turn, paths=tuple(sorted(written)), after=written, writing=kept)
            case EditDone():
                writes = (*turn.writes, turn.writing) if turn.writing else turn.writes
                self.open = replace(turn, writes=writes, writing="")
            case EditAdopted(kept):
                self.open = replace(turn, writes=(*turn.writes, kept))
                self.runs = self.runs[:-1]  # what rewrites files has to be run again
            case CommitIntent(of_user=False):
                self.open = replace(turn, committing=record)
            case CommitDone(commit, of_user=False):
                self.open = replace(turn, commit=commit, committing=turn.committing if commit else None)

    def _follow_undoing(
        self, record: RestoreIntent | RestoreFailed | Rollback | Undo | Redo, line: JournalLine
    ) -> None:
        if isinstance(record, RestoreIntent | RestoreFailed):
            self.restoring = record if isinstance(record, RestoreIntent) else None
            self.restored = False
            return
        self.restored = self.restoring is not None
        if isinstance(record, Redo) or (self.restoring and self.restoring.what == "files"):
            self.restoring = None
        match record:
            case Rollback():
                self._roll_back(record, line)
            case Undo(way, reverts) if self.turns.done:
                undone = Undone(self.turns.done[-1].record, way, reverts)
                self.turns = self.turns.with_undo(undone, self.conversation)
            case Redo(commits) if self.turns.undone:
                before = self.turns.undone[-1].turn.record.commits
                self.turns = self.turns.with_redo(before if commits is None else commits)

    def _roll_back(self, record: Rollback, line: JournalLine) -> None:
        writes = (record.kept,) if record.kept else ()
        changes = TurnRecord(record.turn, record.before, record.after, record.paths, writes=writes)
        self.turns = self.turns.with_turn(
            UndoableTurn(changes, record.request, self.conversation, seconds_of(line.time))
        )

    def _follow_rebuild(self, step: str) -> None:
        if step == "begin":
            self.compacted = self.conversation
        elif self.open is None:
            self._settle()

    def result(self) -> RestoredSession:
        """Return the session; if its last turn was cut off, the conversation is that before the turn."""
        unfinished = replace(self.open, conversation=self.conversation) if self.open else None
        return RestoredSession(
            conversation=unfinished.conversation_before if unfinished else self.conversation,
            spent=self.spent,
            turns=self.turns,
            unfinished=unfinished,
            restoring=self.restoring,
            restored=self.restored,
            replies=self.replies,
            runs=tuple(self.runs),
            agents=self.agents,
            compacted=self.compacted,
            requests=tuple(self.requests),
            tags=tuple(self.tags),
            goal=self.goal.progress,
            goal_taken=self.goal.taken,
            skipped=tuple(self.skipped),
        )

"""[io] One turn: request → prompt → reply → edits → plan → files → lint and test → commit.

Before the write nothing on disk has changed, and whatever ends the turn before that leaves the
conversation as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chat.conversation.context_requests import proposed_commands
from chat.conversation.conversation import Conversation
from chat.model import Mode, Usage
from chat.prompt.next_prompt import begin_request
from chat.results import TurnResult
from chat.sessions.records.turn import TurnBegin, TurnFailed
from chat.state.delegates import AgentTask
from chat.state.state import State
from chat.turn.commits.commits import require_committable
from chat.turn.edit_steps import EditSteps
from chat.turn.editing.edits import Edits
from chat.turn.ending import end_turn
from chat.turn.hooks import StopHooks
from chat.turn.progress import Progress
from chat.turn.replies import MainExchange, editor_exchange, whole_reply
from chat.turn.request_steps import RequestSteps
from chat.turn.requests.work import ReplyWork


def take_turn(state: State, request: str, *, names_files: bool = False, context: str = "") -> TurnResult:
    """Carry a request through to its end; with ``names_files``, paths in a reply are its answer.

    ``context`` is what hooks add to the request.

    Raises ChatError and KeyboardInterrupt; then the conversation is what it was before, unless files
    were written already: they are committed as they are. What git could not commit is refused before a
    model is called, except where the turn changes nothing.
    """
    turn = Turn(state, request, names_files=names_files)
    return _taken(turn, context, turn.take_steps)


def take_delegated_turn(state: State, request: str, task: AgentTask, context: str = "") -> TurnResult:
    """Have an agent do what the user hands over, as a turn of its own; the main model is not asked.

    Its report is what the conversation holds as the reply. Raises what `take_turn` does.
    """
    turn = Turn(state, request)
    return _taken(turn, context, lambda: turn.requests.hand_over_alone(task))


def _taken(turn: "Turn", context: str, take_steps: Callable[[], None]) -> TurnResult:
    if turn.state.may_edit:
        require_committable(turn.state)
    try:
        turn.begin(context)
        take_steps()
    except BaseException:
        turn.break_off()
        raise
    turn.end()
    return turn.result()


@dataclass(slots=True)
class Turn:
    """A turn that is being taken."""

    state: State
    request: str
    names_files: bool = False
    """Paths in a reply's own words are its answer."""
    conversation_before: Conversation = field(init=False)
    usage_before: Usage = field(init=False)
    progress: Progress = field(init=False)
    edits: Edits = field(init=False)
    edit_steps: EditSteps = field(init=False)
    requests: RequestSteps = field(init=False)
    stop_hooks: StopHooks = field(init=False)

    def __post_init__(self) -> None:
        state = self.state
        self.conversation_before, self.usage_before = state.conversation, state.spending.total
        self.progress = Progress(state, self.request, MainExchange(state))
        self.edits, self.stop_hooks = Edits(state), StopHooks(state)
        work = ReplyWork(state, self.edits)
        self.edit_steps = EditSteps(self.progress, self.edits, work)
        self.requests = RequestSteps(self.progress, work, self.names_files)

    def begin(self, context: str = "") -> None:
        """Add the request to the conversation, with the files that it brings, more context and a map for it."""
        state = self.state
        state.spending.before_turn()
        state.ports.journal.write(TurnBegin(self.request, state.conversation.turn + 1))
        if context:
            state.writer.put(state.conversation.with_note(context))
        self.requests.send_map(begin_request(state, self.request))

    def take_steps(self) -> None:
        """Take replies until one asks for nothing more, and no hook sends the turn on."""
        while not self.progress.is_over or self._is_sent_on():
            self._step()

    def _step(self) -> None:
        """Take one reply and do what it asks for: edits, context, a plan for the editor, or nothing more."""
        progress, edits, requests = self.progress, self.edit_steps, self.requests
        is_code = self.state.conversation.mode is Mode.CODE and self.state.may_edit
        with_edits = is_code or progress.editor is not None
        parsed, progress.reply = whole_reply(self.state, progress.exchange, with_edits=with_edits)
        if not parsed.finished:
            edits.end_cut()
            return
        edits.take(parsed)
        if edits.are_refused:
            edits.refuse()
        elif edits.are_ready:
            edits.write_and_check()
            requests.do_after_edits()
        elif requests.wants_work:
            requests.do()
        elif requests.answer():
            return
        elif edits.are_passed_over:
            edits.remind()
        elif self._has_plan_for_editor():
            progress.texts.append(progress.reply)
            progress.editor = editor_exchange(self.state, progress.reply)
        else:
            edits.end_unchanged()

    def _has_plan_for_editor(self) -> bool:
        """Whether the reply is the plan that the editor model waits for."""
        is_architect = self.state.conversation.mode is Mode.ARCHITECT and self.state.may_edit
        return is_architect and self.progress.editor is None and bool(self.progress.reply.strip())

    def _is_sent_on(self) -> bool:
        """Whether hooks do not let the turn end: the model is told why, and goes on."""
        progress, outcome = self.progress, self.progress.outcome
        has_given_up = bool(outcome.refused or outcome.unanswered or outcome.planned)
        objection = self.stop_hooks.objection(progress.reply, is_final=has_given_up or progress.is_stopped)
        if objection:
            progress.exchange.add("user", objection, "feedback")
        progress.is_over = not objection
        return not progress.is_over

    def break_off(self) -> None:
        """Keep and commit what was written; if that is nothing, leave everything as before the turn."""
        if self.edits.written:
            self.end(incomplete=True)
            return
        try:
            self.state.writer.put(self.conversation_before)
            self.state.ports.journal.write(TurnFailed())
        finally:
            self.state.writer.restore(self.conversation_before)  # also where the journal cannot be written

    def end(self, *, incomplete: bool = False) -> None:
        """Commit what was changed and record the turn, and whether something of it was left undone."""
        outcome = self.progress.outcome
        incomplete = incomplete or bool(outcome.refused or outcome.unanswered)
        ending = end_turn(
            self.state, self.edits, self.request, self.conversation_before, incomplete=incomplete
        )
        turn_commits = [ending.commit] if ending.commit else []
        self.progress.outcome = replace(
            self.progress.outcome,
            commits=(*self.edits.user_commits, *turn_commits),
            uncommitted=ending.uncommitted,
            scan=self.edits.commit_gate.ran,
        )

    def result(self) -> TurnResult:
        """Return what the turn did."""
        written = self.edits.written
        return replace(
            self.progress.outcome,
            text="\n\n".join(filter(None, self.progress.texts)),
            edits=tuple(written[path] for path in sorted(written)),
            usage=self.state.spending.total - self.usage_before,
            commands=proposed_commands(self.progress.reply),
        )

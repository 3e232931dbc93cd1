"""[io] One turn: request → prompt → reply → edits → plan → files → lint and test → commit.

Before the write nothing on disk has changed, and whatever ends the turn before that leaves the
conversation as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from chat.conversation import prompt_texts as prompts
from chat.conversation.agent_requests import without_agent_requests
from chat.conversation.context_requests import proposed_commands
from chat.conversation.conversation import Conversation
from chat.conversation.excerpts import show
from chat.conversation.run_requests import without_run_requests
from chat.conversation.summaries import without_edits, without_listings
from chat.events import ContextGiven, EditsRefused, EditsWritten
from chat.hooks.answers import Verdict, joined
from chat.model import Message, Mode, RepoPath, Usage
from chat.prompt.maps import request_map, widened_map
from chat.prompt.next_prompt import begin_request
from chat.prompt.rules import after_failed_edits, editor_edit_format
from chat.results import GIVEN_UP, TurnResult
from chat.sessions.records import EditRefused, TurnBegin, TurnFailed
from chat.state.delegates import AgentTask
from chat.state.hook_calls import before_tools
from chat.state.state import PromptMap, State
from chat.turn.commits.commits import require_committable
from chat.turn.consent.writing import may_write
from chat.turn.editing.edits import Edits, misfits
from chat.turn.ending import end_turn
from chat.turn.hooks import StopHooks, after_edits, edit_calls, objection_to_edits
from chat.turn.replies import MAX_CONTINUATIONS, EditorExchange, Exchange, MainExchange, whole_reply
from chat.turn.requests.context import Answer, grant
from chat.turn.requests.limits import Granted
from chat.turn.requests.work import ReplyWork
from edits import Applied, Plan

_ANSWER_MAP_SHARE = 0.5
_FOUND_MAP_SHARE = 0.125
"""With an answer to a request for context, the map is smaller: the model has begun to choose. Where it got all that
it asked for, only the next best files are left to show."""
_NOT_SEEN = "code that it cannot see in the map"
"""What a model asks for that only says it cannot see what it needs."""
_NOT_CONFIRMED = "The changes were not confirmed; nothing was written."
_STILL_CUT = (
    f"The reply was still cut off at its length limit after {MAX_CONTINUATIONS} continuations, so none of its "
    "edits was written. Ask for less at once."
)


def take_turn(state: State, request: str, *, names_files: bool = False, context: str = "") -> TurnResult:
    """Carry a request through to its end; with ``names_files``, paths in a reply are its answer.

    ``context`` is what hooks add to the request.

    Raises ChatError and KeyboardInterrupt; then the conversation is what it was before, unless files
    were written already: they are committed as they are. What git could not commit is refused before a
    model is called, except where the turn changes nothing.
    """
    if state.may_edit:
        require_committable(state)
    turn = Turn(
        state,
        request,
        state.conversation,
        state.spending.total,
        Edits(state),
        MainExchange(state),
        StopHooks(state),
        names_files=names_files,
    )
    try:
        turn.begin(context)
        while not turn.is_over or turn.is_sent_on():
            turn.step()
    except BaseException:
        turn.break_off()
        raise
    turn.end()
    return turn.result()


def take_delegated_turn(state: State, request: str, task: AgentTask, context: str = "") -> TurnResult:
    """Have an agent do what the user hands over, as a turn of its own; the main model is not asked.

    Its report is what the conversation holds as the reply. Raises what `take_turn` does.
    """
    if state.may_edit:
        require_committable(state)
    turn = Turn(
        state,
        request,
        state.conversation,
        state.spending.total,
        Edits(state),
        MainExchange(state),
        StopHooks(state),
    )
    try:
        turn.begin(context)
        turn.hand_over_alone(task)
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
    conversation_before: Conversation
    usage_before: Usage
    edits: Edits
    main: MainExchange
    stop_hooks: StopHooks
    editor: EditorExchange | None = None
    """The exchange with the editor model, once it has the plan."""
    names_files: bool = False
    """Paths in a reply's own words are its answer, and not files that the model wants to see."""
    granted: Granted = field(default_factory=Granted)
    mapped: set[RepoPath] = field(default_factory=set)
    """The paths that the maps of this turn have shown."""
    texts: list[str] = field(default_factory=list)
    """The model's words, reply by reply."""
    reply: str = ""
    """The last reply."""
    work: ReplyWork = field(init=False)
    reflections: int = 0
    plan: Plan = field(default_factory=lambda: Plan((), ()))
    """What came of the edits of the last reply."""
    is_reminded: bool = False
    """The model left refused edits unanswered once, and was asked again."""
    failure: str = ""
    """What the model was shown of the last check that failed."""
    outcome: TurnResult = field(default_factory=TurnResult)
    is_over: bool = False
    is_stopped: bool = False
    """A hook wants the turn to end whatever others say."""

    def __post_init__(self) -> None:
        self.work = ReplyWork(self.state, self.edits)

    @property
    def exchange(self) -> Exchange:
        """The exchange that the next call belongs to."""
        return self.editor or self.main

    @property
    def may_reflect(self) -> bool:
        """Whether the settings allow to send the model its mistakes once more."""
        return self.reflections < self.state.settings.max_reflections

    def begin(self, context: str = "") -> None:
        """Add the request to the conversation, with the files that it brings, more context and a map for it."""
        state = self.state
        state.spending.before_turn()
        state.ports.journal.write(TurnBegin(self.request, state.conversation.turn + 1))
        if context:
            state.writer.put(state.conversation.with_note(context))
        self._send_map(begin_request(state, self.request))

    def step(self) -> None:
        """Take one reply and do what it asks for: edits, context, a plan for the editor, or nothing more."""
        is_code = self.state.conversation.mode is Mode.CODE and self.state.may_edit
        with_edits = is_code or self.editor is not None
        parsed, self.reply = whole_reply(self.state, self.exchange, with_edits=with_edits)
        if not parsed.finished:
            self._end_cut()
            return
        plan = self.plan = self.edits.plan(parsed, may_ask=self.may_reflect)
        if plan.rejected:
            self.state.ports.journal.write(EditRefused(tuple(edit.message for edit in plan.rejected)))
        if self.edits.refused and plan.results:
            self._refuse(is_final=not self.may_reflect)
        elif self.edits.held and not self.edits.refused:
            self._write_and_check()
            self._work_after_checks()
        elif self._wants_work():
            self._work()
        elif answer := self._answer():
            self._send_answer(answer)
        elif self.edits.refused:
            self._remind()
        elif self._has_plan_for_editor():
            self._hand_to_editor()
        else:
            self.texts.append(self._say_in_place() if plan.results else self.reply)
            self.is_over = True

    def _say_in_place(self) -> str:
        """Tell the user that a reply's edits, all of them, change nothing; return the words beside them.

        The next request tells the model, and shows it the files, since it would go on to send the same.
        """
        paths = sorted({result.path for result in self.plan.results if isinstance(result, Applied)})
        self.state.ports.notice(
            f"The edits of this reply are in place already, so nothing was written: {', '.join(paths)}."
        )
        conversation, text = self.edits.explain(self.request, self.plan)
        self.state.writer.put(conversation.with_note(text))
        return self._prose_beside(paths)

    def _has_plan_for_editor(self) -> bool:
        """Whether the reply is the plan that the editor model waits for."""
        is_architect = self.state.conversation.mode is Mode.ARCHITECT and self.state.may_edit
        return is_architect and self.editor is None and bool(self.reply.strip())

    def _refuse(self, *, is_final: bool) -> None:
        """Explain the refused edits and ask for them again; when the tries are used up, the turn is over."""
        self.state.ports.emit(EditsRefused(self.edits.refused_messages(), final=is_final))
        self._note_denied("Edit", self.edits.denied)
        if is_final:
            self._end_refused()
            return
        self.reflections += 1
        conversation, text = self.edits.explain(self.request, self.plan)
        if self.editor is None:
            self.state.writer.put(conversation)
            if paths := misfits(self.plan):
                text = "\n\n".join(filter(None, (text, after_failed_edits(self.state, paths))))
        self.exchange.add("user", text, "context")

    def _note_denied(self, tool: Literal["Read", "Edit"], paths: Iterable[RepoPath]) -> None:
        """Remember files that the model may not see or change, for whoever made the request."""
        denied = (*self.outcome.denied_files, *((tool, path) for path in paths))
        self.outcome = replace(self.outcome, denied_files=tuple(dict.fromkeys(denied)))

    def _remind(self) -> None:
        """Ask once more for refused edits that a reply without edits passes over; then the turn is over."""
        is_final = self.is_reminded or not self.may_reflect
        self.is_reminded = True
        if is_final:
            self.texts.append(self.reply)
        self._refuse(is_final=is_final)

    def _end_refused(self) -> None:
        """End the turn with edits refused; the others are written only if the user agrees."""
        if self.edits.held:
            if self.state.ports.agrees("Some edits were refused. Write the others?", warns=True):
                self._write_and_check()
            else:
                self.state.ports.notice("The other edits were not written, either.", "warning")
        self._end_short(self.edits.refused_messages())

    def _end_cut(self) -> None:
        """End the turn at a reply of which nobody knows what was to follow; nothing of it is written."""
        self.state.ports.journal.write(EditRefused((_STILL_CUT,)))
        self.state.ports.notice(_STILL_CUT, "error")
        self.texts.append(without_edits(self.reply))
        self._end_short((*self.edits.refused_messages(), _STILL_CUT))

    def _end_short(self, refused: tuple[str, ...]) -> None:
        """End the turn with less done than the model meant to do, and let the model know."""
        self.outcome = replace(self.outcome, refused=refused)
        self.state.writer.put(self.state.conversation.with_note(prompts.NOT_WRITTEN))
        self.is_over = True

    def _write_and_check(self) -> None:
        """Write all edits that are held, run the checks, and send the model what they find."""
        files, calls = self.edits.pending(), edit_calls(self.state, self.edits.held)
        self.texts.append(self._prose_beside(file.path for file in files))
        if self.state.settings.dry_run:
            self.state.ports.emit(EditsWritten(files, dry_run=True))
            self.outcome = replace(self.outcome, planned=files)
            self.is_over = True
        elif (verdict := before_tools(self.state, calls)).objection:
            self._forbid(verdict)
        elif not may_write(self.state, files, verdict):
            self.state.ports.notice(_NOT_CONFIRMED, "error")
            self._end_short((_NOT_CONFIRMED,))
        else:
            self.edits.write()
            self.state.active.failed_replies = 0
            paths = [file.path for file in files]
            said = after_edits(self.state, calls, paths, self.edits.own.adopting())
            self._check(paths, joined((Verdict(context=verdict.context), said)))

    def _forbid(self, verdict: Verdict) -> None:
        """Write nothing of what is held, since hooks forbid it, and let the model try again."""
        message = f"A hook forbids these changes, so nothing was written: {verdict.objection}"
        self.state.ports.notice(message, "warning")
        self.edits.drop()
        self.is_stopped = verdict.stop is not None
        if self.is_stopped or not self.may_reflect:
            self._end_short((message,))
        else:
            self.reflections += 1
            self.exchange.add("user", prompts.HOOK_FORBIDS.format(reason=verdict.objection), "feedback")

    def _prose_beside(self, paths: Iterable[RepoPath]) -> str:
        """The text of the last reply beside its edits of these files."""
        active = self.state.active
        form = active.edit_format() if self.editor is None else editor_edit_format(active)
        prose = without_edits(without_listings(self.reply, paths) if form == "whole" else self.reply)
        if self.editor is not None:
            return prose
        prose = without_run_requests(prose) if self.work.offers_commands else prose
        return without_agent_requests(prose) if self.work.tasks(self.reply) else prose

    def _check(self, paths: list[RepoPath], said: Verdict) -> None:
        """Run the checks, and send the model what they and hooks have against the edits."""
        result = self.edits.check(paths)
        self.outcome = replace(self.outcome, lint=result.lint, test=result.test)
        feedback = "\n\n".join(filter(None, (objection_to_edits(self.state, said), result.feedback)))
        self.is_stopped = said.stop is not None
        is_repeated = bool(feedback) and feedback == self.failure
        if is_repeated:
            self.state.ports.notice(
                "The same check fails in the same way again; the turn ends here.", "warning"
            )
        self.is_over = not feedback or not self.may_reflect or is_repeated or self.is_stopped
        if not self.is_over:
            self.reflections += 1
            self.failure = feedback
            self.exchange.add("user", feedback, "feedback")

    def is_sent_on(self) -> bool:
        """Whether hooks do not let the turn end: the model is told why, and goes on."""
        has_given_up = bool(self.outcome.refused or self.outcome.unanswered or self.outcome.planned)
        objection = self.stop_hooks.objection(self.reply, is_final=has_given_up or self.is_stopped)
        if objection:
            self.exchange.add("user", objection, "feedback")
        self.is_over = not objection
        return not self.is_over

    def _wants_work(self) -> bool:
        """Whether the reply asks for commands, or hands tasks over; the editor model can do neither."""
        return self.editor is None and self.work.is_wanted(self.reply)

    def _work_after_checks(self) -> None:
        """Do what a reply asks for beside its edits, once they are written and no check has failed."""
        is_free = self.is_over and not self.outcome.refused and not self.state.settings.dry_run
        if is_free and self._wants_work():
            self.is_over = False
            self._work(alone=True)

    def _work(self, *, alone: bool = False) -> None:
        """Do what the reply asks for, and unless ``alone`` answer what else it asks for; too much ends the turn."""
        done = self.work.do(self.reply)
        self._take_checks()
        self.outcome = replace(self.outcome, denied=self.work.denied)
        if done.too_much:
            self.outcome = replace(self.outcome, unanswered=done.too_much)
            self.is_over = True
            return
        if done.is_stopped:
            self.is_over = self.is_stopped = True
            return
        answer = None if alone else self._answer()
        if answer is None:
            self.exchange.add("user", done.text, "context")
        else:
            self._send_answer(replace(answer, text=f"{done.text}\n\n{answer.text}"))

    def _take_checks(self) -> None:
        """Count the checks after the changes of agents as the turn's."""
        checks = self.work.checks
        lint, test = checks.lint or self.outcome.lint, checks.test or self.outcome.test
        self.outcome = replace(self.outcome, lint=lint, test=test)

    def _answer(self) -> Answer | None:
        """The answer to a request for context; None where there is no request, or nothing left to answer."""
        answer = grant(self.state, self.request, self.reply, self.granted, only_written=self.names_files)
        if answer is not None:
            self._note_denied("Read", answer.denied)
        if answer is not None and (answer.is_over or (answer.is_empty and answer.granted.widened)):
            unanswered = answer.asked or _NOT_SEEN
            self.outcome = replace(self.outcome, unanswered=unanswered)
            self.state.ports.notice(GIVEN_UP.format(asked=unanswered), "error")
            return None
        return answer

    def _send_answer(self, answer: Answer) -> None:
        """Send what the model asked for, and a map: a wider one if it cannot see what it needs.

        Where a hook wants the turn to end, nothing is sent.
        """
        if answer.is_stopped:
            self.is_over = self.is_stopped = True
            return
        self.state.writer.put(answer.conversation)
        self.granted = answer.granted
        if answer.cannot_see or answer.is_empty:
            self.granted = replace(answer.granted, widened=True)
            self._send_map(widened_map(self.state, self.request, frozenset(self.mapped)))
        else:
            share = _FOUND_MAP_SHARE if answer.is_whole else _ANSWER_MAP_SHARE
            self._send_map(request_map(self.state, self.request, share=share))
        if answer.is_new:
            self.state.ports.emit(ContextGiven(answer.paths, answer.lookups))
        self.exchange.add("user", answer.text, "context")

    def _send_map(self, prompt_map: PromptMap) -> None:
        """Send this map with the next call."""
        self.main.request_map = prompt_map
        self.mapped.update(prompt_map.paths)

    def _hand_to_editor(self) -> None:
        """Give the editor model the plan and the files; its replies are edits."""
        self.texts.append(self.reply)
        workspace = self.state.ports.workspace
        files = [(path, workspace.text(path)) for path in self.state.conversation.editable]
        listings = [show(path, text) for path, text in files if text is not None]
        rules = prompts.editor_text(editor_edit_format(self.state.active))
        task = "\n".join([*listings, prompts.EDITOR_TASK.format(plan=self.reply)])
        self.editor = EditorExchange((Message("system", rules), Message("user", task)))

    def hand_over_alone(self, task: AgentTask) -> None:
        """Have an agent do a task, and take its report for the reply."""
        delegating = self.work.delegating
        told = delegating.hand_over([task])
        self._take_checks()
        self.outcome = replace(self.outcome, delegated=True, answer=delegating.answer)
        self.exchange.add("assistant", told, "reply")
        self.texts.append(told)
        if delegating.failed:
            refused = (told.partition("\n\n")[0],)  # the heading of its report says why
            self.outcome = replace(self.outcome, refused=refused)

    def break_off(self) -> None:
        """Keep and commit what was written; if that is nothing, leave everything as before the turn."""
        if self.edits.written:
            self.end()
            return
        try:
            self.state.writer.put(self.conversation_before)
            self.state.ports.journal.write(TurnFailed())
        finally:
            self.state.writer.restore(self.conversation_before)  # also where the journal cannot be written

    def end(self) -> None:
        """Commit what was changed and record the turn."""
        ending = end_turn(self.state, self.edits, self.request, self.conversation_before)
        turn_commits = [ending.commit] if ending.commit else []
        self.outcome = replace(
            self.outcome,
            commits=(*self.edits.user_commits, *turn_commits),
            uncommitted=ending.uncommitted,
            scan=self.edits.commit_gate.ran,
        )

    def result(self) -> TurnResult:
        """Return what the turn did."""
        written = self.edits.written
        return replace(
            self.outcome,
            text="\n\n".join(filter(None, self.texts)),
            edits=tuple(written[path] for path in sorted(written)),
            usage=self.state.spending.total - self.usage_before,
            commands=proposed_commands(self.reply),
        )

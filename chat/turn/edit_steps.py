"""[io] The steps of a turn that are about edits: they are refused, or written and checked, or change nothing.

Whatever ends the turn before the write leaves the files as they were.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.agent_requests import without_agent_requests
from chat.conversation.run_requests import without_run_requests
from chat.conversation.summaries import without_edits, without_listings
from chat.events import EditsRefused, EditsWritten
from chat.hooks.answers import Verdict, joined
from chat.model import Mode, RepoPath
from chat.prompt.rules import after_failed_edits, editor_edit_format
from chat.sessions.records.changes import EditRefused
from chat.state.hook_calls import before_tools
from chat.turn.consent.writing import may_write
from chat.turn.editing.edits import Edits, misfits
from chat.turn.hooks import after_edits, edit_calls, objection_to_edits
from chat.turn.progress import Progress
from chat.turn.replies import MAX_CONTINUATIONS
from chat.turn.requests.work import ReplyWork
from edits import Applied, Format, ParsedReply, Plan, parse_reply

_NOT_CONFIRMED = "The changes were not confirmed; nothing was written."
_STILL_CUT = (
    f"The reply was still cut off at its length limit after {MAX_CONTINUATIONS} continuations, so none of its "
    "edits was written. Ask for less at once."
)


@dataclass(slots=True)
class EditSteps:
    """What becomes of the edits of a turn's replies."""

    progress: Progress
    edits: Edits
    work: ReplyWork
    """What else the replies ask for, which is no prose."""
    plan: Plan = field(default_factory=lambda: Plan((), ()))
    """What came of the edits of the last reply."""
    is_reminded: bool = False
    """The model left refused edits unanswered once, and was asked again."""
    failure: str = ""
    """What the model was shown of the last check that failed."""

    @property
    def are_refused(self) -> bool:
        """Whether edits are refused, and the last reply has edits."""
        return bool(self.edits.refused and self.plan.results)

    @property
    def are_ready(self) -> bool:
        """Whether there are edits to write, and none is refused."""
        return bool(self.edits.held) and not self.edits.refused

    @property
    def are_passed_over(self) -> bool:
        """Whether edits are refused, whatever the last reply holds."""
        return bool(self.edits.refused)

    def take(self, parsed: ParsedReply) -> None:
        """Plan the edits of a reply on top of those that are held."""
        plan = self.plan = self.edits.plan(parsed, may_ask=self.progress.may_reflect)
        if plan.rejected:
            self._journal(edit.message for edit in plan.rejected)

    def refuse(self) -> None:
        """Explain the refused edits and ask for them again; when the tries are used up, the turn is over."""
        self._refuse(is_final=not self.progress.may_reflect)

    def remind(self) -> None:
        """Ask once more for refused edits that a reply without edits passes over; then the turn is over."""
        is_final = self.is_reminded or not self.progress.may_reflect
        self.is_reminded = True
        if is_final:
            self.progress.texts.append(self.progress.reply)
        self._refuse(is_final=is_final)

    def write_and_check(self) -> None:
        """Write all edits that are held, run the checks, and send the model what they find."""
        progress, state = self.progress, self.progress.state
        files, calls = self.edits.pending(), edit_calls(state, self.edits.held)
        progress.texts.append(self._prose_beside(file.path for file in files))
        if state.settings.dry_run:
            state.ports.emit(EditsWritten(files, dry_run=True))
            progress.outcome = replace(progress.outcome, planned=files)
            progress.is_over = True
        elif (verdict := before_tools(state, calls)).objection:
            self._forbid(verdict)
        elif not may_write(state, files, verdict):
            state.ports.notice(_NOT_CONFIRMED, "error")
            progress.end_short((_NOT_CONFIRMED,))
        else:
            self.edits.write()
            state.active.failed_replies = 0
            paths = [file.path for file in files]
            said = after_edits(state, calls, paths, self.edits.own.adopting())
            self._check(paths, joined((Verdict(context=verdict.context), said)))

    def end_cut(self) -> None:
        """End the turn at a reply of which nobody knows what was to follow; nothing of it is written."""
        self._journal((_STILL_CUT,))
        self.progress.state.ports.notice(_STILL_CUT, "error")
        self.progress.texts.append(without_edits(self.progress.reply))
        self.progress.end_short((*self.edits.refused_messages(), _STILL_CUT))

    def end_unchanged(self) -> None:
        """End the turn at a reply that asks for nothing more and changes nothing."""
        self.progress.texts.append(self._say_in_place() if self.plan.results else self.progress.reply)
        self.progress.is_over = True
        self._say_unread()

    def _say_unread(self) -> None:
        """Tell the user that edits of a reply were not applied, where the turn only answers; they look as if they were.

        A whole file in an answer is more often quoted than meant.
        """
        state, form = self.progress.state, Format(self.progress.state.active.edit_format())
        if state.may_edit or state.agent is not None or form is Format.WHOLE:
            return
        if blocks := parse_reply(self.progress.reply, form).blocks:
            names = ", ".join(dict.fromkeys(block.name for block in blocks if block.name))
            how = (
                "/code TEXT makes changes"
                if state.conversation.mode is Mode.ASK
                else "the permission mode is plan"
            )
            state.ports.notice(f"This turn only answers, so its edits of {names} were not applied; {how}.")

    def _journal(self, messages: Iterable[str]) -> None:
        self.progress.state.ports.journal.write(EditRefused(tuple(messages)))

    def _say_in_place(self) -> str:
        """Tell the user that a reply's edits, all of them, change nothing; return the words beside them.

        The next request tells the model, and shows it the files, since it would go on to send the same.
        """
        state = self.progress.state
        paths = sorted({result.path for result in self.plan.results if isinstance(result, Applied)})
        state.ports.notice(
            f"The edits of this reply are in place already, so nothing was written: {', '.join(paths)}."
        )
        conversation, text = self.edits.explain(self.progress.request, self.plan)
        state.writer.put(conversation.with_note(text))
        return self._prose_beside(paths)

    def _refuse(self, *, is_final: bool) -> None:
        progress, state = self.progress, self.progress.state
        state.ports.emit(EditsRefused(self.edits.refused_messages(), final=is_final))
        progress.note_denied("Edit", self.edits.denied)
        if is_final:
            self._end_refused()
            return
        conversation, text = self.edits.explain(progress.request, self.plan)
        if progress.editor is None:
            state.writer.put(conversation)
            if paths := misfits(self.plan):
                text = "\n\n".join(filter(None, (text, after_failed_edits(state, paths))))
        progress.reflect(text, "context")

    def _end_refused(self) -> None:
        """End the turn with edits refused; the others are written only if the user agrees."""
        ports = self.progress.state.ports
        if self.edits.held:
            if ports.agrees("Some edits were refused. Write the others?", warns=True):
                self.write_and_check()
            else:
                ports.notice("The other edits were not written, either.", "warning")
        self.progress.end_short(self.edits.refused_messages())

    def _forbid(self, verdict: Verdict) -> None:
        """Write nothing of what is held, since hooks forbid it, and let the model try again."""
        progress = self.progress
        message = f"A hook forbids these changes, so nothing was written: {verdict.objection}"
        progress.state.ports.notice(message, "warning")
        self.edits.drop()
        progress.is_stopped = verdict.stop is not None
        if progress.is_stopped or not progress.may_reflect:
            progress.end_short((message,))
        else:
            progress.reflect(prompts.HOOK_FORBIDS.format(reason=verdict.objection), "feedback")

    def _prose_beside(self, paths: Iterable[RepoPath]) -> str:
        """The text of the last reply beside its edits of these files."""
        active, reply, editor = self.progress.state.active, self.progress.reply, self.progress.editor
        form = active.edit_format() if editor is None else editor_edit_format(active)
        prose = without_edits(without_listings(reply, paths) if form == "whole" else reply)
        if editor is not None:
            return prose
        prose = without_run_requests(prose) if self.work.offers_commands else prose
        return without_agent_requests(prose) if self.work.tasks(reply) else prose

    def _check(self, paths: list[RepoPath], said: Verdict) -> None:
        """Run the checks, and send the model what they and hooks have against the edits."""
        progress = self.progress
        result = self.edits.check(paths)
        progress.outcome = replace(progress.outcome, lint=result.lint, test=result.test)
        objection = objection_to_edits(progress.state, said)
        feedback = "\n\n".join(filter(None, (objection, result.feedback)))
        progress.is_stopped = said.stop is not None
        is_repeated = bool(feedback) and feedback == self.failure
        if is_repeated:
            progress.state.ports.notice(
                "The same check fails in the same way again; the turn ends here.", "warning"
            )
        progress.is_over = not feedback or not progress.may_reflect or is_repeated or progress.is_stopped
        if not progress.is_over:
            self.failure = feedback
            progress.reflect(feedback, "feedback")

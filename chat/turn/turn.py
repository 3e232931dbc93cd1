"""One turn: message → prompt → reply → edits → plan → files → commit → lint and test.

`take_turn` is the loop. Until the write nothing on disk has changed; whatever ends the turn before
that leaves the conversation as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.context_requests import proposed_commands
from chat.conversation.conversation import Conversation
from chat.conversation.excerpts import show
from chat.conversation.summaries import without_edits, without_listings
from chat.errors import ChatError, GitError, NeedsTerminal
from chat.events import Committed, ContextGiven, EditsRefused, EditsWritten
from chat.model import Message, Mode, RepoPath, Usage
from chat.prompt.maps import request_map, widened_map
from chat.prompt.rules import edit_format
from chat.results import TurnResult
from chat.sessions.records import EditRefused, TurnBegin, TurnFailed
from chat.snapshots.turn_record import TurnRecord
from chat.state.state import PromptMap, State
from chat.turn.checks import check_edits
from chat.turn.commits import commit_turn
from chat.turn.editing import Edits
from chat.turn.granting import Granted, grant, opening
from chat.turn.replies import Exchange, WithEditor, WithMain, whole_reply
from edits import Plan


def take_turn(state: State, request: str) -> TurnResult:
    """Carries a request through to its end.

    Raises ChatError and KeyboardInterrupt; then the conversation is what it was before, and files
    that were written already are committed as they are.
    """
    turn = Turn(state, request, state.conversation, state.spending.total, Edits(state), WithMain(state))
    try:
        turn.begin()
        while not turn.over:
            turn.step()
    except BaseException:
        turn.break_off()
        raise
    turn.end()
    return turn.result()


@dataclass(slots=True)
class Turn:
    """A turn on its way."""

    state: State
    request: str
    conversation_before: Conversation
    spent_before: Usage
    edits: Edits
    main: WithMain
    editor: WithEditor | None = None
    """The conversation with the editor model, once the plan is there."""
    granted: Granted = field(default_factory=Granted)
    mapped: set[RepoPath] = field(default_factory=set)
    """Paths that the maps of this turn have shown."""
    texts: list[str] = field(default_factory=list)
    last: str = ""
    """The last reply."""
    reflections: int = 0
    failure: str = ""
    """What the last check printed, if it failed."""
    outcome: TurnResult = field(default_factory=TurnResult)
    over: bool = False

    @property
    def exchange(self) -> Exchange:
        """Whom the next call goes to."""
        return self.editor or self.main

    @property
    def may_reflect(self) -> bool:
        """Whether the settings allow to go back to the model once more."""
        return self.reflections < self.state.settings.max_reflections

    def begin(self) -> None:
        """The request enters the conversation, with the files that it brings and what changed meanwhile."""
        state = self.state
        state.spending.before_turn()
        state.ports.journal.write(TurnBegin(self.request, state.conversation.turn + 1))
        conversation, text, self.granted = opening(state, self.request)
        state.writer.put(conversation.with_request(text))
        self._look(request_map(state, self.request))

    def step(self) -> None:
        """One reply, and what follows from it."""
        with_edits = self.state.conversation.mode is Mode.CODE or self.editor is not None
        parsed, self.last = whole_reply(self.state, self.exchange, with_edits=with_edits)
        plan = self.edits.plan(parsed)
        if plan.rejected:
            self._refuse(plan)
        elif self.edits.held:
            self._write()
        elif self._give_context():
            return
        elif self.state.conversation.mode is Mode.ARCHITECT and self.editor is None and self.last.strip():
            self._hand_over()
        else:
            self.texts.append(self.last)
            self.over = True

    def _refuse(self, plan: Plan) -> None:
        """Refused edits are explained and asked for again; when the tries are used up, none is written."""
        messages = tuple(result.message for result in plan.rejected)
        self.state.ports.journal.write(EditRefused(messages))
        self.state.ports.emit(EditsRefused(messages, final=not self.may_reflect))
        if self.may_reflect:
            self.reflections += 1
            conversation, text = self.edits.explanation(plan.rejected, self.request)
            if self.editor is None:
                self.state.writer.put(conversation)
            self.exchange.say("user", text, "context")
            return
        if self.edits.held and self._confirmed("Some edits were refused. Write the others?"):
            self._write()
        self.outcome = replace(self.outcome, refused=messages)
        self.over = True

    def _write(self) -> None:
        """The whole plan reaches the disk; then the checks run, and what they find goes back."""
        settings = self.state.settings
        files = self.edits.pending()
        self.texts.append(self._said(file.path for file in files))
        if settings.dry_run:
            self.state.ports.emit(EditsWritten(files, dry_run=True))
            self.over = True
        elif settings.ask and not self._confirmed(
            "Write these changes?", "".join(each.diff for each in files)
        ):
            self.outcome = replace(
                self.outcome, refused=("The changes were not confirmed; nothing was written.",)
            )
            self.over = True
        else:
            self.edits.write()
            self._check([file.path for file in files])

    def _said(self, edited: Iterable[RepoPath]) -> str:
        """What the last reply says beside its edits."""
        is_whole = edit_format(self.state.settings) == "whole"
        return without_edits(without_listings(self.last, edited) if is_whole else self.last)

    def _check(self, paths: list[RepoPath]) -> None:
        found = check_edits(self.state, paths)
        self.outcome = replace(self.outcome, lint=found.lint, test=found.test)
        if found.feedback and found.feedback == self.failure:
            self.state.ports.notice(
                "The same check fails in the same way again; the turn ends here.", "warning"
            )
        self.over = not found.feedback or not self.may_reflect or found.feedback == self.failure
        if not self.over:
            self.reflections += 1
            self.failure = found.feedback
            self.exchange.say("user", found.feedback, "feedback")

    def _give_context(self) -> bool:
        """Answers what a reply asks for; False where it asks for nothing, or for nothing that is left."""
        given = grant(self.state, self.request, self.last, self.granted)
        if given is None:
            return False
        if given.empty and given.granted.looked_again:
            self.outcome = replace(self.outcome, unanswered=True)
            return False
        self.state.writer.put(given.conversation)
        if given.cannot_see or given.empty:
            self.granted = replace(given.granted, looked_again=True)
            self._look(widened_map(self.state, self.request, frozenset(self.mapped)))
        else:
            self.granted = given.granted
            self._look(request_map(self.state, self.request, share=0.5))
        if given.new:
            self.state.ports.emit(ContextGiven(given.paths, given.lookups))
        self.exchange.say("user", given.text, "context")
        return True

    def _look(self, tail: PromptMap) -> None:
        self.main.tail = tail
        self.mapped |= set(tail.paths)

    def _hand_over(self) -> None:
        """The editor model gets the plan and the files, and its replies are edits."""
        self.texts.append(self.last)
        workspace = self.state.ports.workspace
        files = [(path, workspace.text(path)) for path in self.state.conversation.editable]
        shown = [show(path, text) for path, text in files if text is not None]
        rules = prompts.editor_text(edit_format(self.state.settings))
        task = "\n".join([*shown, prompts.EDITOR_TASK.format(plan=self.last)])
        self.editor = WithEditor((Message("system", rules), Message("user", task)))

    def _confirmed(self, question: str, subject: str = "") -> bool:
        try:
            return self.state.ports.person.confirm(question, subject)
        except NeedsTerminal:
            return False

    def break_off(self) -> None:
        """What was written stays and is committed; a turn that wrote nothing has not been."""
        if self.edits.changed:
            self.end()
            return
        try:
            self.state.writer.put(self.conversation_before)
            self.state.ports.journal.write(TurnFailed())
        finally:
            self.state.writer.restore(self.conversation_before)  # also where the journal cannot be written

    def end(self) -> None:
        """What was changed is committed, and the model will be told so.

        Raises what kept the commit from being made, once all else is done: the files are changed.
        """
        state, paths = self.state, tuple(sorted(self.edits.changed))
        if not paths:
            state.turns.end_unchanged(state.conversation.turn)
            self.outcome = replace(self.outcome, commits=tuple(self.edits.saved))
            return
        head = state.ports.repository.head() if state.ports.repository else None
        made: Committed | None = None
        try:
            made = self._commit(paths)
        finally:
            self.outcome = replace(self.outcome, commits=(*self.edits.saved, *([made] if made else [])))
            done = f"Applied and committed as {made.commit[:8]}" if made else "Applied"
            state.writer.put(state.conversation.with_note(f"({done}: {', '.join(paths)}.)"))
            self._record(paths, made, head, self._snapshot())

    def _record(
        self, paths: tuple[RepoPath, ...], made: Committed | None, head: str | None, after: str
    ) -> None:
        """The turn is over, and can be undone from now on if there is a snapshot of what it left."""
        state, mode = self.state, self.state.settings.commit_mode
        record = TurnRecord(
            state.conversation.turn,
            self.edits.before,
            after,
            paths,
            commits=(made.commit,) if made else (),
            base=head if made and mode == "session" else None,
            staged=mode == "stage",
        )
        state.turns.end(record, self.request, self.conversation_before)

    def _snapshot(self) -> str:
        """The files as the turn leaves them; "" where they cannot be kept, and the turn cannot be undone."""
        try:
            return self.state.ports.snapshots.take(f"after turn {self.state.conversation.turn}")
        except ChatError as error:
            self.state.ports.notice(f"{error} This turn cannot be undone.", "warning")
            return ""

    def _commit(self, paths: tuple[RepoPath, ...]) -> Committed | None:
        try:
            return commit_turn(self.state, paths, self.request)
        except GitError as error:
            self.state.ports.notice(f"{error}\nThe files are changed and not committed.", "error")
            self.outcome = replace(self.outcome, uncommitted=True)
            return None

    def result(self) -> TurnResult:
        """What the turn did."""
        return replace(
            self.outcome,
            text="\n\n".join(filter(None, self.texts)),
            edits=tuple(self.edits.changed[path] for path in sorted(self.edits.changed)),
            usage=self.state.spending.total - self.spent_before,
            commands=proposed_commands(self.last),
        )

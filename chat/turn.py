"""One turn: message → prompt → reply → edits → plan → files → commit → lint and test.

`take_turn` is the loop; each step is a method of `Turn` or a module of its own. Until the write,
nothing on disk has changed, and whatever ends the turn leaves the conversation as it was before.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from chat import context, prompts
from chat.asks import FileAsk, proposed_commands
from chat.checks import check_edits
from chat.commits import commit_turn, save_users_changes
from chat.diffs import edited
from chat.errors import ChatError, GitError, NeedsTerminal
from chat.excerpts import show
from chat.granting import Granted, grant, opening
from chat.model import (
    Committed,
    ContextGiven,
    EditsRefused,
    EditsWritten,
    FileEdited,
    Message,
    Mode,
    ModelRole,
    Prompt,
    RepoPath,
    Usage,
)
from chat.ports import Ran
from chat.session import TurnDone
from chat.state import State
from chat.summaries import without_edits
from chat.talk import Seen, Talk, digest_of
from chat.workspace import count, join_changes, syntax_gate
from edits import EditError, FileChange, Format, ParsedReply, Plan, Reason, Rejected, Rules, parse_reply

_MOST_CONTINUATIONS = 4


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What a turn did."""

    text: str
    """What the model said, without its requests for context."""
    edits: tuple[FileEdited, ...] = ()
    commits: tuple[Committed, ...] = ()
    refused: tuple[str, ...] = ()
    """Why edits that the turn ended with were not made."""
    lint: Ran | None = None
    test: Ran | None = None
    usage: Usage = field(default_factory=Usage)
    asked_in_vain: bool = False
    """The last reply asked for what could not be given."""
    commands: tuple[str, ...] = ()
    """Shell commands that the last reply proposes."""

    @property
    def files_changed(self) -> tuple[RepoPath, ...]:
        """The files that the turn changed, sorted."""
        return tuple(sorted({edit.path for edit in self.edits}))

    @property
    def ok(self) -> bool:
        """Whether all that the model meant was done and no check is red."""
        red = any(ran is not None and ran.exit_code != 0 for ran in (self.lint, self.test))
        return not (self.refused or self.asked_in_vain or red)


def take_turn(state: State, request: str) -> TurnResult:
    """Carries a request through to its end.

    Raises ChatError and KeyboardInterrupt; then the conversation is what it was before, and files
    that were written already are committed as they are.
    """
    before, spent = state.talk, state.usage
    turn = Turn(state, request, before)
    try:
        turn.begin()
        while not turn.over:
            turn.step()
        turn.end()
    except BaseException:
        if turn.changed:
            turn.end()
        else:
            state.put(before)
            state.journal.write("turn.failed", {})
        raise
    return turn.result(spent)


@dataclass(slots=True)
class Turn:
    """A turn on its way."""

    state: State
    request: str
    talk_before: Talk
    over: bool = False
    tail: context.Tail = field(default_factory=context.Tail)
    mapped: set[RepoPath] = field(default_factory=set)
    """Paths that the maps of this turn have shown."""
    granted: Granted = field(default_factory=Granted)
    held: dict[RepoPath, FileChange] = field(default_factory=dict)
    """Edits that fit and wait for those that were refused."""
    changed: dict[RepoPath, FileEdited] = field(default_factory=dict)
    before: str = ""
    """The snapshot before the first write."""
    commits: list[Committed] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    reflections: int = 0
    failure: str = ""
    """What the last check printed, if it failed."""
    lint: Ran | None = None
    test: Ran | None = None
    texts: list[str] = field(default_factory=list)
    editor: tuple[Message, ...] = ()
    """The conversation with the editor model, once the plan is there."""
    in_vain: bool = False
    last: str = ""
    """The last reply."""

    # The steps

    def begin(self) -> None:
        """The request enters the conversation, with the files that it brings and what changed meanwhile."""
        state = self.state
        state.limits.before_turn()
        state.journal.write("turn.begin", {"request": self.request, "turn": state.talk.turn + 1})
        talk, text, self.granted = opening(state, self.request)
        state.put(talk.ask(text))
        self._look(context.focus(state, self.request))

    def step(self) -> None:
        """One reply, and what follows from it."""
        parsed, text = self._reply()
        self.last = text
        plan = self._plan(parsed)
        if plan.rejected:
            self._refuse(plan)
        elif self.held:
            self._write()
        elif self._give_context(text):
            return
        elif self.state.talk.mode is Mode.ARCHITECT and not self.editor and text.strip():
            self._hand_over(text)
        else:
            self.texts.append(text)
            self.over = True

    def end(self) -> None:
        """What was changed is committed, and the model will be told so."""
        state = self.state
        if self.changed:
            paths = tuple(sorted(self.changed))
            try:
                made = commit_turn(state, paths, self.request)
            except GitError as error:
                state.notice(f"{error} The files are changed and not committed.", "error")
                made = None
            done = f"Applied and committed as {made.commit[:8]}" if made else "Applied"
            state.put(state.talk.note(f"({done}: {', '.join(paths)}.)"))
            self.commits += [made] if made else []
        after = state.checkpoints.take(f"after turn {state.talk.turn}") if self.changed else ""
        commits = tuple(commit.commit for commit in self.commits if not commit.of_user)
        fields = {
            "turn": state.talk.turn,
            "paths": sorted(self.changed),
            "commits": commits,
            "checkpoint": after,
        }
        number = state.journal.write("turn.done", fields)
        if self.changed:
            paths = tuple(sorted(self.changed))
            state.turns.append(
                TurnDone(
                    state.talk.turn,
                    self.request,
                    paths,
                    commits,
                    self.before,
                    after,
                    self.talk_before,
                    number,
                    time.time(),
                )
            )
            state.undone.clear()

    def result(self, spent: Usage) -> TurnResult:
        """What the turn did; ``spent`` is what the session had taken before."""
        return TurnResult(
            "\n\n".join(filter(None, self.texts)),
            tuple(self.changed[path] for path in sorted(self.changed)),
            tuple(self.commits),
            self.refused,
            self.lint,
            self.test,
            _since(spent, self.state.usage),
            self.in_vain,
            proposed_commands(self.last),
        )

    # The reply

    def _reply(self) -> tuple[ParsedReply, str]:
        """The next reply, whole: what a limit cut is continued and its edits joined."""
        role = ModelRole.EDITOR if self.editor else ModelRole.MAIN
        form = Format(context.edit_format(self.state))
        reply = self.state.call(self._prompt(), role)
        self._say("assistant", reply.text)
        parsed, text = self._parsed(reply.text, form), reply.text
        for _ in range(_MOST_CONTINUATIONS):
            if reply.finish != "length":
                break
            in_edit = bool(parsed.blocks) and form is not Format.WHOLE
            self._say("user", prompts.CONTINUE_EDITS if in_edit else prompts.CONTINUE_TEXT)
            reply = self.state.call(self._prompt(), role)
            self._say("assistant", reply.text)
            rest = self._parsed(reply.text, form)
            parsed = _joined(parsed, rest) if in_edit else self._parsed(text + reply.text, form)
            text = f"{text}\n{reply.text}" if in_edit else text + reply.text
        return (replace(parsed, finished=True) if reply.finish == "stop" else parsed), text

    def _parsed(self, text: str, form: Format) -> ParsedReply:
        """The edits of a reply, where the mode allows any."""
        if self.state.talk.mode is Mode.CODE or self.editor:
            return parse_reply(text, form)
        return ParsedReply(form, (), True)

    def _prompt(self) -> Prompt:
        if self.editor:
            return Prompt(self.editor)
        return context.checked(self.state, self.state.talk.prompt(self.tail.text))

    def _say(self, role: Literal["user", "assistant"], text: str) -> None:
        if self.editor:
            self.editor = (*self.editor, Message(role, text))
        else:
            self.state.say(role, text, "reply" if role == "assistant" else "feedback")

    def _hand_over(self, plan: str) -> None:
        """The editor model gets the plan and the files, and its replies are edits."""
        self.texts.append(plan)
        files = [self.state.workspace.text(path) or "" for path in self.state.talk.editable]
        shown = [show(path, text) for path, text in zip(self.state.talk.editable, files, strict=True)]
        task = prompts.EDITOR_TASK.format(plan=plan)
        self.editor = (
            Message("system", prompts.editor_text(context.edit_format(self.state))),
            Message("user", "\n".join([*shown, task])),
        )

    # Context

    def _look(self, tail: context.Tail) -> None:
        self.tail = tail
        self.mapped |= set(tail.paths)

    def _give_context(self, text: str) -> bool:
        """Answers what a reply asks for; False where it asks for nothing, or for nothing that is left."""
        given = grant(self.state, self.request, text, self.granted)
        if given is None:
            return False
        self.granted = given.granted
        if not given.new and (self.granted.looked_again or not self.state.workspace.paths()):
            self.in_vain = True
            return False
        if given.lost or not given.new:
            self.granted = replace(self.granted, looked_again=True)
            self._look(context.more(self.state, self.request, frozenset(self.mapped)))
        else:
            self._look(context.focus(self.state, self.request, share=0.5))
        if given.new:
            self.state.put(given.talk)
            self.state.emit(ContextGiven(given.paths, given.lookups))
        self._say("user", given.text)
        return True

    # Edits

    def _plan(self, parsed: ParsedReply) -> Plan:
        """What the reply does on top of what is held back; what fits is held from now on."""
        if not parsed.blocks:
            return Plan((), ())
        talk, workspace = self.state.talk, self.state.workspace
        shown = {
            seen.path: content
            for seen in talk.seen
            if seen.path not in self.held
            and (content := workspace.read(seen.path)) is not None
            and digest_of(content) == seen.digest
        }
        rules = Rules(
            chat=talk.editable,
            read_only=frozenset(seen.path for seen in talk.seen if seen.read_only),
            shown=shown,
            gate=syntax_gate() if self.state.settings.syntax_gate else None,
            partial=True,
        )
        plan = workspace.plan(parsed, self.held, rules)
        self.held = join_changes(self.held, plan.changes)
        return plan

    def _refuse(self, plan: Plan) -> None:
        """The refused edits are explained and asked for again, as often as the settings allow."""
        messages = tuple(result.message for result in plan.rejected)
        final = self.reflections >= self.state.settings.max_reflections
        self.state.emit(EditsRefused(messages, final))
        if not final:
            self.reflections += 1
            self._say("user", self._explanation(plan.rejected))
            return
        self.refused, self.over = messages, True
        if self.held and self._confirmed("Some edits were refused. Write the others?"):
            self._write()
            self.over = True

    def _explanation(self, rejected: Sequence[Rejected]) -> str:
        parts = [prompts.NOT_APPLIED, *(result.message for result in rejected)]
        unseen = {
            result.path
            for result in rejected
            if result.path and result.reason in (Reason.NOT_FOUND, Reason.AMBIGUOUS, Reason.STALE)
        }
        talk, texts = show_for_repair(self.state, sorted(unseen), self.request)
        if not self.editor:
            self.state.put(talk)
        return "\n\n".join([*parts, *texts, *([prompts.HELD_BACK] if self.held else [])])

    def _confirmed(self, question: str, subject: str = "") -> bool:
        try:
            return self.state.person.confirm(question, subject)
        except NeedsTerminal:
            return False

    def _write(self) -> None:
        """The whole plan reaches the disk; then the checks run, and what they find goes back."""
        state = self.state
        changes = [self.held[path] for path in sorted(self.held)]
        files = tuple(edited(change) for change in changes)
        if state.settings.dry_run:
            state.emit(EditsWritten(files, dry_run=True))
            self.texts.append(without_edits(self.last))
            self.changed, self.over = {}, True
            return
        if state.settings.ask and not self._confirmed("Write these changes?", "".join(f.diff for f in files)):
            self.refused, self.over = ("The changes were not confirmed, so nothing was written.",), True
            return
        self._before_write([file.path for file in files])
        after = {
            change.path: digest_of(change.after) if change.after is not None else "" for change in changes
        }
        intent = state.journal.write("edit.intent", {"after": after})
        try:
            state.workspace.write(changes)
        except EditError as error:
            raise ChatError(str(error)) from error
        state.journal.write("edit.done", {"intent": intent})
        self.held = {}
        self.changed |= {file.path: file for file in files}
        state.put(known_after(state.talk, changes))
        state.emit(EditsWritten(files))
        self.texts.append(without_edits(self.last))
        self._check([file.path for file in files])

    def _before_write(self, paths: Sequence[RepoPath]) -> None:
        """What must be so before a file is touched: git is ready, the user's changes are safe."""
        state = self.state
        if self.changed:
            return
        if state.repository is not None and state.settings.commit_mode == "turn":
            why = state.repository.blocked()
            if why:
                raise GitError(f"no file was changed: {why}. Finish that, or use --commit-mode none.")
        state.journal.write(
            "checkpoint", {"before": state.checkpoints.take(f"before turn {state.talk.turn}")}
        )
        saved = save_users_changes(state, paths)
        self.commits += [saved] if saved else []

    def _check(self, paths: Sequence[RepoPath]) -> None:
        found = check_edits(self.state, paths)
        self.lint, self.test = found.lint, found.test
        if not found.feedback or self.reflections >= self.state.settings.max_reflections:
            self.over = True
        elif found.feedback == self.failure:
            self.state.notice("The same check fails in the same way again; the turn ends here.", "warning")
            self.over = True
        else:
            self.reflections += 1
            self.failure = found.feedback
            self._say("user", found.feedback)


def show_for_repair(state: State, paths: Sequence[RepoPath], request: str) -> tuple[Talk, list[str]]:
    """The files of refused edits which the model has not seen whole, or not as they are now."""
    talk, texts = state.talk, []
    for path in paths:
        seen, content = talk.file(path), state.workspace.read(path)
        if content is None or (seen is not None and not seen.spans and seen.digest == digest_of(content)):
            continue
        shown = state.workspace.show(FileAsk(path), request, talk.turn, seen)
        if shown is not None:
            talk = talk.see([shown.seen])
            texts.append(shown.text)
    return talk, texts


def known_after(talk: Talk, changes: Sequence[FileChange]) -> Talk:
    """The conversation in which the model knows the files as its edits left them."""
    for change in changes:
        seen = talk.file(change.path)
        if change.after is None:
            talk = talk.forget([change.path])
        elif seen is not None:
            tokens = seen.tokens if seen.spans else count(change.after.decode("utf-8", "replace"))
            talk = talk.see(
                [replace(seen, digest=digest_of(change.after), tokens=tokens, used_turn=talk.turn)]
            )
        elif change.before is None:
            tokens = count(change.after.decode("utf-8", "replace"))
            talk = talk.see([Seen(change.path, digest_of(change.after), tokens, talk.turn)])
    return talk


def _joined(first: ParsedReply, rest: ParsedReply) -> ParsedReply:
    """Two parts of one reply: of the first, what had come whole."""
    whole = first.blocks if first.finished else first.blocks[:-1]
    return ParsedReply(first.format, (*whole, *rest.blocks), rest.finished)


def _since(before: Usage, now: Usage) -> Usage:
    unknown = before.cost_usd is None or now.cost_usd is None
    return Usage(
        now.calls - before.calls,
        now.prompt_tokens - before.prompt_tokens,
        now.cached_tokens - before.cached_tokens,
        now.completion_tokens - before.completion_tokens,
        None if unknown else (now.cost_usd or 0.0) - (before.cost_usd or 0.0),
    )

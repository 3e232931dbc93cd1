"""[io] The user's hooks around what a turn does: asked before edits are written, told afterwards, and at the end."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat.conversation import prompt_texts as prompts
from chat.conversation.context_requests import Lookup
from chat.errors import GitError
from chat.hooks.answers import Verdict
from chat.model import RepoPath
from chat.state.hook_calls import (
    ToolCall,
    after_tools,
    before_tools,
    edit_call,
    file_response,
    map_call,
    read_call,
    turn_stops,
)
from chat.state.state import State

if TYPE_CHECKING:
    from edits import FileChange  # the first prompt does not need `edits`

MAX_SENT_ON = 8
"""Hooks that do not let a turn end send it on so often, and no more."""


@dataclass(slots=True)
class HookVerdicts:
    """What hooks say while one reply is answered: texts for the model, and whether the turn is to end."""

    is_stopped: bool = False
    texts: list[str] = field(default_factory=list)

    def add(self, state: State, verdict: Verdict) -> Verdict:
        """Remember what a verdict adds, and whether it ends the turn, which the user is told."""
        if verdict.stop is not None:
            self.is_stopped = True
            state.ports.notice(f"A hook ends the turn: {verdict.objection}", "warning")
        if verdict.context:
            self.texts.append(verdict.context)
        return verdict

    def take(self, objection: str = "") -> str:
        """Return an objection and all texts since the last time as the model is told them; "" where there are none."""
        text = "\n\n".join(filter(None, (objection, *self.texts)))
        self.texts.clear()
        return prompts.HOOK_OBJECTS.format(reason=text) if text else ""


def edit_calls(state: State, held: "Mapping[RepoPath, FileChange]") -> tuple[ToolCall, ...]:
    """Return the edits that are held as hooks know them, by path."""
    return tuple(edit_call(state.ports.root, held[path]) for path in sorted(held))


def after_edits(
    state: State,
    calls: Sequence[ToolCall],
    paths: Sequence[RepoPath],
    adopting: AbstractContextManager[None],
) -> Verdict:
    """Tell of edits that were written; what hooks make of the files, such as a formatter, is the turn's own."""
    responses = [file_response(state.ports.root, path) for path in paths]
    with adopting:
        return after_tools(state, zip(calls, responses, strict=True))


def objection_to_edits(state: State, said: Verdict) -> str:
    """Return what the model is told of the edits it made, and show it; "" where hooks have nothing against them.

    What they only add is carried by the next request.
    """
    if not said.objection:
        if said.context:
            state.writer.put(state.conversation.with_note(said.context))
        return ""
    state.ports.notice(f"A hook objects to the edits: {said.objection}", "warning")
    return prompts.HOOK_OBJECTS.format(reason="\n\n".join(filter(None, (said.objection, said.context))))


def said_of_context(
    state: State, paths: Sequence[RepoPath], answers: Sequence[tuple[Lookup, str]], verdicts: HookVerdicts
) -> str:
    """Tell hooks of files and answers that the model is shown; return what they say of them to the model."""
    root = state.ports.root
    calls = [(read_call(root, path), file_response(root, path)) for path in paths]
    calls += [(map_call(lookup), {"result": answer}) for lookup, answer in answers]
    return verdicts.take(verdicts.add(state, after_tools(state, calls)).objection)


def asked_about_commit(state: State, paths: Sequence[RepoPath], message: str) -> ToolCall:
    """Ask hooks about the commit of a turn; returns it as they know it. Raises GitError where they forbid it."""
    call = ToolCall("Commit", {"message": message, "paths": list(paths)})
    verdict = before_tools(state, (call,))
    if verdict.objection:
        raise GitError(f"A hook forbids the commit: {verdict.objection}")
    if verdict.decision == "ask" and not state.ports.agrees("Make this commit?", message):
        raise GitError("A hook wanted you to be asked about the commit, and it was not confirmed.")
    if verdict.context:
        state.writer.put(state.conversation.with_note(prompts.HOOK_OBJECTS.format(reason=verdict.context)))
    return call


def told_of_commit(state: State, call: ToolCall, commit: str) -> None:
    """Tell hooks of a commit that was made; the next request carries what they say of it to the model."""
    said = after_tools(state, [(call, {"commit": commit, "success": True})])
    text = "\n\n".join(filter(None, (said.objection, said.context)))
    if said.objection:
        state.ports.notice(f"A hook objects to the commit: {said.objection}", "warning")
    if text:
        state.writer.put(state.conversation.with_note(prompts.HOOK_OBJECTS.format(reason=text)))


@dataclass(slots=True)
class StopHooks:
    """The hooks that may send a turn on when it is about to end."""

    state: State
    sent_on: int = 0
    """How often they did."""

    def objection(self, last_reply: str, *, is_final: bool) -> str:
        """Return why the turn has to go on, for the model; "" where it may end, as it does if it ``is_final``."""
        verdict = turn_stops(self.state, last_reply, is_again=self.sent_on > 0)
        objection = verdict.objection if verdict.stop is None else ""
        said = "\n\n".join(filter(None, (objection, verdict.context)))
        if verdict.stop is not None or not said or is_final:
            return ""
        if self.sent_on == MAX_SENT_ON:
            text = f"Hooks have sent the turn on {MAX_SENT_ON} times, so it ends here: {said}"
            self.state.ports.notice(text, "warning")
            return ""
        self.sent_on += 1
        self.state.ports.notice(f"A hook sends the turn on: {said}")
        return said

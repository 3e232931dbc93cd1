"""[io] The commands that the model asks for: decided on, run in the sandbox, and what it is told of them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from chat.conversation import prompt_texts as prompts
from chat.errors import ChatError
from chat.events import CommandRan, CommandStarted
from chat.hooks.answers import Verdict
from chat.permissions.ground import Decision
from chat.permissions.suggest import rule_for
from chat.ports import Ran
from chat.prompt.budget import ceiling
from chat.sessions.records.turn import CommandDone, CommandIntent
from chat.state.hook_calls import ToolCall, after_tools, before_tools, command_call
from chat.state.state import State
from chat.state.tokens import count, prompt_tokens
from chat.turn.checks import offloaded
from chat.turn.consent.decisions import command_decision
from chat.turn.consent.new_rules import add_rule
from chat.turn.hooks import HookVerdicts
from repomap import escaped_text, hides_something

_OUTPUT_SHARE, _MIN_OUTPUT_TOKENS = 0.25, 200
"""An output may take a part of the room that is left in the prompt, or so many tokens."""
MAX_COMMANDS = 40
"""A model that has asked for so many in one turn will not come to an end by itself."""


@dataclass(frozen=True, slots=True)
class CommandAnswers:
    """What the model is told of the commands of one reply."""

    text: str
    denied: tuple[str, ...] = ()
    """The commands that were not run because nobody allowed them."""
    is_stopped: bool = False
    """A hook wants the turn to end."""


def run_for_model(
    state: State, commands: Sequence[str], adopting: AbstractContextManager[None]
) -> CommandAnswers:
    """Decide on each command, run those that are allowed, and return the answer to the model.

    What they make of the turn's own files is counted as the turn's, for which they run inside of ``adopting``.
    """
    parts: list[str] = []
    denied: list[str] = []
    verdicts = HookVerdicts()
    with adopting:
        for command in commands:
            decided = _decide(state, command, verdicts)
            if decided.reason:
                denied.append(command)
                text = f"Not run, because {decided.reason}: {escaped_text(decided.command)}"
                state.ports.notice(text, "warning")
                told = prompts.NOT_RUN.format(command=decided.command, reason=decided.reason)
                parts.append("\n\n".join(filter(None, (told, verdicts.take()))))
            else:
                parts.append(_run(state, command, decided.command, _room(state, parts), verdicts))
            if verdicts.is_stopped:
                break
    return CommandAnswers("\n\n".join(parts), tuple(denied), verdicts.is_stopped)


@dataclass(frozen=True, slots=True)
class _Decided:
    """What becomes of a command that the model asks for."""

    command: str
    """What is run: what the model asked for, or what a hook has made of it."""
    reason: str = ""
    """Why it is not run; "" where it is."""


def _decide(state: State, command: str, verdicts: HookVerdicts) -> _Decided:
    """Decide on a command: a rule, the mode, a hook or the person allows it.

    What a rule denies is not run whatever hooks say, and a rule that asks is not answered by them. That holds as well
    for what a hook makes of it.
    """
    if state.calls.reusable.has_run(command, len(state.conversation.entries)):
        return _Decided(command)  # it was run before the interruption
    if reason := _denied_by_rules(state, command):
        return _Decided(command, reason)
    verdict = verdicts.add(state, before_tools(state, (_call(state, command),)))
    if verdict.objection:
        return _Decided(command, f"a hook forbids it: {verdict.objection}")
    if verdict.updated is not None:
        command = str(verdict.updated["command"])
        if reason := _denied_by_rules(state, command):
            return _Decided(command, reason)
    return _Decided(command, _reason_to_ask(state, command, verdict))


def _denied_by_rules(state: State, command: str) -> str:
    if hides_something(command):
        return "it holds characters that nobody could see"
    decision = command_decision(state, command)
    return decision.reason if decision.behavior == "deny" else ""


def _reason_to_ask(state: State, command: str, verdict: Verdict) -> str:
    """Ask the person where nothing else allows a command; return why it is not run, or ""."""
    decision = command_decision(state, command)
    if verdict.decision == "ask":
        reason = f"a hook wants you to be asked{f': {verdict.reason}' if verdict.reason else ''}"
        return _asked(state, command, Decision("ask", reason, decision.rule))
    is_answered = verdict.decision == "allow" and decision.rule is None
    return "" if decision.behavior == "allow" or is_answered else _asked(state, command, decision)


def _call(state: State, command: str) -> ToolCall:
    return command_call(command, state.settings.command_timeout)


def _asked(state: State, command: str, decision: Decision) -> str:
    """Ask the person; return why a command is not run, or ""."""
    if not state.ports.person.is_there:
        return f"{decision.reason}, and nobody is there to ask"
    rule = rule_for(command) if decision.rule is None else ""
    answer = state.ports.person.permit(command, rule)
    if answer == "always":
        try:
            add_rule(state, "allow", rule)
        except ChatError as error:
            state.ports.notice(f"{error}", "warning")
    return "" if answer in ("yes", "always") else f"the user does not allow it ({decision.reason})"


def _room(state: State, parts: Sequence[str]) -> int:
    """Return the tokens that the next output may have, so that outputs never fill the prompt."""
    taken = prompt_tokens(state.conversation.prompt()) + sum(map(count, parts))
    return max(_MIN_OUTPUT_TOKENS, int((ceiling(state.active) - taken) * _OUTPUT_SHARE))


def _run(state: State, asked: str, command: str, max_tokens: int, verdicts: HookVerdicts) -> str:
    """Run what was made of a command that was ``asked`` for, unless its result is in the journal.

    Returns what the model is told.
    """
    ports = state.ports
    earlier = state.calls.reusable.take_run(asked, len(state.conversation.entries), again=True)
    if earlier is not None:
        ports.emit(CommandRan(command, earlier.exit_code, earlier.feedback, "model"))
        return earlier.feedback
    intent = ports.journal.write(CommandIntent(asked, "model"))
    ports.emit(CommandStarted(command))
    ran = _ran(state, command)
    text = prompts.COMMAND_RAN.format(
        command=command,
        ended=_ended(ran, state.settings.command_timeout),
        output=offloaded(state, ran.output, max_tokens) or prompts.NO_OUTPUT,
    )
    changed = prompts.COMMAND_CHANGED.format(asked=asked) if command != asked else ""
    text = "\n\n".join(filter(None, (changed, text, _said_of(state, command, ran, verdicts))))
    ports.journal.write(CommandDone(intent, ran.exit_code, text))
    ports.emit(CommandRan(command, ran.exit_code, ran.output, "model"))
    return text


def _said_of(state: State, command: str, ran: Ran, verdicts: HookVerdicts) -> str:
    """Tell hooks of a command that has ended; return what they say of it to the model."""
    response = {
        "stdout": ran.output,
        "stderr": "",
        "exit_code": ran.exit_code,
        "interrupted": ran.timed_out,
    }
    verdict = verdicts.add(state, after_tools(state, [(_call(state, command), response)]))
    return verdicts.take(verdict.objection)


def _ran(state: State, command: str) -> Ran:
    shell = state.ports.model_shell
    if shell is None:
        return Ran(command, 127, "There is no shell for it here.")
    try:
        return shell.run(command, state.settings.command_timeout)
    except ChatError as error:  # it could not be started; the model may know another way
        return Ran(command, 126, str(error))


def _ended(ran: Ran, timeout_s: float) -> str:
    if ran.timed_out:
        return f"ended after {timeout_s:g} s, the time limit"
    return f"exit code {ran.exit_code}"

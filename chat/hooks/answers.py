"""What a hook has printed and how it ended → a verdict. The rules are those that Claude Code documents."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chat.safety.piped import Ended

Decision = Literal["", "allow", "ask", "deny"]

_STRENGTH: tuple[Decision, ...] = ("", "allow", "ask", "deny")
_BLOCKED = 2
"""The exit code with which a hook forbids."""
_CAN_BLOCK = frozenset(
    ("UserPromptSubmit", "PreToolUse", "PostToolUse", "PreCompact", "Stop", "SubagentStop")
)
_TEXT_IS_CONTEXT = frozenset(("UserPromptSubmit", "SessionStart"))
_MAX_SHOWN = 2_000
"""Of a hook's own error the user is shown this many characters."""
_DECISIONS: dict[str, Decision] = {
    "allow": "allow",
    "approve": "allow",
    "ask": "ask",
    "deny": "deny",
    "block": "deny",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the hooks of one event say."""

    decision: Decision = ""
    """"deny" forbids what is about to happen, or objects to what has; "" says nothing."""
    reason: str = ""
    context: str = ""
    """A text for the model."""
    stop: str | None = None
    """Why the turn is to end at once; None where it is not."""
    messages: tuple[str, ...] = ()
    """Texts for the user: what hooks say, and warnings about them."""
    updated: Mapping[str, Any] | None = None
    """What the tool is to get in place of its input; None where it stays."""

    @property
    def objection(self) -> str:
        """Why this may not go on; "" where nothing stands against it."""
        if self.stop is not None:
            return self.stop or "a hook ended the turn"
        return (self.reason or "a hook forbids it") if self.decision == "deny" else ""


class _Broken(Exception):
    """The JSON of an answer is not what it should be."""


def joined(verdicts: Iterable[Verdict]) -> Verdict:
    """Join what several hooks say: the strictest decides, and all texts are kept.

    >>> joined([Verdict("allow"), Verdict("deny", "no"), Verdict("ask", "sure?")]).reason
    'no'
    """
    each = tuple(verdicts)
    decision: Decision = max((verdict.decision for verdict in each), key=_STRENGTH.index, default="")
    return Verdict(
        decision,
        "\n".join(v.reason for v in each if v.decision == decision and v.reason),
        "\n".join(v.context for v in each if v.context),
        next((v.stop for v in each if v.stop is not None), None),
        tuple(message for v in each for message in v.messages),
        next((v.updated for v in each if v.updated is not None), None),
    )


def read_answer(event: str, name: str, ended: Ended) -> Verdict:
    """Read how a hook ended; ``name`` is what warnings call it.

    Exit code 0: its standard output is JSON, or a text, which is context at the events that take any. 2: it forbids,
    and standard error says why. Anything else, a timeout or broken JSON costs a warning and decides nothing.
    """
    if ended.timed_out:
        return _warning(f"{name} was ended after {ended.took_s:.0f} s, its time limit; it decides nothing.")
    error = ended.stderr.strip()
    if ended.exit_code == _BLOCKED:
        if event in _CAN_BLOCK:
            return Verdict("deny", error or f"{name} forbids it.")
        return _warning(f"{name}: {_beginning(error) or 'ended with exit code 2.'}")
    if ended.exit_code != 0:
        said = f": {_beginning(error)}" if error else "."
        return _warning(f"{name} failed with exit code {ended.exit_code} and decides nothing{said}")
    if ended.is_cut:
        return _warning(f"{name} printed too much, so its answer was not used.")
    try:
        return _of_output(event, ended.stdout.strip())
    except (_Broken, RecursionError) as broken:
        return _warning(f"{name} printed JSON that cannot be used ({broken}); it decides nothing.")


def _of_output(event: str, output: str) -> Verdict:
    if not output.startswith("{"):
        return Verdict(context=output if event in _TEXT_IS_CONTEXT else "")
    try:
        fields = json.loads(output)
    except ValueError as error:
        raise _Broken(str(error)) from error
    specific = fields.get("hookSpecificOutput") or {}
    if not isinstance(specific, dict):
        raise _Broken("hookSpecificOutput is not an object")
    updated = specific.get("updatedInput") if event == "PreToolUse" else None
    if updated is not None and not isinstance(updated, dict):
        raise _Broken("updatedInput is not an object")
    decision = _decision(event, fields, specific)
    reason = _text(specific, "permissionDecisionReason") or _text(fields, "reason")
    stop = (_text(fields, "stopReason") or "") if fields.get("continue") is False else None
    message = _text(fields, "systemMessage")
    context = _text(specific, "additionalContext")
    return Verdict(decision, reason, context, stop, (message,) if message else (), updated)


def _decision(event: str, fields: dict[str, Any], specific: dict[str, Any]) -> Decision:
    value = specific.get("permissionDecision") if event == "PreToolUse" else None
    value = fields.get("decision") if value is None else value
    if value is None or event not in _CAN_BLOCK:
        return ""
    if not isinstance(value, str) or value not in _DECISIONS:
        raise _Broken(f"no decision is called {value!r}")
    decision = _DECISIONS[value]
    return decision if event == "PreToolUse" or decision == "deny" else ""


def _text(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    if value is not None and not isinstance(value, str):
        raise _Broken(f"{key} is not a text")
    return value or ""


def _warning(text: str) -> Verdict:
    return Verdict(messages=(text,))


def _beginning(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]} …"

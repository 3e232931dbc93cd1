"""[io] The hooks of one open chat: those that an event concerns are run, and what they say is joined."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chat.hooks.answers import Verdict, joined, read_answer
from chat.hooks.condition import meets
from chat.hooks.hook_file import Hook
from chat.hooks.programs import OwnedHook, program_for
from chat.hooks.sources import HookSource, hook_sources
from chat.safety.piped import Program, run_together
from chat.safety.printable import on_one_line
from chat.sandbox.guarded_shell import Room

_MAX_NAME = 60


@dataclass(slots=True)
class Hooks:
    """Runs the hooks of one session. Files are read, and trust is looked up, at every event."""

    root: Path
    session_id: str = ""
    transcript: str = ""
    """The journal's path; "" where the session is not kept."""
    room: Room | None = None
    """The sandbox for hooks that belong into one; None where they run with the user's rights."""
    _said: set[str] = field(default_factory=set)
    """The warnings about files that were given already."""

    def fire(self, event: str, fields: Mapping[str, object], subject: str = "") -> Verdict:
        """Run all hooks that an event concerns at the same time; ``subject`` is its tool or kind.

        Never raises because of a hook: what goes wrong is among the messages.
        """
        sources = hook_sources(self.root)
        warnings = self._warnings(sources)
        hooks = matching(sources, event, subject)
        hooks = tuple(owned for owned in hooks if meets(owned.hook, fields, str(self.root)))
        if not hooks:
            return Verdict(messages=warnings)
        text = json.dumps(self._common(event) | dict(fields), ensure_ascii=False)
        return joined((Verdict(messages=warnings), *self._answers(event, hooks, text)))

    def _answers(self, event: str, hooks: tuple[OwnedHook, ...], text: str) -> list[Verdict]:
        answers: list[Verdict] = []
        started: list[tuple[Hook, Program]] = []
        for owned in hooks:
            program = program_for(owned, self.root, self.room)
            if isinstance(program, str):
                answers.append(Verdict(messages=(f"{_name(owned.hook)} was not run: {program}",)))
            else:
                started.append((owned.hook, program))
        ended = run_together([program for _, program in started], text, self.root)
        answers += [
            read_answer(event, _name(hook), end) for (hook, _), end in zip(started, ended, strict=True)
        ]
        return answers

    def _common(self, event: str) -> dict[str, object]:
        common: dict[str, object] = {
            "session_id": self.session_id,
            "transcript_path": self.transcript,
            "cwd": str(self.root),
            "hook_event_name": event,
        }
        # an agent's lines are in the journal of the session
        return common | ({"agent_transcript_path": self.transcript} if event == "SubagentStop" else {})

    def _warnings(self, sources: tuple[HookSource, ...]) -> tuple[str, ...]:
        """What to say about the files, each only once."""
        texts = [warning for source in sources if source.counts for warning in source.content.warnings]
        texts += [untrusted_notice(source) for source in sources if not source.counts]
        new = tuple(text for text in texts if text and text not in self._said)
        self._said.update(new)
        return new


def matching(sources: tuple[HookSource, ...], event: str, subject: str) -> tuple[OwnedHook, ...]:
    """Return the hooks that count and that an event concerns, each command once."""
    hooks = {
        (hook.command, hook.args, hook.condition): OwnedHook(hook, source.trust == "yours")
        for source in reversed(sources)
        if source.counts
        for hook in reversed(source.content.hooks)
        if hook.concerns(event, subject)
    }
    return tuple(reversed(hooks.values()))


def untrusted_notice(source: HookSource) -> str:
    """Say that the hooks of a file are not run; "" where it holds none."""
    if not source.content.hooks:
        return ""
    state = "changed since you trusted them" if source.trust == "changed" else "not trusted yet"
    return (
        f"The hooks of {source.path} are {state}, so they are not run. `trigpoint trust` shows them and asks."
    )


def _name(hook: Hook) -> str:
    return f"The {hook.event} hook `{on_one_line(hook.line, _MAX_NAME)}` ({hook.source})"

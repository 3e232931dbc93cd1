"""[io] What the main model hands over to agents: the reports it gets, and their changes, merged into the turn's edits.

An agent's change of a file is merged with what the file holds now. All of an agent's changes are taken, or none:
half of them could be worth nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat.conversation import prompt_texts as prompts
from chat.git.merge_file import merge_texts
from chat.model import RepoPath
from chat.snapshots.own_changes import OwnChange
from chat.state.delegates import AgentReport, AgentTask
from chat.state.hook_calls import before_tools
from chat.state.state import State
from chat.turn.checks import CheckResult
from chat.turn.consent.decisions import edit_barrier
from chat.turn.consent.writing import may_write
from chat.turn.editing.edits import Edits
from chat.turn.hooks import after_edits, edit_calls, objection_to_edits

if TYPE_CHECKING:
    from edits import FileChange

MAX_TASKS = 16
"""A model that has handed over so many in one turn will not come to an end by itself."""


@dataclass(slots=True)
class Delegating:
    """The tasks of one turn."""

    state: State
    edits: Edits
    begun: int = 0
    failed: list[str] = field(default_factory=list)
    """Agents that did not finish."""
    checks: CheckResult = field(default_factory=CheckResult)
    """How the last checks ended that followed a merge."""
    answer: str = ""
    """The last result that had to fit a schema of the run, in full."""
    objections: list[str] = field(default_factory=list)
    """What hooks have against changes that were merged, and that the model is still to be told."""

    def hand_over(self, tasks: Sequence[AgentTask]) -> str:
        """Have agents do the tasks of one reply, and return what the model is told of it."""
        agents, first = self.state.ports.agents, self.begun + 1
        self.begun += len(tasks)
        if agents is None or self.begun > MAX_TASKS:
            return prompts.NO_MORE_AGENTS
        reports = agents.work(tasks, first)
        self.answer = reports[-1].answer
        self.failed += [report.name for report in reports if not report.ok]
        merged: list[RepoPath] = []
        parts = [self._told(report, merged) for report in reports]
        return "\n\n".join([*parts, *filter(None, [self._checked(merged)])])

    def _told(self, report: AgentReport, merged: list[RepoPath]) -> str:
        if not report.changes:
            return report.told
        changes, reason = self._merge(report.changes)
        reason = reason or (self._write(changes) if changes else "")
        if reason:
            self.state.ports.notice(f"The changes of {report.name} were not taken over: {reason}", "warning")
            return f"{report.told}\n\n{prompts.AGENT_REFUSED.format(reason=reason)}"
        paths = [change.path for change in changes]
        merged += paths
        return f"{report.told}\n\n{prompts.AGENT_MERGED.format(paths=', '.join(paths) or 'none')}"

    def _merge(self, changes: Sequence[OwnChange]) -> tuple[list["FileChange"], str]:
        """Return what becomes of each file, and "" or why nothing can be taken over."""
        if self.edits.held or self.edits.refused:
            return [], "edits of this turn are refused and still wait to be sent again"
        merged: list[FileChange] = []
        for change in changes:
            now = self.state.ports.workspace.read(change.path)
            reason, after = self._merged(change, now)
            if reason:
                return [], f"{change.path}: {reason}"
            if after != now:
                executable = now is None and change.after is not None and change.after.executable
                merged.append(_file_change(change.path, now, after, executable=executable))
        return merged, ""

    def _merged(self, change: OwnChange, now: bytes | None) -> tuple[str, bytes | None]:
        """Return "" and what a file is to hold, None for no file; or why that cannot be said."""
        path, base, theirs = change.path, change.before, change.after
        file = self.state.conversation.file(path)
        if file is not None and file.read_only:
            return "it is read-only in this chat", None
        if reason := edit_barrier(self.state, path):
            return reason, None
        if any(state is not None and state.kind != "file" for state in (base, theirs)):
            return "it is no regular file", None
        before, after = (state.data if state else None for state in (base, theirs))
        if now in (before, after):
            return "", after
        if None in (before, now, after):
            return "it was made or removed meanwhile, and the agent has changed it", None
        joined = merge_texts(before or b"", now or b"", after or b"")
        return ("", joined) if joined is not None else ("it was changed meanwhile in the same lines", None)

    def _write(self, changes: Sequence["FileChange"]) -> str:
        """Write changes as edits of the turn; return "" or why they are not written."""
        state, edits = self.state, self.edits
        edits.held = {change.path: change for change in changes}
        files, calls = edits.pending(), edit_calls(state, edits.held)
        verdict = before_tools(state, calls)
        reason = verdict.objection and f"a hook forbids them: {verdict.objection}"
        if not reason and not may_write(state, files, verdict):
            reason = "they were not confirmed"
        if reason:
            edits.drop()
            return reason
        shown = [file for file in state.conversation.files if file.path in edits.held]
        edits.write()
        paths = [change.path for change in changes]
        # the model has not seen these changes, unlike its own
        state.writer.put(state.conversation.without_files(paths).with_files(shown))
        said = after_edits(state, calls, paths, edits.own.adopting())
        self.objections += filter(None, [objection_to_edits(state, said)])
        return ""

    def _checked(self, paths: Sequence[RepoPath]) -> str:
        """Run the checks once all changes are merged; return what they and hooks have against them."""
        objections, self.objections = self.objections, []
        if not paths:
            return "\n\n".join(objections)
        result = self.edits.check(sorted(set(paths)))
        self.checks = CheckResult(result.lint or self.checks.lint, result.test or self.checks.test)
        return "\n\n".join(filter(None, [*objections, result.feedback]))


def _file_change(
    path: RepoPath, before: bytes | None, after: bytes | None, *, executable: bool
) -> "FileChange":
    from edits import FileChange

    return FileChange(path, before, after, executable=executable)

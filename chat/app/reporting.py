"""[io] What a chat did, collected for a report and written to a file."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chat.errors import ChatError, InputError
from chat.goals.report import Change, RunFacts, Spent, report
from chat.goals.texts import goal_text
from chat.results import TurnResult
from chat.safety.evidence import VARIABLE, Evidence, keep_evidence
from chat.safety.running import temporary_folder
from chat.sandbox.guarded_shell import GuardedShell
from chat.sessions.goal_progress import GoalProgress
from chat.turn.checks import may_run, run_as
from repomap import write_whole

if TYPE_CHECKING:
    from chat.app.chat import Chat

EVIDENCE_S = 600.0
"""A command that takes longer is ended."""


def write_report(
    chat: "Chat",
    path: str,
    turns: Sequence[TurnResult],
    *,
    asked: str,
    failure: str = "",
    denied: Sequence[str] = (),
    gathers: bool = True,
) -> tuple[str, ...]:
    """Write the report of a run to a file, secrets hidden, and return the files that were kept as evidence.

    They are gathered before by the command of the settings, unless ``gathers`` is false. Raises InputError where the
    report cannot be written.
    """
    target = Path(path).expanduser().absolute()
    if target.exists() and not target.is_file():
        raise InputError(f"{path} is no regular file. The report was not written; name another file.")
    evidence = _gathered(chat, target) if gathers and chat.settings.evidence_cmd else None
    names = tuple(f"{evidence.folder.name}/{name}" for name in evidence.names) if evidence else ()
    text = report(replace(_facts(chat, turns, asked, failure, denied), evidence=names))
    try:
        write_whole(target, chat.masks.hidden(text).encode("utf-8"), mode=0o644)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}. The report was not written; name another file."
        ) from error
    return tuple(str(evidence.folder / name) for name in evidence.names) if evidence else ()


def _gathered(chat: "Chat", report_path: Path) -> Evidence | None:
    """Run the command that leaves evidence, and keep its files; None where it may not or cannot be run."""
    state, command = chat.state, chat.settings.evidence_cmd
    if not may_run(state, "evidence-cmd"):
        return None
    shell = state.ports.check_shell or state.ports.shell
    try:
        with temporary_folder() as folder:
            real = os.path.realpath(folder)
            guarded = replace(shell, writable=(real,)) if isinstance(shell, GuardedShell) else shell
            ran = run_as(
                state.ports,
                command,
                "evidence",
                lambda: guarded.run(command, EVIDENCE_S, variables={VARIABLE: real}),
            )
            evidence = keep_evidence(folder, report_path)
    except (ChatError, OSError) as error:
        state.ports.notice(f"No evidence was kept: {error}", "warning")
        return None
    if ran.exit_code:
        state.ports.notice(f"`{command}` failed with exit code {ran.exit_code}.", "warning")
    if evidence.left_out:
        state.ports.notice(f"Not kept as evidence: {'; '.join(evidence.left_out[:10])}.", "warning")
    return evidence


def _facts(
    chat: "Chat", turns: Sequence[TurnResult], asked: str, failure: str, denied: Sequence[str]
) -> RunFacts:
    goals = chat.goals
    progress = goals.progress or (goals.ended.progress if goals.ended else None)
    summary = goals.summary()
    last = next((turn for turn in reversed(turns) if turn.lint or turn.test or turn.scan), None)
    own = [ran for ran in (last.lint, last.test, last.scan) if ran] if last else []
    checks = summary.checks if summary else ()
    refused = [
        text for turn in turns for text in (*turn.refused, *(f"`{it}` was not run" for it in turn.denied))
    ]
    return RunFacts(
        asked=goal_text(progress.goal) if progress else asked,
        goal=summary,
        failure=failure,
        answer=turns[-1].text if turns else "",
        changes=_changes_of_goal(chat, progress) if progress else _changes_of(turns),
        checks=(*checks, *own),
        refused=(*refused, *(f"Nobody was there to answer: {question}" for question in denied)),
        spent=tuple(Spent(role.value, chat.model.name(role), usage) for role, usage in chat.usage().items()),
    )


def _changes_of_goal(chat: "Chat", progress: GoalProgress) -> tuple[Change, ...]:
    """What the turns of a goal changed, those of earlier processes included."""
    return tuple(
        Change(_subject(chat, commits[-1]) if commits else "", commits[-1] if commits else "", paths)
        for commits, paths in progress.changes
    )


def _subject(chat: "Chat", commit: str) -> str:
    repository = chat.state.ports.repository
    try:
        return repository.message(commit).split("\n", 1)[0] if repository else ""
    except ChatError:  # it is gone: squashed, or undone and pruned
        return ""


def _changes_of(turns: Sequence[TurnResult]) -> tuple[Change, ...]:
    changes = []
    for turn in turns:
        own = [commit for commit in turn.commits if not commit.of_user]
        if own:
            changes.append(Change(own[-1].subject, own[-1].commit, turn.files_changed))
        elif turn.files_changed:
            changes.append(Change("", "", turn.files_changed))
    return tuple(changes)

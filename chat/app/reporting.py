"""[io] What a chat did, collected for a report and written to a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chat.errors import ChatError, InputError
from chat.goals.report import Change, Ran, RunFacts, Spent, report
from chat.goals.texts import goal_text
from chat.results import TurnResult
from chat.sessions.goal_progress import GoalProgress
from repomap import write_whole

if TYPE_CHECKING:
    from chat.app.chat import Chat


def write_report(
    chat: "Chat",
    path: str,
    turns: Sequence[TurnResult],
    *,
    asked: str,
    failure: str = "",
    denied: Sequence[str] = (),
) -> None:
    """Write the report of a run to a file, secrets hidden. Raises InputError where it cannot be written."""
    text = report(_facts(chat, turns, asked, failure, denied))
    target = Path(path).expanduser().absolute()
    if target.exists() and not target.is_file():
        raise InputError(f"{path} is no regular file. The report was not written; name another file.")
    try:
        write_whole(target, chat.masks.hidden(text).encode("utf-8"), mode=0o644)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}. The report was not written; name another file."
        ) from error


def _facts(
    chat: "Chat", turns: Sequence[TurnResult], asked: str, failure: str, denied: Sequence[str]
) -> RunFacts:
    goals = chat.goals
    progress = goals.progress or (goals.ended.progress if goals.ended else None)
    summary = goals.summary()
    last = next((turn for turn in reversed(turns) if turn.lint or turn.test), None)
    own = [(ran.command, ran.exit_code, ran.output) for ran in (last.lint, last.test) if ran] if last else []
    checks = [(check.command, check.exit_code, check.output) for check in summary.checks] if summary else []
    refused = [
        text for turn in turns for text in (*turn.refused, *(f"`{it}` was not run" for it in turn.denied))
    ]
    return RunFacts(
        asked=goal_text(progress.goal) if progress else asked,
        goal=summary,
        failure=failure,
        answer=turns[-1].text if turns else "",
        changes=_changes_of_goal(chat, progress) if progress else _changes_of(turns),
        checks=tuple(Ran(*each) for each in (*checks, *own)),
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

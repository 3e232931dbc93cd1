"""[io] Runs the checks of a goal, and collects what its judge is shown: checks, diff, the model's last words."""

from collections.abc import Callable, Iterable

from chat.conversation.long_output import condensed
from chat.conversation.summaries import without_edits
from chat.errors import GitError
from chat.goals.plan_texts import words_of
from chat.goals.quotations import Shown
from chat.goals.stall import digest_of_files
from chat.model import RepoPath
from chat.ports import Ran
from chat.sessions.goal_progress import GoalProgress
from chat.sessions.records.goal import GoalCheck, GoalSet
from chat.state.state import State
from chat.state.tokens import count_once
from chat.turn.checks import offloaded, run_as

_DIFF_TOKENS, _SAID_TOKENS, _FRESH_DIFF_TOKENS = 6_000, 3_000, 4_000
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""git's id of a tree without files, against which everything is new."""
_LEAST_S = 1.0
_TRIED_CHARACTERS = 240


def run_checks(
    state: State, progress: GoalProgress, keep: Callable[[GoalCheck], None], left_s: float | None
) -> tuple[GoalCheck, ...]:
    """Run every check that has not run since the last turn, within what is left of the goal's time."""
    left = progress.goal.checks[len(progress.running) :]
    return (*progress.running, *(_run_check(state, command, keep, left_s) for command in left))


def _run_check(
    state: State, command: str, keep: Callable[[GoalCheck], None], left_s: float | None
) -> GoalCheck:
    shell = state.ports.check_shell or state.ports.shell
    timeout_s = None if left_s is None else max(_LEAST_S, left_s)
    checks: list[GoalCheck] = []

    def run_and_keep() -> Ran:
        ran = shell.run(command, timeout_s)
        checks.append(GoalCheck(command, ran.exit_code, offloaded(state, ran.output), ran.timed_out))
        keep(checks[0])
        return ran

    run_as(state.ports, command, "check", run_and_keep)
    return checks[0]


def shown_to_judge(state: State, progress: GoalProgress, checks: Iterable[GoalCheck]) -> tuple[Shown, ...]:
    """Return what the judge is shown, and may quote."""
    return (
        _checks_shown(checks),
        Shown("Diff since the goal was set", diff_since(state, progress.goal, _DIFF_TOKENS)),
        Shown("The end of what the assistant said and was shown", _last_words(state)),
    )


def shown_for_steps(state: State, goal: GoalSet, checks: Iterable[GoalCheck]) -> tuple[Shown, ...]:
    """Return what may prove that a step of the plan is done: checks, the diff, and what the turn has shown.

    What the model said is left out, and so are the requests.
    """
    conversation = state.conversation
    seen = [
        entry.message.text
        for entry in conversation.entries
        if entry.turn == conversation.turn and entry.kind in ("context", "feedback")
    ]
    return (
        _checks_shown(checks),
        Shown("Diff", diff_since(state, goal, 0)),
        Shown("Shown in the turn", "\n\n".join(seen)),
    )


def _checks_shown(checks: Iterable[GoalCheck]) -> Shown:
    ran = "\n\n".join(f"$ {check.command}\n(exit code {check.exit_code})\n{check.output}" for check in checks)
    return Shown("Checks and what they printed", ran)


def words_of_turn(state: State) -> tuple[str, ...]:
    """Return the replies of the last turn, oldest first."""
    conversation = state.conversation
    return tuple(
        entry.message.text
        for entry in conversation.entries
        if entry.turn == conversation.turn and entry.kind == "reply"
    )


def tried_in_turn(state: State) -> str:
    """Return what the last turn did, in the words of its last reply, on one line; "" where it says nothing."""
    said = (words_of(reply, _TRIED_CHARACTERS) for reply in reversed(words_of_turn(state)))
    return next(filter(None, said), "")


def diff_since(state: State, goal: GoalSet, max_tokens: int = _FRESH_DIFF_TOKENS) -> str:
    """Return what has changed since the goal was set, the middle left out of more tokens (0: never); "" without git."""
    repository = state.ports.repository
    if repository is None:
        return ""
    try:
        diff = repository.diff(against=goal.base or (_EMPTY_TREE if repository.head() else "HEAD"))
    except GitError as error:
        state.ports.notice(f"{error} The goal goes on without the diff.", "warning")
        return ""
    return condensed(diff, max_tokens, count_once)


def _last_words(state: State) -> str:
    """The newest of the model's replies and of what it was shown of files and commands, oldest first.

    Requests are left out: they hold the goal and the judge's own words, which prove nothing.
    """
    left_tokens, kept = _SAID_TOKENS, list[str]()
    for entry in reversed(state.conversation.entries):
        if entry.kind not in ("reply", "context"):
            continue
        text = without_edits(entry.message.text, "(edit)") if entry.kind == "reply" else entry.message.text
        part = condensed(text, max(left_tokens // 2, 100), count_once)
        left_tokens -= count_once(part)
        if left_tokens < 0:
            break
        kept.append(f"{'Assistant' if entry.kind == 'reply' else 'Shown to it'}:\n{part}")
    return "\n\n".join(reversed(kept))


def digest_of_state(state: State, paths: Iterable[RepoPath]) -> str:
    """Return the digest of these files as they are now."""
    workspace = state.ports.workspace
    return digest_of_files({path: workspace.read(path) for path in paths})

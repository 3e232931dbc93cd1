"""[io] The options of the chat on commands of jobs: a command line → the settings of a job, checked beforehand."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import click

from chat.cli.options import SettingsCommand, help_sections
from chat.display.input_line import read_command
from chat.errors import InputError, UsageError
from chat.jobs.pull_request import SOLVE
from chat.settings.kinds import Value
from chat.settings.rows.changes import COMMITTING
from chat.settings.table import Settings

_OWN = frozenset(
    "message print show-repo-map show-prompts continue resume fork-session session-persistence input-format load "
    "git subtree-only dry-run".split()
)
"""Settings that mean nothing for a job, or that it decides itself."""
OF_TASK = frozenset(("goal", "message-file", "check", "checks-decide"))
"""Settings that say what is to be done."""
_SHOWN = (
    *("--goal", "--check", "--max-turns", "--max-budget-usd", "--max-tokens-total", "--max-seconds"),
    *("--model", "--mode", "--test-cmd", "--permission-mode", "--allowed-tools", "--yes"),
)
"""Options in the help of the commands that take all of them."""


class RunCommand(SettingsCommand):
    """A command that begins or goes on with a job."""

    examples: tuple[tuple[str, str], ...] = ()
    """Command lines for its help, each with what it does."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, its own options, and the settings that matter most for a job."""
        lines = {name: line for _, group in help_sections() for line in group for name in line[0].split()}
        sections = (
            ("Examples", list(self.examples)),
            ("Options", self.own_options(ctx)),
            (
                "Of the chat's options, those used most here (trigpoint --help has all)",
                [lines[name] for name in _SHOWN if self.name == "run" or name[2:] not in OF_TASK],
            ),
        )
        for title, rows in sections:
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows, col_max=46 if title == "Examples" else 30)


def task_of_issue(
    issue: str, task: str, paths: tuple[str, ...], values: Mapping[str, Value]
) -> tuple[str, tuple[str, ...]]:
    """Return the task that an issue sets, and the files of the chat: what else is given without a name is one.

    Raises UsageError, InputError.
    """
    if values.get("message-file"):
        raise UsageError("Give either --issue or --message-file. Nothing was begun.")
    is_file = issue == "-" or _is_file(issue)
    if not is_file and _is_name(issue):
        raise InputError(
            f"--issue {issue}: There is no such file. Nothing was begun; name a file, or give the issue in words."
        )
    text = _task_in(issue, "") if is_file else issue
    if not text.strip():
        raise UsageError("The issue is empty. Nothing was begun.")
    return f"{SOLVE}{text.strip()}", (*([task] if task else []), *paths)


def _is_file(name: str) -> bool:
    """Whether there is a file or a pipe of this name, such as the shell gives for `<(command)`."""
    with suppress(OSError, ValueError):  # a text may be longer than a name can be
        path = Path(name).expanduser()
        return path.exists() and not path.is_dir()
    return False


def _is_name(text: str) -> bool:
    """Whether a text is more likely the name of a file than an issue: one word with a folder or suffix, and no URL."""
    path = Path(text)
    is_like_one = path.suffix != "" or len(path.parts) > 1 or os.path.isdir(text)
    return is_like_one and "://" not in text and len(text.split()) == 1


def values_of(task: str, values: dict[str, Value]) -> dict[str, Value]:
    """Return the settings of a job for a task, with its goal where there are checks. Raises UsageError."""
    require_options(values)
    if file := values.pop("message-file", ""):
        task = _task_in(str(file), task)
    goal = str(values.get("goal", ""))
    if not task.strip() and not goal:
        raise UsageError('There is no task. Nothing was begun; say what is to be done: trigpoint run "TASK".')
    if read_command(task) is not None:
        raise UsageError(
            f"{task.split()[0]} is a command of the chat, and a task is words. Nothing was begun."
        )
    return {**values, **_goal_or_message(task, goal, bool(values.get("check")))}


def planned_values(task: str, values: dict[str, Value]) -> dict[str, Value]:
    """Return the settings of a plan for a task: its checks are those of the whole. Raises UsageError."""
    if "goal" in values:
        raise UsageError("--goal does not go with --plan. Nothing was begun; leave it out.")
    others = {name: value for name, value in values.items() if name != "check"}
    checks = {"check": values["check"]} if "check" in values else {}
    return {**values_of(task, others), **checks}


def require_options(values: Mapping[str, Value], *, of_task: bool = False) -> None:
    """Raise UsageError for an option that means nothing for a job, or with ``of_task`` for one whose task is set."""
    wrong = sorted((_OWN | OF_TASK if of_task else _OWN) & values.keys())
    if wrong and wrong[0] in OF_TASK:
        raise UsageError(
            f"--{wrong[0]} would be another task. Nothing was done; begin another job, or send this one a text."
        )
    if (mode := values.get("commit-mode", COMMITTING[0])) not in COMMITTING:
        raise UsageError(
            f"--commit-mode {mode} does not go with a job, whose commits are what is merged. Nothing was done; leave "
            "it out."
        )
    if wrong:
        flag = f"--no-{wrong[0]}" if values[wrong[0]] is False else f"--{wrong[0]}"
        raise UsageError(f"{flag} does not go with a job. Nothing was begun; leave it out.")


def _goal_or_message(task: str, goal: str, has_checks: bool) -> dict[str, Value]:
    if goal in ("", "checks") and has_checks and task.strip():
        return {"goal": task, "checks-decide": True}
    if goal and task.strip():
        return {"goal": f"{task}\n\nThis is done when: {goal}"}
    return {"goal": goal} if goal else {"message": task}


def _task_in(file: str, task: str) -> str:
    from chat.terminal.single_run.request_input import read_request

    if task:
        raise UsageError("Give either TASK or --message-file. Nothing was begun.")
    request, piped = read_request(Settings(message_file=file), lambda _: None)
    return request or piped


def loaded_settings(values: Mapping[str, Value], here: Path | None = None) -> Settings:
    """Return the settings that hold for showing the job here, and check them all before anything is made."""
    from chat.settings.layers import COMMAND_LINE, Layer
    from chat.settings.load import load

    return load(Layer(COMMAND_LINE, values), here or Path.cwd(), os.environ).settings

"""[io] `trigpoint run`: a task that a process of its own works on, in a work tree and on a branch of its own."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from chat.cli.options import command_line_layer, help_sections, options, with_flag_for_each_rule
from chat.display.input_line import read_command
from chat.errors import UsageError
from chat.jobs.pull_request import SOLVE
from chat.jobs.store import JobFolder
from chat.settings.kinds import Value
from chat.settings.table import Settings

_EXAMPLES = (
    ('trigpoint run "Fix the flaky test" --detach', "begin it, and go on working"),
    (
        'trigpoint run "Port it to Python 3.12" --check "make test" --max-budget-usd 3',
        "until the check succeeds",
    ),
    ("gh issue view 12 | trigpoint run --issue -", "solve an issue; artifacts has pr.md"),
    ('trigpoint run "Finish this" --with-changes', "begin with what is not committed yet"),
    ('trigpoint run "Speed up the parser" --check "make test" --attempts 3', "the best of three"),
    ("trigpoint jobs", "what all jobs are doing"),
    ("trigpoint merge 3f9", "bring its branch into yours"),
)
_OWN = frozenset(
    "message print show-repo-map show-prompts continue resume fork-session session-persistence input-format load "
    "git subtree-only dry-run".split()
)
"""Settings that mean nothing for a job, or that it decides itself."""
_TASK = frozenset(("goal", "message-file", "check", "checks-decide"))
"""Settings that say what is to be done."""
_SHOWN = (
    *("--goal", "--check", "--max-turns", "--max-budget-usd", "--max-tokens-total", "--max-seconds"),
    *("--model", "--mode", "--test-cmd", "--permission-mode", "--allowed-tools", "--yes"),
)
"""Options in the help of the commands that take all of them."""


class RunCommand(click.Command):
    """A command with the options of the chat beside its own."""

    examples: tuple[tuple[str, str], ...] = ()
    """Command lines for its help, each with what it does."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own parameters, then one option for each setting."""
        return [*super().get_params(ctx), *options()]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let a flag for rules take several."""
        return super().parse_args(ctx, with_flag_for_each_rule(args))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, its own options, and the settings that matter most for a job."""
        own = [param for param in super().get_params(ctx) if isinstance(param, click.Option)]
        lines = {name: line for _, group in help_sections() for line in group for name in line[0].split()}
        sections = (
            ("Examples", list(self.examples)),
            ("Options", [record for param in own if (record := param.get_help_record(ctx))]),
            (
                "Of the chat's options, those used most here (trigpoint --help has all)",
                [lines[name] for name in _SHOWN if self.name == "run" or name[2:] not in _TASK],
            ),
        )
        for title, rows in sections:
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows, col_max=46 if title == "Examples" else 30)


class _TaskCommand(RunCommand):
    examples = _EXAMPLES


@click.command(name="run", cls=_TaskCommand)
@click.argument("task", required=False, default="")
@click.argument("paths", metavar="[FILE]...", nargs=-1)
@click.option("-d", "--detach", is_flag=True, help="Do not wait: print the job's id, and let it work.")
@click.option(
    "--issue",
    metavar="FILE|-|TEXT",
    default="",
    help="The task is to solve an issue: its text, a file that holds it, or - for standard input.",
)
@click.option(
    "--pr",
    "opens_pr",
    is_flag=True,
    help="When it is done, offer to push its branch and open a pull request.",
)
@click.option(
    "--queue",
    metavar="FILE",
    default="",
    help="Do the tasks of a file, one a line; each begins where the last one ended. Goes on where it was.",
)
@click.option(
    "--attempts",
    type=int,
    default=0,
    metavar="N",
    help="Have N jobs do the task at the same time, within one budget, and offer the best.",
)
@click.option("--merge", "merges", is_flag=True, help="With --attempts: merge the best.")
@click.option("--scheduled", default="", hidden=True)
@click.option("--base", metavar="REV", default="", help="The commit to begin on. Default: HEAD.")
@click.option(
    "--with-changes",
    is_flag=True,
    help="Begin with what is not committed, too, as a commit of its own; ignored files stay behind.",
)
def run_command(
    task: str,
    paths: tuple[str, ...],
    detach: bool,
    issue: str,
    opens_pr: bool,
    queue: str,
    attempts: int,
    merges: bool,
    scheduled: str,
    base: str,
    with_changes: bool,
    **parameters: Any,
) -> int:
    """Have TASK done by a process of its own, in a work tree and on a branch of its own.

    Your files, index and branch stay as they are until you merge. The job survives this terminal; the exit codes are
    those of `trigpoint -p`. With --check, or --goal, it works turn after turn until that is met.
    """
    from chat.job_commands.follow import follow_job
    from chat.job_commands.once import once
    from chat.job_commands.pull_request import open_pull_request
    from chat.jobs.launch import start
    from chat.jobs.making import Order, make

    if opens_pr and detach:
        raise UsageError(
            "--pr waits for the end, and --detach does not. Nothing was begun; leave one out. "
            "`trigpoint jobs pr ID` opens a pull request later."
        )
    if merges and not attempts:
        raise UsageError(
            "--merge goes with --attempts. Nothing was begun; `trigpoint merge ID` merges a job."
        )
    if attempts:
        others = {"--queue": queue, "--detach": detach, "--pr": opens_pr, "--scheduled": scheduled}
        _require_alone("--attempts", others)
    layer = command_line_layer(parameters)
    if queue:
        from chat.job_commands.queue import run_queue

        _require_alone("--queue", {"TASK": task, "--issue": issue, "--detach": detach, "--pr": opens_pr})
        order = Order(task="", here=Path.cwd(), values=layer.values, base=base, with_changes=with_changes)
        return run_queue(queue, order, values_of, loaded_settings)
    task, paths = task_of_issue(issue, task, paths, dict(layer.values)) if issue else (task, paths)
    values = values_of(task, dict(layer.values))
    settings = loaded_settings(values)
    order = Order(
        task=(settings.message or settings.goal).removeprefix(SOLVE).strip(),
        here=Path.cwd(),
        values={name: value for name, value in values.items() if name != "output-format"},
        paths=paths,
        base=base,
        with_changes=with_changes,
    )
    if attempts:
        from chat.job_commands.attempts import run_attempts

        return run_attempts(attempts, order, values, settings, merges)

    def begin(order: Order) -> JobFolder:
        folder = make(order)
        start(folder, values)
        return folder

    folder = once(scheduled, order, begin) if scheduled else begin(order)
    if folder is None:
        return 0
    if detach:
        click.echo(folder.id)
        return 0
    code = follow_job(folder, settings)
    return code or (open_pull_request(folder, settings.yes) if opens_pr else 0)


def _require_alone(option: str, others: Mapping[str, object]) -> None:
    wrong = next((name for name, value in others.items() if value), "")
    if wrong:
        raise UsageError(f"{wrong} does not go with {option}. Nothing was begun; leave it out.")


def task_of_issue(
    issue: str, task: str, paths: tuple[str, ...], values: Mapping[str, Value]
) -> tuple[str, tuple[str, ...]]:
    """Return the task that an issue sets, and the files of the chat: what else is given without a name is one.

    Raises UsageError, InputError.
    """
    if values.get("message-file"):
        raise UsageError("Give either --issue or --message-file. Nothing was begun.")
    text = _task_in(issue, "") if issue == "-" or _is_file(issue) else issue
    if not text.strip():
        raise UsageError("The issue is empty. Nothing was begun.")
    return f"{SOLVE}{text.strip()}", (*([task] if task else []), *paths)


def _is_file(name: str) -> bool:
    with suppress(OSError, ValueError):  # a text may be longer than a name can be
        return Path(name).expanduser().is_file()
    return False


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


def require_options(values: Mapping[str, Value], *, of_task: bool = False) -> None:
    """Raise UsageError for an option that means nothing for a job, or with ``of_task`` for one whose task is set."""
    wrong = sorted((_OWN | _TASK if of_task else _OWN) & values.keys())
    if wrong and wrong[0] in _TASK:
        raise UsageError(
            f"--{wrong[0]} would be another task. Nothing was done; begin another job, or send this one a text."
        )
    if wrong:
        raise UsageError(f"--{wrong[0]} does not go with a job. Nothing was begun; leave it out.")


def _goal_or_message(task: str, goal: str, has_checks: bool) -> dict[str, Value]:
    if goal in ("", "checks") and has_checks and task.strip():
        return {"goal": task, "checks-decide": True}
    if goal and task.strip():
        return {"goal": f"{task}\n\nThis is done when: {goal}"}
    return {"goal": goal} if goal else {"message": task}


def _task_in(file: str, task: str) -> str:
    from chat.terminal.request_input import read_request

    if task:
        raise UsageError("Give either TASK or --message-file. Nothing was begun.")
    request, piped = read_request(Settings(message_file=file), lambda _: None)
    return request or piped


def loaded_settings(values: Mapping[str, Value]) -> Settings:
    """Return the settings that hold for showing the job here, and check them all before anything is made."""
    from chat.settings.layers import COMMAND_LINE, Layer
    from chat.settings.load import load

    return load(Layer(COMMAND_LINE, values), Path.cwd(), os.environ).settings

"""[io] `trigpoint schedule`: tasks that cron or systemd begins again and again, each time as a job."""

import hashlib
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from chat.cli.options import command_line_layer
from chat.cli.session_tables import print_line
from chat.errors import ChatError, InputError, UsageError
from chat.job_commands.cron import MARK, Entry, cron_of, crontab_line, systemd_units
from chat.job_commands.job_options import RunCommand, loaded_settings, values_of
from chat.jobs.making import split_secrets
from chat.jobs.store import jobs_folder
from chat.jobs.tree import repository_of
from chat.safety.piped import Ended, Program, run_together
from chat.safety.printable import without_escapes
from chat.settings.table import Settings
from chat.terminal.person import can_be_asked
from repomap import find_program, write_whole

_TIMEOUT_S = 30.0
_LIMITS = ("max-budget-usd", "max-tokens-total", "max-seconds", "max-turns")
_WORDS = "chat.job_commands.schedule"
_YES = ("--yes", "-y", "--yes-always")
_LISTS = ("list", "remove")


class ScheduleCommand(RunCommand):
    """A command that keeps the words of its line, which the entry repeats."""

    examples = (
        (
            "trigpoint schedule \"Update the changelog\" --cron '0 3 * * 1-5' --max-turns 5",
            "print an entry for crontab",
        ),
        (
            'trigpoint schedule "Fix new lints" --cron @daily --max-budget-usd 1 --install',
            "write it, after you agree",
        ),
        ("trigpoint schedule list", "what is installed"),
    )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep them."""
        ctx.meta[_WORDS] = list(args)
        return super().parse_args(ctx, args)


@click.command(name="schedule", cls=ScheduleCommand)
@click.argument("task", metavar="TASK | list | remove ID", required=False, default="")
@click.argument("paths", metavar="[FILE]...", nargs=-1)
@click.option(
    "--cron", metavar="'M H D M W'", default="", help="When: minute, hour, day, month, weekday; or @daily."
)
@click.option("--systemd", is_flag=True, help="A timer of systemd instead of an entry for crontab.")
@click.option(
    "--install", is_flag=True, help="Write it there, after you agree; otherwise it is only printed."
)
def schedule(
    task: str,
    paths: tuple[str, ...],
    cron: str,
    systemd: bool,
    install: bool,
    **parameters: Any,
) -> int:
    """Have TASK done again and again, each time as a job of its own.

    Prints an entry for crontab, or a timer of systemd. No process of Trigpoint's waits for the time. A limit is needed,
    such as --max-budget-usd. A time is left out while the job of an earlier one is at work, and no time is taken twice.
    `trigpoint schedule list` shows what is installed, `trigpoint schedule remove ID` removes it.
    """
    if task in _LISTS and not cron:
        return _list() if task == "list" else _remove(paths)
    entry = _entry(
        task, cron_of(cron), parameters, click.get_current_context().meta[_WORDS], installs=install
    )
    if systemd:
        for name, text in systemd_units(entry).items():
            print_line(f"# {_units() / name}\n{text}")
    else:
        print_line(crontab_line(entry))
    if install:
        where = f"{_units()}" if systemd else "your crontab"
        if not (parameters.get("yes") or _agrees(where)):
            raise UsageError(
                f"Nothing was written to {where}; it takes your consent (--yes in advance, for this alone)."
            )
        _install_units(entry) if systemd else _install_line(entry)
        print_line(f"Scheduled as {entry.id}. `trigpoint schedule remove {entry.id}` removes it.")
    return 0


def _entry(
    task: str, cron: str, parameters: dict[str, Any], arguments: Sequence[str], *, installs: bool
) -> Entry:
    values = dict(command_line_layer(parameters).values)
    if split_secrets(values)[1]:
        raise UsageError(
            "A key would stand in the entry for all to read. Nothing was scheduled; use --env-file."
        )
    if not any(values.get(name) for name in _LIMITS):
        raise UsageError(f"A schedule needs a limit: --{', --'.join(_LIMITS)}. Nothing was scheduled.")
    settings = loaded_settings(values_of(task, dict(values)))
    repository_of(Path.cwd())
    words = _own_words(arguments, installs=installs)
    if any(not char.isprintable() for word in [*words, os.getcwd()] for char in word):
        raise UsageError(
            "An entry is one line. Nothing was scheduled; put a longer task into a file: --message-file."
        )
    own = hashlib.sha256("\0".join([os.getcwd(), cron, *words]).encode("utf-8", "surrogatepass")).hexdigest()[
        :8
    ]
    asks = [] if values.get("permission-mode") else _asking_nobody(settings)
    program = [os.path.abspath(sys.executable), "-P", "-m", "chat", "run"]
    command = [*program, *words, *asks, f"--scheduled={own}:{cron}"]
    return Entry(id=own, cron=cron, folder=os.getcwd(), command=command, log=str(_log(own)), task=task or own)


def _asking_nobody(settings: Settings) -> list[str]:
    """Return the options with which a job asks nobody, and edits as it would otherwise.

    The mode denies what no rule allows. So edits are allowed, unless rules say which.
    """
    names = [rule.partition("(")[0].strip() for rule in settings.allowed_tools]
    return [
        "--permission-mode",
        "dontAsk",
        *([] if {"Edit", "Write"} & set(names) else ["--allowed-tools=Edit"]),
    ]


def _own_words(arguments: Sequence[str], *, installs: bool) -> list[str]:
    """Return the words of the command line that are the run's: task, files and settings.

    Where the entry ``installs``, a yes is the answer to that, and no answer for jobs that run while nobody looks.
    """
    words, rest = [], list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--cron":
            rest = rest[1:]
        elif word in _YES and installs:
            continue
        elif word not in ("--systemd", "--install") and not word.startswith("--cron="):
            words.append(word)
    return words


def _log(name: str) -> Path:
    folder = jobs_folder().parent / "schedules"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{name}.log"


def _agrees(where: str) -> bool:
    return can_be_asked() and click.confirm(f"Write this to {where}?", err=True)


def _units() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "systemd/user"


def _list() -> int:
    for line in _crontab():
        if MARK in line:
            print_line(f"{line.rpartition(MARK)[2]}\tcrontab\t{line.partition(MARK)[0]}")
    for timer in sorted(_units().glob("trigpoint-*.timer")):
        print_line(f"{timer.stem.removeprefix('trigpoint-')}\tsystemd\t{timer}")
    return 0


def _remove(ids: Sequence[str]) -> int:
    if len(ids) != 1:
        raise UsageError(
            "Give the id of one schedule; `trigpoint schedule list` has them. Nothing was removed."
        )
    lines = _crontab()
    left = [line for line in lines if not line.endswith(f"{MARK}{ids[0]}")]
    units = [
        path
        for suffix in ("timer", "service")
        if ids[0].isalnum() and (path := _units() / f"trigpoint-{ids[0]}.{suffix}").exists()
    ]
    if len(left) == len(lines) and not units:
        raise InputError(f"No schedule is called {ids[0]}. Nothing was removed.")
    if len(left) < len(lines):
        _write_crontab(left)
    if units:
        _call("systemctl", "--user", "disable", "--now", f"trigpoint-{ids[0]}.timer")
        for path in units:
            path.unlink()
    print_line(f"Schedule {ids[0]} was removed.")
    return 0


def _install_line(entry: Entry) -> None:
    others = [line for line in _crontab() if not line.endswith(f"{MARK}{entry.id}")]
    _write_crontab([*others, crontab_line(entry)])


def _install_units(entry: Entry) -> None:
    folder = _units()
    try:
        for name, text in systemd_units(entry).items():
            write_whole(folder / name, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise ChatError(f"{folder}: {error.strerror}. Nothing was scheduled.") from error
    for words in (["daemon-reload"], ["enable", "--now", f"trigpoint-{entry.id}.timer"]):
        ended = _call("systemctl", "--user", *words)
        if ended.exit_code:
            raise ChatError(
                f"{shlex.join(['systemctl', '--user', *words])} failed: {without_escapes(ended.stderr).strip()}\n"
                f"The units are in {folder}, and no timer was started; run it again yourself."
            )


def _crontab() -> list[str]:
    """Return the lines of the user's crontab; none where there is no crontab. Raises ChatError where it is unsure."""
    if not find_program("crontab"):
        return []
    ended = _call("crontab", "-l")
    if ended.exit_code and "no crontab" not in ended.stderr.lower():
        raise ChatError(f"crontab -l failed: {without_escapes(ended.stderr).strip()} Nothing was changed.")
    if ended.is_cut or "\ufffd" in ended.stdout:
        what = "is too long" if ended.is_cut else "holds bytes that are no UTF-8"
        raise ChatError(
            f"Your crontab {what}, so it cannot be changed safely. Nothing was changed; edit it yourself (crontab -e)."
        )
    return [] if ended.exit_code else ended.stdout.removesuffix("\n").split("\n")


def _write_crontab(lines: Sequence[str]) -> None:
    ended = _call("crontab", "-", text="".join(f"{line}\n" for line in lines))
    if ended.exit_code:
        raise ChatError(f"crontab failed: {without_escapes(ended.stderr).strip()} Nothing was changed.")


def _call(name: str, *arguments: str, text: str = "") -> Ended:
    """Run a program of the system. Raises ChatError where it is not installed."""
    program = find_program(name)
    if not program:
        raise ChatError(f"{name} is not installed, so nothing was changed.")
    (ended,) = run_together([Program([program, *arguments], _TIMEOUT_S, dict(os.environ))], text, Path.home())
    return ended

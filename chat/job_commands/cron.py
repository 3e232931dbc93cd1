"""When a schedule is due, and how cron and systemd are told. Pure."""

import os
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chat.errors import UsageError

if TYPE_CHECKING:
    from cronsim import CronSim

MARK = "# trigpoint schedule "
"""Stands before the id at the end of an entry of a crontab."""
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
_FIELDS = re.compile(r"[0-9A-Za-z*,/\-]+(?: [0-9A-Za-z*,/\-]+){4}\Z")
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that is run again and again."""

    id: str
    cron: str
    """Five fields."""
    folder: str
    command: Sequence[str]
    log: str
    """The file that what it says goes to."""
    task: str


def cron_of(text: str) -> str:
    """Return a cron expression as five fields. Raises UsageError for one that cron does not know, or that never comes.

    >>> cron_of("  0  3 * * mon-fri"), cron_of("@daily")
    ('0 3 * * MON-FRI', '0 0 * * *')
    """
    if not text.strip():
        raise UsageError("A schedule needs a time, such as --cron '0 3 * * 1-5'. Nothing was scheduled.")
    cron = _ALIASES.get(text.strip(), " ".join(text.upper().split()))
    if not _FIELDS.match(cron) or "L" in cron.replace("JUL", ""):
        raise UsageError(
            f"{text} is no cron expression: minute, hour, day, month and weekday. Nothing was scheduled."
        )
    _parsed(cron, datetime(2026, 1, 1), text)
    return cron


def due(cron: str, now: datetime) -> datetime:
    """Return the last time, not after now, that a schedule was due.

    >>> due("0 3 * * *", datetime(2026, 5, 2, 3, 0, 40))
    datetime.datetime(2026, 5, 2, 3, 0)
    """
    minute = now.replace(second=0, microsecond=0, tzinfo=None)
    return next(_parsed(cron, minute + timedelta(minutes=1), cron, is_past=True))


def crontab_line(entry: Entry) -> str:
    """Return the entry of a crontab, in which cron reads `%` as the end of a line unless it is escaped."""
    command = (
        f"cd {shlex.quote(entry.folder)} && {shlex.join(entry.command)} >> {shlex.quote(entry.log)} 2>&1"
    )
    return f"{entry.cron} {command} {MARK}{entry.id}".replace("%", "\\%")


def systemd_units(entry: Entry) -> dict[str, str]:
    """Return the unit files of a timer of systemd, by name."""
    words = " ".join(_unit_word(word) for word in entry.command)
    name = f"trigpoint-{entry.id}"
    about = " ".join(entry.task.split())[:80].replace("%", "%%").rstrip("\\")
    service = (
        f"[Unit]\nDescription=trigpoint: {about}\n\n[Service]\nType=oneshot\n"
        f"WorkingDirectory={_escaped(entry.folder)}\nExecStart={words}\n"
        f"StandardOutput=append:{_escaped(entry.log)}\nStandardError=inherit\n"
    )
    times = "".join(f"OnCalendar={time}\n" for time in on_calendar(entry.cron))
    timer = (
        f"[Unit]\nDescription=trigpoint: {about}\n\n[Timer]\n{times}Persistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    return {f"{name}.service": service, f"{name}.timer": timer}


def on_calendar(cron: str) -> list[str]:
    """Return what systemd calls these times; two where cron takes a day of the month or one of the week.

    >>> on_calendar("0 3 * * 1-2"), on_calendar("0 0 1 * 0")
    (['Mon,Tue *-*-* 3:0:00'], ['*-*-1 0:0:00', 'Sun *-*-* 0:0:00'])
    """
    parsed = _parsed(cron, datetime(2026, 1, 1), cron)
    time = f"{_some(parsed.hours, 24)}:{_some(parsed.minutes, 60)}:00"
    month = _some(parsed.months, 12)
    _, _, day_field, _, week_field = cron.split()
    days = f"*-{month}-{_some(parsed.days, 31)} {time}"
    week = ",".join(dict.fromkeys(_DAYS[day] for day in sorted(_numbers(parsed.weekdays))))
    if week_field.startswith("*") or day_field.startswith("*"):
        return [f"{week} {days}" if week_field != "*" else days]
    return [days, f"{week} *-{month}-* {time}"]


def _some(numbers: Iterable[object], count: int) -> str:
    found = sorted(_numbers(numbers))
    return "*" if len(found) == count else ",".join(map(str, found))


def _numbers(numbers: Iterable[object]) -> set[int]:
    return {number for number in numbers if isinstance(number, int)}


def _parsed(cron: str, at: datetime, text: str, *, is_past: bool = False) -> "CronSim":
    from cronsim import CronSim, CronSimError

    try:
        found = CronSim(cron, at, reverse=is_past)
        next(CronSim(cron, at))
    except (CronSimError, StopIteration) as error:
        reason = str(error) or "it never comes"
        raise UsageError(f"{text} is no cron expression ({reason}). Nothing was scheduled.") from error
    return found


def _unit_word(word: str) -> str:
    """Quote a word for a command line of systemd."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("$", "$$")
    return f'"{_escaped(escaped)}"'


def _escaped(text: str) -> str:
    return os.fspath(text).replace("%", "%%")

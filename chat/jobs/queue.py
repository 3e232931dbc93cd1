"""A file of tasks that jobs do one after the other, and how far they have got."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chat.errors import InputError
from chat.jobs.record import Document, frozen
from chat.settings.kinds import Value

_MAX_ANSWER_CHARS = 4_000
_FIELDS = frozenset(("task", "check", "files"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One task of a queue."""

    task: str
    values: Mapping[str, Value] = field(default_factory=dict)
    """Settings for this task alone."""
    paths: tuple[str, ...] = ()
    number: int = 1
    """Which one it is of the tasks that read the same."""

    @property
    def key(self) -> str:
        """Stands for the task with all that belongs to it."""
        text = json.dumps([self.task, dict(self.values), self.paths], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Document):
    """A task that is done."""

    key: str
    job: str
    task: str
    tip: str
    """The commit that its branch was at."""
    answer: str
    """The model's last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(Document):
    """How far a queue has got: what is done, in the order of the file."""

    path: str
    done: tuple[Mapping[str, Any], ...] = ()
    """The fields of a `Done` each."""

    def last(self) -> Done | None:
        """Return the task that was done last."""
        return Done(**self.done[-1]) if self.done else None


def read_queue(text: str, name: str) -> list[Entry]:
    r"""Read a queue: a task a line, or an object with `task`, and perhaps `check` and `files`.

    Empty lines and those that begin with `#` do not count. Raises InputError for a line that is neither.

    >>> [entry.task for entry in read_queue('# first\nPort it\n{"task": "Test it", "check": "pytest"}\n', "q")]
    ['Port it', 'Test it']
    """
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), 1))
    seen: Counter[str] = Counter()
    entries = []
    for number, line in lines:
        if line and not line.startswith("#"):
            entry = _entry(number, line, name) if line.startswith("{") else Entry(task=line)
            seen[entry.key] += 1
            entries.append(replace(entry, number=seen[entry.key]))
    return entries


def _entry(number: int, line: str, name: str) -> Entry:
    where = f"{name}, line {number}"
    try:
        found = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: no valid JSON ({error}). Nothing was begun.") from error
    unknown = sorted(found.keys() - _FIELDS)
    if unknown:
        raise InputError(
            f"{where}: {unknown[0]} is unknown; a task has task, check, files. Nothing was begun."
        )
    task, check, files = (frozen(found.get(field_)) or () for field_ in ("task", "check", "files"))
    checks = (check,) if isinstance(check, str) else check
    if not (isinstance(task, str) and task.strip() and _are_texts(checks) and _are_texts(files)):
        raise InputError(
            f"{where}: task is a text, check a command or several, files a list of paths. Nothing was begun."
        )
    return Entry(task=task, values={"check": checks} if checks else {}, paths=files)


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) and item.strip() for item in value)


def with_last(task: str, last: Done | None) -> str:
    """Return a task with what came of the one before it."""
    if last is None:
        return task
    answer = last.answer.strip()
    if len(answer) > _MAX_ANSWER_CHARS:
        answer = f"{answer[:_MAX_ANSWER_CHARS]} …"
    said = f"What was said at its end:\n\n{answer}" if answer else "Nothing was said at its end."
    return f"{task}\n\nThe task before this one was done, and its commits are there:\n\n{last.task}\n\n{said}"

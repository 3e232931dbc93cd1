"""[io] The attempts at one task as a group on the disk, so that they can be ranked whoever began them.

A group is a folder in the user's state folder; its attempts are the jobs whose records name it. What the judge has
said is kept there as well: it is paid for once, and counts against the budget of the group whoever asks.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from chat.attempts.judging import Answer, Choice
from chat.attempts.ranking import unknown_spending
from chat.errors import ChatError, InputError, UsageError
from chat.jobs.record import Document
from chat.jobs.store import JobFolder, all_folders, find_folder, jobs_folder
from chat.model import Usage
from chat.settings.kinds import Value

PREFIX = "attempts-"
RECORD, NEW = "group.json", ".new"
_CALLS = "judge.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRecord(Document):
    """What a group of attempts is. Written before the first of them is made."""

    task: str
    """Secrets hidden."""
    created: float
    root: str
    """The work tree that they were begun in."""
    count: int
    """How many attempts begin at the same time; fewer are there if their launcher was killed."""
    later: int = 0
    """How many more were wanted in later rounds."""
    maker: str
    """The mark of the process that makes them."""
    budget_usd: float = 0.0
    """For all attempts and the judge; 0 is no limit."""
    tokens: int = 0
    judges: bool = True
    """Whether a judge is asked."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Settings of the command line, by name, without keys; paths are absolute."""

    @property
    def wanted(self) -> int:
        """How many attempts were wanted in all."""
        return self.count + self.later

    def spent(self, known: Sequence[Usage]) -> Usage:
        """Return what its attempts took, of which these are known; of one that is gone all of its share counts."""
        gone = unknown_spending(self.budget_usd, self.tokens, self.count, missing=self.wanted - len(known))
        return sum(known, gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCall:
    """One question to the judge, with what it was about."""

    first: str
    """The digest of the change that it saw first."""
    second: str
    is_over: bool = False
    """False while it is asked, and for ever where that was cut off; then the usage is an estimate."""
    choice: Choice = "invalid"
    reason: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0

    @property
    def answer(self) -> Answer:
        """What came of it."""
        return Answer(self.choice, self.reason)

    @property
    def usage(self) -> Usage:
        """What it took."""
        return Usage(1, self.prompt_tokens, 0, self.completion_tokens, self.cost_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Calls(Document):
    calls: tuple[Mapping[str, Any], ...] = ()


class Group:
    """The folder of one group."""

    def __init__(self, path: Path) -> None:
        self._folder = JobFolder(path)

    @property
    def id(self) -> str:
        """The group's id."""
        return self._folder.id

    @property
    def folder(self) -> JobFolder:
        """Its files and its lock."""
        return self._folder

    def record(self) -> GroupRecord:
        """Return what it is. Raises InputError where that cannot be read."""
        record = self._folder.read(RECORD, GroupRecord)
        if record is None:
            raise InputError(f"{self._folder.path} holds no attempts. `trigpoint jobs prune` removes it.")
        return record

    def set_limits(self, budget_usd: float, tokens: int) -> None:
        """Replace what all its attempts and the judge may take; 0 is no limit."""
        self._folder.write(RECORD, replace(self.record(), budget_usd=budget_usd, tokens=tokens))

    def want_more(self, count: int) -> None:
        """Write down that so many attempts more are about to be made."""
        record = self.record()
        self._folder.write(RECORD, replace(record, later=record.later + count))

    def jobs(self) -> list[JobFolder]:
        """Return its attempts, in the order in which they were begun."""
        found = []
        for folder in all_folders():
            with suppress(ChatError):
                record = folder.record()
                if record.group == self.id:
                    found.append((record.created, folder.id, folder))
        return [folder for _, _, folder in sorted(found, key=lambda each: each[:2])]

    def calls(self) -> list[JudgeCall]:
        """Return what the judge was asked, oldest first."""
        kept = self._folder.read(_CALLS, _Calls) or _Calls()
        names = {each.name for each in fields(JudgeCall)}
        return [JudgeCall(**{name: call[name] for name in names & call.keys()}) for call in kept.calls]

    def keep_calls(self, calls: Sequence[JudgeCall]) -> None:
        """Keep what the judge was asked."""
        self._folder.write(_CALLS, _Calls(calls=tuple(map(asdict, calls))))

    def remove(self) -> None:
        """Remove what is kept of the group; its attempts stay."""
        from chat.jobs.tree import remove_folder

        remove_folder(self._folder.path)


def groups_folder() -> Path:
    """Return the folder of all groups."""
    return jobs_folder().parent / "attempts"


def all_groups() -> list[Group]:
    """Return all groups, by id."""
    with suppress(OSError):
        return [Group(path) for path in sorted(groups_folder().iterdir()) if path.name.startswith(PREFIX)]
    return []


def names_group(text: str) -> bool:
    """Whether an id is that of a group: those of jobs have no such beginning."""
    return text.startswith(PREFIX)


def find_group(text: str) -> Group:
    """Find the group whose id begins with this, or that an attempt belongs to. Raises InputError, UsageError."""
    if not names_group(text):
        record = find_folder(text).record()
        if not names_group(record.group):
            raise UsageError(
                f"Job {record.id} is no attempt. Nothing was done; `trigpoint run` has --attempts."
            )
        text = record.group
    found = [group for group in all_groups() if group.id.startswith(text)]
    if len(found) != 1:
        many = f"{len(found)} groups of attempts match" if found else "No group of attempts matches"
        raise InputError(
            f"{many} {text}. Nothing was done; `trigpoint jobs --json` names the group of each job."
        )
    return found[0]


def left_over() -> Iterator[Group]:
    """Yield the groups that nobody needs: half made ones, and those without attempts, whose maker is gone."""
    from edits import is_gone

    with suppress(OSError):
        for path in sorted(groups_folder().iterdir()):
            if path.suffix == NEW and is_gone(path.name.partition(".")[0]):
                yield Group(path)
    for group in all_groups():
        with suppress(ChatError):
            if not group.jobs() and is_gone(group.record().maker):
                yield group


def drop_if_empty(group_id: str) -> None:
    """Remove a group of which no attempt is left."""
    for group in all_groups():
        if group.id == group_id and not group.jobs():
            group.remove()

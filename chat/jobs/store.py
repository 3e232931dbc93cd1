"""[io] Where jobs are kept: a folder for each in the user's state folder, readable by the user alone.

Files are written beside their place and renamed, so nobody ever reads half of one; events are only appended.
"""

import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from chat.errors import ChatError, InputError
from chat.jobs.record import Document, JobRecord, Merged, RunEnd, RunStart
from chat.safety.small_file import MAX_BYTES, read_small
from repomap import lock_within, write_whole

_ID = re.compile(r"[0-9a-f]{6}\Z")
_NEW = ".new"
LOCK_WAIT_S = 5.0
"""How long a lock is waited for where whoever only looks whether it is free may have it."""

D = TypeVar("D", bound=Document)


class JobBusy(ChatError):
    """Another process works on the job."""


def jobs_folder() -> Path:
    """Return the folder of all jobs."""
    from platformdirs import user_state_path

    return user_state_path("trigpoint") / "jobs"


class JobFolder:
    """The files of one job."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def id(self) -> str:
        """The job's id."""
        return self.path.name

    @property
    def tree_place(self) -> Path:
        """The folder that the work tree is made in, under the repository's own name."""
        return self.path / "tree"

    @property
    def events(self) -> Path:
        """What the worker has reported: one JSON object per line, as `--output-format stream-json` prints."""
        return self.path / "events.jsonl"

    @property
    def messages(self) -> Path:
        """Standard error of the worker."""
        return self.path / "messages.log"

    @property
    def report(self) -> Path:
        """The report on the run, in Markdown."""
        return self.path / "report.md"

    @property
    def inbox(self) -> Path:
        """The folder of what the user has sent."""
        return self.path / "inbox"

    def tree(self, record: JobRecord) -> Path:
        """Return where the work tree is, or will be."""
        return self.tree_place / (os.path.basename(record.root) or "root")

    def record(self) -> JobRecord:
        """Return what the job is. Raises InputError where that cannot be read."""
        record = self.read("job.json", JobRecord)
        if record is None:
            raise InputError(
                f"{self.path} holds no job. Nothing was done; `trigpoint jobs prune` removes it."
            )
        return record

    def write_record(self, record: JobRecord) -> None:
        """Keep what the job is."""
        self.write("job.json", record)

    def start(self) -> RunStart | None:
        """Return the newest run of the job, or None before the first."""
        return self.read("start.json", RunStart)

    def end(self) -> RunEnd | None:
        """Return how a run ended last, or None."""
        return self.read("end.json", RunEnd)

    def merged(self) -> Merged | None:
        """Return the merge of the job, or None."""
        return self.read("merged.json", Merged)

    def read(self, name: str, kind: type[D]) -> D | None:
        """Return a file as a value, or None where there is none. Raises InputError where it is damaged."""
        data = read_small(self.path / name, follow_links=False)
        try:
            return None if data is None else kind.from_json(data)
        except InputError as error:
            advice = (
                f" Nothing was done; `trigpoint discard {self.id}` removes the job."
                if _ID.match(self.id)
                else ""
            )
            raise InputError(f"{self.path / name}: {error}{advice}") from error

    def write(self, name: str, value: Document) -> None:
        """Write a value as a file, whole and on the disk. Raises ChatError, also for one too long to be read again."""
        data = value.to_json()
        if len(data) > MAX_BYTES:
            raise InputError(
                f"What is to be kept of the job is longer than {MAX_BYTES:,} bytes, so it was not written. Give it a "
                "shorter task or plan, and name files for the rest."
            )
        try:
            write_whole(self.path / name, data, sync=True)
        except OSError as error:
            raise ChatError(f"{self.path / name}: {error.strerror}. The job was not changed.") from error

    @contextmanager
    def locked(self, wait_s: float = 0.0) -> Iterator[None]:
        """Hold the lock that whoever works on the job or changes it holds.

        Raises JobBusy, and InputError where the job is gone.
        """
        try:
            descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError as error:
            raise InputError(f"Job {self.id} was removed meanwhile. Nothing was done.") from error
        try:
            if not lock_within(descriptor, wait_s):
                raise JobBusy(
                    f"Another process works on job {self.id}, so nothing was done. "
                    f"`trigpoint stop {self.id}` ends it."
                )
            yield
        finally:
            os.close(descriptor)


def new_folder(record_for: Callable[[str], JobRecord]) -> JobFolder:
    """Make the folder of a new job, with its record in it from the first moment on. Raises ChatError.

    ``record_for`` gives the record for an id.
    """
    from edits import own_mark

    place = jobs_folder()
    made = JobFolder(place / f"{own_mark()}.{secrets.token_hex(3)}{_NEW}")
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        made.path.mkdir(mode=0o700)
        while True:
            path = place / secrets.token_hex(3)
            made.write_record(record_for(path.name))
            if not path.exists():
                made.path.rename(path)
                return JobFolder(path)
    except InputError:
        made.path.rmdir()
        raise
    except OSError as error:
        raise ChatError(f"{place}: {error.strerror}. No job was begun; make the folder writable.") from error


def half_made() -> Iterator[JobFolder]:
    """Yield what killed processes have left of folders: without a name yet, or without a record any more."""
    from edits import is_gone

    with suppress(OSError):
        for path in sorted(jobs_folder().iterdir()):
            is_new = path.suffix == _NEW and is_gone(path.name.partition(".")[0])
            if is_new or (_ID.match(path.name) and not (path / "job.json").exists()):
                yield JobFolder(path)


def all_folders() -> list[JobFolder]:
    """Return the folders of all jobs, also of those that cannot be read; by id."""
    with suppress(OSError):
        return [JobFolder(path) for path in sorted(jobs_folder().iterdir()) if _ID.match(path.name)]
    return []


def children_of(record: JobRecord) -> list[JobFolder]:
    """Return the jobs that a job has begun, which only one with a plan does: those whose group it is."""
    found = []
    for folder in all_folders() if record.plan else ():
        with suppress(ChatError):
            if folder.record().group == record.id:
                found.append(folder)
    return found


def find_folder(prefix: str, folders: Sequence[JobFolder] | None = None) -> JobFolder:
    """Find the one job whose id begins with this. Raises InputError."""
    known = all_folders() if folders is None else folders
    found = [folder for folder in known if prefix and folder.id.startswith(prefix)]
    if not found:
        of_group = f"; for those of a group, `trigpoint status {prefix}`" if "-" in prefix else ""
        raise InputError(
            f"No job matches {prefix}. Nothing was done; `trigpoint jobs --all` lists them{of_group}."
        )
    if len(found) > 1:
        names = ", ".join(folder.id for folder in found[:5])
        raise InputError(
            f"{len(found)} jobs match {prefix} ({names}). Nothing was done; give more of the id."
        )
    return found[0]

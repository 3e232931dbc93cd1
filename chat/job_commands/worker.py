"""[io] The process that works on a job: `trigpoint jobs work ID`, which only Trigpoint itself starts."""

import json
import os
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat.display import json_output
from chat.errors import ChatError
from chat.jobs.events import read_events
from chat.jobs.launch import SECRETS_VARIABLE, begin_run
from chat.jobs.lines import STARTED
from chat.jobs.messages import withdraw
from chat.jobs.progress import Progress
from chat.jobs.record import JobRecord, RunEnd, frozen
from chat.jobs.store import LOCK_WAIT_S, JobFolder, find_folder
from chat.jobs.tree import remove_folder
from chat.safety.evidence import evidence_folder
from chat.settings.kinds import Value
from chat.settings.layers import COMMAND_LINE, Layer
from chat.settings.rows.changes import COMMITTING
from chat.settings.table import Settings
from chat.terminal.screens.output import error_text
from repomap import ExitCode, write_to


def work(job: str) -> int:
    """Work on a job until it is over, and write down how that was; return the exit code."""
    folder = find_folder(job)
    with folder.locked(LOCK_WAIT_S), _into(folder.events):
        withdraw(folder)
        remove_folder(evidence_folder(folder.report))
        record, begun, offset = folder.record(), begin_run(folder), folder.events.stat().st_size
        _print({"type": "system", "subtype": STARTED, "number": begun.number, "task": record.task})
        code = _run_to_end(folder, record)
        result = Progress().after(read_events(folder.events, offset)[0]).result
        reason = str(result.get("error") or "") if code else ""
        folder.write("end.json", RunEnd(number=begun.number, exit_code=code, at=time.time(), reason=reason))
    return code


@contextmanager
def _into(events: Path) -> Iterator[None]:
    """Append to the file of events what goes to standard output, after the line in which a worker was killed."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
    with open(os.open(events, flags, 0o600), "a", encoding="utf-8", newline="\n") as out:
        if not _ends_whole(events):
            out.write("\n")
        with redirect_stdout(out):
            yield


def _ends_whole(events: Path) -> bool:
    with events.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _run_to_end(folder: JobFolder, record: JobRecord) -> int:
    """Do the run, and report what nobody expected: a job that is merely gone does not say why."""
    try:
        return _run(folder, record)
    except Exception as error:
        traceback.print_exc()
        _print(json_output.failed(error_text(error)))
        return ExitCode.FAILED


def _run(folder: JobFolder, record: JobRecord) -> int:
    from chat.settings.load import load

    tree = folder.tree(record)
    here = tree / record.folder
    os.chdir(here if here.is_dir() else tree)
    try:
        keys = _keys()
        layer = Layer(COMMAND_LINE, {**record.values, **keys, **_of_job(folder, record)})
        loaded = load(layer, Path.cwd(), os.environ)
    except ChatError as error:
        _print(json_output.failed_early(error))
        return error.exit_code
    for notice in loaded.notices:
        _print({"type": "system", "subtype": "notice", "text": notice, "level": "warning"})
    os.environ.update(loaded.environment)
    settings = _of_any_job(loaded.settings)
    if record.plan:
        return _run_plan(settings, folder, keys)
    from chat.job_commands.job_run import run_job

    return run_job(settings, folder)


def _of_any_job(settings: Settings) -> Settings:
    """Return settings with which there is something to merge at the end: a job writes files, and commits them."""
    mode = settings.commit_mode if settings.commit_mode in COMMITTING else "turn"
    return replace(settings, git=True, dry_run=False, commit_mode=mode)


def _run_plan(settings: Settings, folder: JobFolder, keys: Mapping[str, Value]) -> int:
    from chat.job_commands.plan_run import run_plan

    try:
        return run_plan(settings, folder, keys)
    except ChatError as error:
        _print(json_output.failed_early(error))
        return error.exit_code


def _of_job(folder: JobFolder, record: JobRecord) -> dict[str, Value]:
    """What a job sets itself: it goes on with its own session, and reports by events."""
    own: dict[str, Value] = {"continue": True, "output-format": "stream-json", "session-persistence": True}
    return own if record.values.get("report") else {**own, "report": str(folder.report)}


def _keys() -> dict[str, Value]:
    """The settings that are not kept, which the process that started this one has handed over."""
    with suppress(ValueError):
        return dict(frozen(json.loads(os.environ.pop(SECRETS_VARIABLE, "{}"))))
    return {}


def _print(fields: Mapping[str, Any]) -> None:
    write_to(sys.stdout, json.dumps(fields) + "\n")

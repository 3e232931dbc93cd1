"""[io] The run of a plan in the process of its job: settings and folder → ports; what happens → events and a report."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat.app.command_shells import open_command_shells
from chat.app.hiding import masks_for
from chat.display import json_output
from chat.errors import ChatError
from chat.events import CommandRan, Emit, Event, Notice
from chat.jobs.launch import start
from chat.jobs.person import DistantPerson
from chat.jobs.store import JobFolder
from chat.ports import Ran
from chat.safety.masks import Masks
from chat.settings.kinds import Value
from chat.settings.table import Settings
from chat.terminal.signals import ended_by_signals
from chat.trust.claims import SETTINGS_FILE
from chat.trust.grants import changed_source
from chat.workers.branch import PlanBranch
from chat.workers.carrying_out import carry_out
from chat.workers.pieces import Children
from chat.workers.ports import PlanPorts
from chat.workers.record import PlanOrder
from chat.workers.report import PlanEnd, plan_object, plan_report
from repomap import write_to, write_whole


def run_plan(settings: Settings, folder: JobFolder, keys: Mapping[str, Value]) -> int:
    """Carry out the plan of a job in the current folder, its work tree; return the exit code.

    ``keys`` are settings that are not kept, which its jobs need. Raises ChatError where it cannot even begin.
    """
    record = folder.record()
    tree = folder.tree(record)
    masks = masks_for(settings, tree)
    checks: dict[str, int] = {}
    emit = _printing(masks)

    def run_check(command: str, timeout_s: float | None) -> Ran:
        ran = shell.run(command, timeout_s)
        checks[command] = ran.exit_code
        emit(CommandRan(command, ran.exit_code, ran.output, "check"))
        return ran

    def say(text: str, level: Any = "info") -> None:
        emit(Notice(text, level))

    trusted = _trusted(settings, tree, say)
    shell = open_command_shells(settings, tree, "", emit, lambda: trusted("setup-cmd"), tuple).checks
    ports = PlanPorts(
        folder=folder,
        record=record,
        order=PlanOrder.of(record.plan),
        settings=settings,
        whole=settings.check if trusted("check") else (),
        children=Children(record, lambda child: start(child, keys)),
        branch=PlanBranch(tree, record.branch),
        person=DistantPerson(folder),
        say=say,
        run_check=run_check,
    )
    with ended_by_signals():
        end = carry_out(ports)
    return _report(end, ports, tuple(checks.items()), masks)


def _printing(masks: Masks) -> Emit:
    """Return what prints events as the lines of a job's file."""

    def emit(event: Event) -> None:
        fields = json_output.line(event, "")
        if fields is not None:
            write_to(sys.stdout, json.dumps(masks.hidden_fields(fields)) + "\n")
            sys.stdout.flush()

    return emit


def _trusted(settings: Settings, root: Path, say: Callable[..., None]) -> Callable[[str], bool]:
    """Return what says whether a setting that names commands counts: not if its file changed since it was trusted."""

    def trusted(name: str) -> bool:
        source = dict(settings.sources).get(name, "")
        try:
            changed = changed_source(root, source) if SETTINGS_FILE in source else ""
        except ChatError as error:
            say(str(error), "warning")
            return False
        if changed:
            say(f"{changed} has changed since you trusted it, so its {name} is not run.", "warning")
        return not changed

    return trusted


def _report(end: PlanEnd, ports: PlanPorts, checks: tuple[tuple[str, int], ...], masks: Masks) -> int:
    """Write the report for a person and for programs, print the result, and return the exit code."""
    end = replace(end, checks=tuple(check for check in checks if check[0] in ports.whole))
    fields = masks.hidden_fields(plan_object(end))
    texts = {
        Path(ports.settings.report or ports.folder.report): masks.hidden(plan_report(end)),
        ports.folder.path / "report.json": json.dumps(fields, indent=1) + "\n",
    }
    for path, text in texts.items():
        try:
            write_whole(path, text.encode("utf-8", "replace"))
        except OSError as error:
            ports.say(f"{path}: {error.strerror}. The report was not written there.", "warning")
    outcome = json_output.Outcome(
        "",
        int(end.exit_code),
        end.summary,
        usage=end.usage,
        duration_ms=round(1000 * end.seconds),
        reason=end.reason,
        structured=fields,
    )
    write_to(sys.stdout, json.dumps(masks.hidden_fields(json_output.result(outcome))) + "\n")
    return int(end.exit_code)

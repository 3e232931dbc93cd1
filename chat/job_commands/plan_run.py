"""[io] The run of a plan in the process of its job: settings and folder → ports; what happens → events and a report."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from chat.app.command_shells import open_command_shells
from chat.app.hiding import masks_for
from chat.app.notifying import NotifyingPerson
from chat.display import json_output
from chat.errors import ChatError
from chat.events import CommandRan, Event, Notice, NoticeLevel
from chat.hooks.hooks import Hooks
from chat.jobs.launch import start
from chat.jobs.person import DistantPerson
from chat.jobs.store import JobFolder
from chat.ports import Ran, Shell
from chat.safety.masks import Masks
from chat.safety.printable import on_one_line
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
    events = Events(masks_for(settings, tree))
    trusted = _trusted(settings, tree, events.say)
    shells = open_command_shells(settings, tree, "", events.emit, lambda: trusted("setup-cmd"), tuple)
    hooks = None if settings.bare else Hooks(tree, room=shells.hooks)
    ports = PlanPorts(
        folder=folder,
        record=record,
        order=PlanOrder.of(record.plan),
        settings=settings,
        whole=settings.check if settings.check and trusted("check") else (),
        children=Children(record, lambda child: start(child, keys)),
        branch=PlanBranch(tree, record.branch),
        person=NotifyingPerson(DistantPerson(folder), partial(_notify, hooks, "permission_prompt")),
        say=events.say,
        run_check=events.running(shells.checks),
    )
    with ended_by_signals():
        end = carry_out(ports)
    code = _report(end, ports, events)
    how = f"ended with exit code {code}" if code else "is done"
    _notify(hooks, "job_ended", f"Job {folder.id} {how}: {on_one_line(record.task)}")
    return code


def _notify(hooks: Hooks | None, kind: str, message: str) -> None:
    """Tell the user's hooks of what somebody has to know who may be looking elsewhere."""
    if hooks is not None:
        hooks.fire("Notification", {"message": message, "notification_type": kind}, kind)


class Events:
    """What happens, printed as the lines of a job's file; checks are remembered as they ended last."""

    def __init__(self, masks: Masks) -> None:
        self.masks = masks
        self.checks: dict[str, int] = {}

    def emit(self, event: Event) -> None:
        """Print an event."""
        fields = json_output.line(event, "")
        if fields is not None:
            self.print(fields)

    def say(self, text: str, level: NoticeLevel = "info") -> None:
        """Print a text of the program's."""
        self.emit(Notice(text, level))

    def print(self, fields: Mapping[str, Any]) -> None:
        """Print a line, secrets hidden."""
        write_to(sys.stdout, json.dumps(self.masks.hidden_fields(fields)) + "\n")

    def running(self, shell: Shell) -> Callable[[str, float | None], Ran]:
        """Return what runs a check and prints how it ended."""

        def run(command: str, timeout_s: float | None) -> Ran:
            ran = shell.run(command, timeout_s)
            self.checks[command] = ran.exit_code
            self.emit(CommandRan(command, ran.exit_code, ran.output, "check"))
            return ran

        return run


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


def _report(end: PlanEnd, ports: PlanPorts, events: Events) -> int:
    """Write the report for a person and for programs, print the result, and return the exit code."""
    end = replace(end, checks=tuple(check for check in events.checks.items() if check[0] in ports.whole))
    fields = events.masks.hidden_fields(plan_object(end))
    _write_reports(end, fields, ports, events)
    if not end.exit_code:
        events.say(end.summary)
    outcome = json_output.Outcome(
        "",
        int(end.exit_code),
        end.summary,
        usage=end.usage,
        duration_ms=round(1000 * end.seconds),
        reason=end.reason,
        structured=fields,
    )
    events.print(json_output.result(outcome))
    return int(end.exit_code)


def _write_reports(end: PlanEnd, fields: Any, ports: PlanPorts, events: Events) -> None:
    texts = {
        Path(ports.settings.report or ports.folder.report): events.masks.hidden(plan_report(end)),
        ports.folder.path / "report.json": json.dumps(fields, indent=1) + "\n",
    }
    for path, text in texts.items():
        try:
            write_whole(path, text.encode("utf-8", "replace"))
        except OSError as error:
            events.say(f"{path}: {error.strerror}. The report was not written there.", "warning")

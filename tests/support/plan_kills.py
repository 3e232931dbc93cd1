"""Plans that are killed at any moment and gone on with: real processes, with a model that costs nothing.

As a program, `cli ARGUMENTS…` is the command with that model. `kills BASE '{"kills": 12, "seed": 1}'` kills the
launcher, the process of the plan, that of one of its pieces, or all of them, at random points, and resumes the plan
until it is over; it prints what differs from the undisturbed run.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from job_cases import left_in_state, looks
from job_kills import WAIT_S, Run, command, marked_processes, run_in
from plan_cases import TASK, WHOLE, reply_to
from repositories import git

from chat.model import Message

PROGRAM = (
    "import sys; n = int(sys.argv[1]); sys.path[:] = sys.argv[2:2 + n]; del sys.argv[1:2 + n]; "
    "import plan_kills; plan_kills.trigpoint()"
)
MODEL = ("--model", "fake/main", "--map-tokens", "0")
RULES = ("--allowed-tools", "Bash(test -f *)", "Bash(grep -q *)")
BEGIN = ("run", TASK, "--plan", "--yes", "--max-turns", "1", "--check", WHOLE, *MODEL, *RULES)
_MOST_RESUMPTIONS = 6


def trigpoint() -> None:
    """`trigpoint`, with the model of `plan_cases`."""

    def reply(messages: Sequence[Message]) -> str:
        return reply_to([message.text for message in messages if message.role == "user"])

    command(reply, PROGRAM)


def new_run(base: Path, name: str) -> Run:
    return run_in(base / name, {"README.md": "# Shop\n"}, "plan_kills.py")


def views():  # type: ignore[no-untyped-def]
    """The plan as it is, None before there is one, and its jobs."""
    from chat.jobs.view import job_views

    found = list(job_views())
    return next((view for view in found if view.record.plan), None), [v for v in found if not v.record.plan]


def pid_of(view) -> int:  # type: ignore[no-untyped-def]
    from edits import pid_of as pid

    return int(pid(view.facts.start.mark)) if view and view.facts.start and view.state.is_live else 0


def kill(run: Run, launcher: "subprocess.Popen[bytes]", what: str, chance: random.Random) -> None:
    """Kill the launcher, the plan's process, that of a piece, both, or all that belongs to the plan."""
    plan, pieces = views()
    live = [view for view in pieces if view.state.is_live]
    pids = {
        "launcher": [launcher.pid],
        "plan": [pid_of(plan)],
        "piece": [pid_of(chance.choice(live))] if live else [],
        "both": [pid_of(plan), *([pid_of(chance.choice(live))] if live else [])],
        "machine": [launcher.pid, *marked_processes(run.environment["XDG_STATE_HOME"])],
    }[what]
    for pid in filter(None, pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if what != "piece":
        with suppress(ProcessLookupError):
            os.killpg(launcher.pid, signal.SIGKILL)
        launcher.wait(WAIT_S)


def finish(run: Run, launcher: "subprocess.Popen[bytes] | None") -> str:
    """Go on with the plan until it is over; return what was said last."""
    said = ""
    for _ in range(_MOST_RESUMPTIONS):
        while (plan := views()[0]) and plan.state.is_live:
            time.sleep(0.1)
        if launcher is not None:
            with suppress(subprocess.TimeoutExpired):
                launcher.wait(WAIT_S)
            launcher = None
        if plan and plan.state.value == "done":
            break
        said = run.run(*(("resume", plan.record.id) if plan else BEGIN))[1]
    return said


def ending(run: Run) -> dict[str, object]:
    """All of a plan that must be the same in the end."""
    plan, _ = views()
    if plan is None:
        return {}
    report = json.loads((plan.folder / "report.json").read_text())
    return {
        "state": plan.state.value,
        "code": plan.exit_code,
        "files": git(run.root, "ls-tree", "-r", plan.record.branch),
        "status": git(plan.tree, "status", "--porcelain"),
        "pieces": [each["status"] for each in report["pieces"]],
        "tried too often": [each["id"] for each in report["pieces"] if each["tries"] > 2],
    }


def check_end(run: Run, before: dict[str, str]) -> list[object]:
    """Merge the plan and prune; return what is left over or was touched."""
    plan, _ = views()
    if plan is None:
        return ["there is no plan"]
    code, said = run.run("merge", plan.record.id)
    found: list[object] = [said] if code else []
    git(run.root, "reset", "-q", "--hard", before["head"].split("ref")[0])
    run.run("jobs", "prune")
    after = looks(run.root)
    found += [(name, before[name], after[name]) for name in before if before[name] != after[name]]
    if left := left_in_state():
        found.append(("left in the state folder", left))
    if running := marked_processes(run.environment["XDG_STATE_HOME"]):
        found.append(("still running", running))
    return found


def check_kills(base: Path, kills: int, seed: int, first: int = 0) -> dict[str, object]:
    """Kill so many plans, and tell what differs."""
    run = new_run(base, "undisturbed")
    before, began = looks(run.root), time.monotonic()
    code, said = run.run(*BEGIN)
    length_s = time.monotonic() - began
    assert code == 0, said
    wanted = ending(run)
    found = check_end(run, before)
    for number in range(first, first + kills):
        chance = random.Random(f"{seed}-{number}")
        run = new_run(base, f"killed{number}")
        before = looks(run.root)
        what, at_s = (
            chance.choice(("launcher", "plan", "piece", "both", "machine")),
            chance.uniform(0, length_s),
        )
        launcher = run.start(*BEGIN)
        time.sleep(at_s)
        kill(run, launcher, what, chance)
        is_untouched = git(run.root, "status", "--porcelain", "--ignored") == before["status"]
        said = finish(run, launcher)
        got = ending(run)
        differs = [(name, wanted[name], got.get(name)) for name in wanted if got.get(name) != wanted[name]]
        differs += [] if is_untouched else [("the user's work tree", "untouched", "touched")]
        left = check_end(run, before)
        if differs or left:
            found.append(
                {"number": number, "what": what, "at_s": at_s, "differs": differs, "left": left, "said": said}
            )
        else:
            shutil.rmtree(base / f"killed{number}", ignore_errors=True)
    return {"found": found, "length_s": length_s}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["cli", *_]:
            del sys.argv[1]
            trigpoint()
        case ["kills", base, options]:
            print(json.dumps(check_kills(Path(base), **json.loads(options))))

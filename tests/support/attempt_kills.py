"""Attempts whose launcher, or all of whose processes, are killed at any moment: real processes, a model for nothing.

As a program, `BASE '{"kills": 20, "seed": 1}'` kills at random points of a run of two attempts, takes up what was lost,
ranks what is there, merges the best and removes the rest; it prints what is left over or was not done.
"""

import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from job_cases import left_in_state, looks
from job_kills import FLAGS, Run, is_worker, marked_processes, new_run
from repositories import git

BEGIN = ("run", "Do: file f", *FLAGS, "--attempts", "2")
WAIT_S = 120.0


def check_kills(base: Path, kills: int, seed: int) -> dict[str, object]:
    """Kill so many runs; ``ranked`` counts those of which something was left to rank."""
    whole = new_run(base, "undisturbed")
    began = time.monotonic()
    code, said = whole.run(*BEGIN)
    length_s = time.monotonic() - began
    assert code == 0, said
    found, ranked = list[object](), 0
    for number in range(kills):
        chance = random.Random(f"{seed}-{number}")
        run = new_run(base, f"killed{number}")
        before = looks(run.root)
        what, at_s = chance.choice(("launcher", "machine")), chance.uniform(0.2, 1) * length_s
        kill_at(run, what, at_s)
        wrong, is_ranked = taken_up(run)
        ranked += is_ranked
        wrong += left_of(run, before)
        found += [{"number": number, "what": what, "at_s": at_s, "wrong": wrong}] if wrong else []
    return {"found": found, "ranked": ranked}


def kill_at(run: Run, what: str, at_s: float) -> None:
    """Begin attempts, and kill their launcher or everything after a while; return once nothing works any more."""
    launcher = run.start(*BEGIN)
    time.sleep(at_s)
    state = run.environment["XDG_STATE_HOME"]
    with suppress(ProcessLookupError):
        os.killpg(launcher.pid, signal.SIGKILL)
    for pid in marked_processes(state) if what == "machine" else []:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    launcher.communicate(timeout=WAIT_S)
    deadline = time.monotonic() + WAIT_S
    while any(map(is_worker, marked_processes(state))) and time.monotonic() < deadline:
        time.sleep(0.05)


def taken_up(run: Run) -> tuple[list[object], bool]:
    """Resume what was lost, rank and merge; return what went wrong, and whether there was anything to rank."""
    from chat.attempts.group import all_groups
    from chat.jobs.view import JobReader

    groups = [group for group in all_groups() if group.jobs()]
    if not groups:
        return [], False
    wrong: list[object] = []
    for folder in groups[0].jobs():
        if JobReader(folder).read().state.value != "done":
            code, said = run.run("resume", folder.id)
            wrong += [said] if code else []
    code, said = run.run("jobs", "attempts", groups[0].id, "--merge")
    wrong += [] if code == 0 and (run.root / "f.txt").read_text() == "f\n" else [said]
    git(run.root, "reset", "-q", "--hard", "HEAD^")
    wrong += [said for code, said in [run.run("discard", groups[0].id)] if code]
    return wrong, True


def left_of(run: Run, before: dict[str, str]) -> list[object]:
    """Prune, and return what is left over or was touched."""
    run.run("jobs", "prune", "--ended")
    after = looks(run.root)
    differs = [(name, before[name], after[name]) for name in before if before[name] != after[name]]
    return [*differs, *left_in_state(), *marked_processes(run.environment["XDG_STATE_HOME"])]


if __name__ == "__main__":
    print(json.dumps(check_kills(Path(sys.argv[1]), **json.loads(sys.argv[2]))))

"""Jobs that are killed at any moment, and many of them at once: real processes, with a model that costs nothing.

As a program, `cli ARGUMENTS…` is the command with that model; the processes that it starts for jobs have it, too.
`kills BASE '{"kills": 100, "seed": 1}'` kills worker, launcher or both at random points of a run and takes the job up
again, until it is over; it prints what differs from the undisturbed run. `many BASE 20` has so many jobs at once in one
repository, beside a user who commits.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from job_cases import left_in_state, looks
from kill_cases import LINES, block
from long_session import SteadyModel
from repositories import git, make_repository

from chat.events import Emit, TextChunk
from chat.model import Message, ModelRole, Prompt, Reply
from chat.settings.table import Settings

HERE = Path(__file__).parent
PROGRAM = (
    "import sys; n = int(sys.argv[1]); sys.path[:] = sys.argv[2:2 + n]; del sys.argv[1:2 + n]; "
    "import job_kills; job_kills.command()"
)
FLAGS = ("--model", "fake/main", "--map-tokens", "0", "--no-plan")
CHECKS = ("test -f a.txt; sleep 300 >/dev/null 2>&1 & sleep 0.1", "grep -q 'LINE 5' a.txt")
"""The first leaves a process running."""
WAIT_S = 120.0
_UNDISTURBED = 3
"""Runs of which the fastest says when to kill."""


class SlowModel(SteadyModel):
    """Takes a moment for each reply, and streams it."""

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        time.sleep(0.05)
        whole = super().reply(prompt, role, emit)
        emit(TextChunk(whole.text))
        return whole

    def load_in_background(self) -> None:
        """There is nothing to load."""


def reply_to(messages: Sequence[Message]) -> str:
    """What the model says: a function of the conversation alone."""
    text = "\n".join(message.text for message in messages)
    asked = [message.text for message in messages if message.role == "user" and "Do: file " in message.text]
    if asked:
        name = asked[-1].partition("Do: file ")[2].split()[0]
        return block(f"{name}.txt", "", f"{name}\n")
    return (
        block("a.txt", "line 5\n", "LINE 5\n") if "LINE 3" in text else block("a.txt", "line 3\n", "LINE 3\n")
    )


def command(reply: Callable[[Sequence[Message]], str] = reply_to, program: str = PROGRAM) -> None:
    """`trigpoint`, with the model above, or one that says something else; ``program`` is what jobs are started by."""
    from functools import partial

    from chat.app import open as opening
    from chat.cli import main as cli
    from chat.jobs import processes
    from chat.llm import lite_model

    class Idle:
        def load(self) -> None:
            """litellm is not needed."""

    def open_model(settings: Settings) -> SlowModel:
        return SlowModel(reply_to=reply)

    lite_model.CALLER = Idle()  # type: ignore[assignment]
    opening.open_chat = partial(opening.open_chat, open_model=open_model)  # type: ignore[assignment]
    processes._PROGRAM = program  # type: ignore[attr-defined]
    cli.main()


# Kills ------------------------------------------------------------------------------------------


@dataclass
class Run:
    """One job in a repository of its own, with a state folder of its own."""

    root: Path
    environment: dict[str, str]
    script: str = "job_kills.py"
    """Which of the scripts here stands for the command."""

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start the command, as the leader of a group of its own."""
        return subprocess.Popen(
            [sys.executable, str(HERE / self.script), "cli", *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run the command to its end; return its exit code and what it said."""
        process = self.start(*arguments)
        said = process.communicate(timeout=WAIT_S)[1].decode()
        return process.returncode, said


def new_run(base: Path, name: str) -> Run:
    return run_in(base / name, {"a.txt": LINES, "b.txt": "b\n"}, "job_kills.py")


def run_in(folder: Path, files: dict[str, str], script: str) -> Run:
    """Make a repository with these files, and a state folder beside it that this process has from now on, too."""
    root = make_repository(folder / "project", files)
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    path = os.pathsep.join([str(HERE), str(HERE.parent.parent)])
    return Run(root, {**os.environ, "PYTHONPATH": path}, script)


BEGIN = ("run", "Do: goal", *FLAGS, *(word for check in CHECKS for word in ("--check", check)))


def the_view():  # type: ignore[no-untyped-def]
    """The one job as it is, or None."""
    from chat.jobs.store import all_folders
    from chat.jobs.view import JobReader

    folders = all_folders()
    return JobReader(folders[0]).read() if folders else None


def ending(run: Run) -> dict[str, object]:
    """All of a job that must be the same in the end."""
    from chat.sessions.journal import read_lines

    view = the_view()
    calls = [line.fields["prompt_digest"] for line in read_lines(view.journal) if line.kind == "call.done"]
    return {
        "state": view.state.value,
        "code": view.exit_code,
        "commits": git(
            run.root, "log", "--reverse", "--format=%T %s", f"{view.record.base}..{view.record.branch}"
        ),
        "status": git(view.tree, "status", "--porcelain"),
        "paid twice": len(calls) - len(set(calls)),
        "calls": len(calls),
    }


def marked_processes(state: str) -> list[int]:
    """The processes that belong to a job of a state folder."""
    found = []
    for name in os.listdir("/proc"):
        with suppress(OSError):
            if (
                name.isdigit()
                and f"_TRIGPOINT_JOB={state}".encode() in Path("/proc", name, "environ").read_bytes()
            ):
                found.append(int(name))
    return [pid for pid in found if pid != os.getpid()]


def kill(run: Run, launcher: "subprocess.Popen[bytes]", what: str) -> None:
    """Kill the worker alone, the launcher alone, or both with their groups, as the end of a machine would."""
    from edits import pid_of

    view = the_view()
    worker = int(pid_of(view.facts.start.mark)) if view and view.facts.start and view.state.is_live else 0
    with suppress(ProcessLookupError):
        if what in ("launcher", "all"):
            os.killpg(launcher.pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        if what in ("worker", "all") and worker:
            (os.killpg if what == "all" else os.kill)(worker, signal.SIGKILL)
    if what == "machine":
        for pid in [launcher.pid, *marked_processes(run.environment["XDG_STATE_HOME"])]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    launcher.wait(WAIT_S)


def until_still(run: Run) -> None:
    """Wait until no process works on the job any more, or is about to."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        view = the_view()
        workers = [pid for pid in marked_processes(run.environment["XDG_STATE_HOME"]) if is_worker(pid)]
        if not workers and not (view and view.state.is_live):
            return
        time.sleep(0.05)


def is_worker(pid: int) -> bool:
    with suppress(OSError):
        return b"jobs\0work\0" in Path("/proc", str(pid), "cmdline").read_bytes()
    return False


def check_kill(
    base: Path, number: int, chance: random.Random, length_s: float, wanted: dict[str, object]
) -> tuple[list[object], bool]:
    """Play one job that is killed; return what differs, and whether it was over before the first kill."""
    run = new_run(base, f"killed{number}")
    before, found = looks(run.root), list[object]()
    what = chance.choice(("worker", "launcher", "all", "machine"))
    kills = [chance.uniform(0, 1) * length_s]
    while chance.random() < 0.3:
        kills.append(chance.uniform(0, 0.8) * length_s)
    arguments: tuple[str, ...] = BEGIN
    said, is_late = "", False
    for place, at_s in enumerate(kills):
        launcher = run.start(*arguments)
        time.sleep(at_s)
        is_late = is_late or (place == 0 and launcher.poll() is not None)
        kill(run, launcher, what)
        if git(run.root, "status", "--porcelain", "--ignored") != before["status"]:
            found.append("the user's work tree was touched")
        until_still(run)
        view = the_view()
        if view and view.state.value == "done":
            break
        arguments = ("resume", view.record.id, *FLAGS[:2]) if view else BEGIN
    view = the_view()
    if view is None or view.state.value != "done":
        code, said = run.run(*(("resume", view.record.id) if view else BEGIN))
        if code:
            found.append(f"resumed with code {code}: {said[-600:]}")
    got = ending(run) if the_view() else {}
    found += [(name, wanted[name], got.get(name)) for name in wanted if got.get(name) != wanted[name]]
    found += check_end(run, before, merges=chance.random() < 0.5)
    seen = {"number": number, "what": what, "kills": kills, "found": found, "said": said[-300:]}
    return [seen] if found else [], is_late


def check_end(run: Run, before: dict[str, str], merges: bool) -> list[object]:
    """Merge or discard the job and prune; return what is left over or was touched."""
    from chat.jobs.store import half_made

    found: list[object] = []
    view = the_view()
    if view is None:
        return ["there is no job"]
    if merges:
        code, said = run.run("merge", view.record.id)
        if code or "LINE 5" not in (run.root / "a.txt").read_text():
            found.append(f"not merged: {said}")
        git(run.root, "reset", "-q", "--hard", before["head"].split("ref")[0])
    else:
        run.run("discard", view.record.id)
    run.run("jobs", "prune")
    after = looks(run.root)
    found += [(name, before[name], after[name]) for name in before if before[name] != after[name]]
    if left := left_in_state():
        found.append(("left in the state folder", left))
    if list(half_made()):
        found.append("a folder without a name is left")
    if running := marked_processes(run.environment["XDG_STATE_HOME"]):
        found.append(("still running", running))
    return found


def check_kills(base: Path, kills: int, seed: int, first: int = 0) -> dict[str, object]:
    """Kill so many jobs, and tell what differs; ``late`` counts those that were over before they were killed."""
    lengths_s, wanted = [], {}
    for number in range(_UNDISTURBED):
        run = new_run(base, f"undisturbed{number}")
        before = looks(run.root)
        began = time.monotonic()
        code, said = run.run(*BEGIN)
        lengths_s.append(time.monotonic() - began)
        assert code == 0, said
        wanted = ending(run)
        assert (wanted["status"], str(wanted["commits"]).count("\n")) == ("", 1), wanted
        found = check_end(run, before, merges=True)
        assert found == []
    late = 0
    for number in range(first, first + kills):
        differs, is_late = check_kill(base, number, random.Random(f"{seed}-{number}"), min(lengths_s), wanted)
        found += differs
        late += is_late
        shutil.rmtree(base / f"killed{number}", ignore_errors=True)
    return {"found": found, "late": late, "lengths_s": lengths_s}


# Many -------------------------------------------------------------------------------------------


def check_many(base: Path, count: int) -> dict[str, object]:
    """Have so many jobs at once beside a user who commits, merge them all, and tell what is wrong."""
    from chat.jobs.store import all_folders
    from chat.jobs.view import JobReader

    run = new_run(base, "many")
    launchers = [run.start("run", f"Do: file f{number}", *FLAGS, "--detach") for number in range(count)]
    made = 0
    while any(launcher.poll() is None for launcher in launchers):
        made = _commit_own(run.root, made)
    found: list[object] = [
        (each.stderr.read() if each.stderr else b"").decode() for each in launchers if each.returncode
    ]
    views = [JobReader(folder) for folder in all_folders()]
    while any(view.read().state.is_live for view in views):
        made = _commit_own(run.root, made)
    found += [
        (each.read().record.id, each.read().reason) for each in views if each.read().state.value != "done"
    ]
    for view in views:
        made = _commit_own(run.root, made)
        code, said = run.run("merge", view.read().record.id)
        found += [said] if code else []
    names = {path.name for path in run.root.glob("*.txt")}
    found += [f"f{number}.txt is not there" for number in range(count) if f"f{number}.txt" not in names]
    found += [
        f"the user's commit {number} is lost" for number in range(made) if f"mine{number}.txt" not in names
    ]
    run.run("jobs", "prune")
    seen = looks(run.root)
    found += [seen] if seen["status"] or "trigpoint" in seen["branches"] or "error" in seen["fsck"] else []
    found += left_in_state()
    found += marked_processes(run.environment["XDG_STATE_HOME"])
    return {"found": found, "jobs": len(views), "commits": made}


def _commit_own(root: Path, number: int) -> int:
    (root / f"mine{number}.txt").write_text("mine\n")
    git(root, "add", f"mine{number}.txt")
    git(root, "commit", "-qm", f"Mine {number}")
    time.sleep(0.1)
    return number + 1


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["cli", *_]:
            del sys.argv[1]
            command()
        case ["kills", base, options]:
            print(json.dumps(check_kills(Path(base), **json.loads(options))))
        case ["many", base, count]:
            print(json.dumps(check_many(Path(base), int(count))))

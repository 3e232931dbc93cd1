"""Measure what several attempts are worth with a model half of whose replies are garbled.

    python bench/attempts.py [--limit 24] [--attempts 4] [--garble 0.5] TASKS.json REPOSITORIES
    python bench/attempts.py --server "python my_server.py --port 0" TASKS.json REPOSITORIES

TASKS.json is a list of commits to be made again, each an object with `id`, `git_dir` (a repository, relative to the
folder REPOSITORIES, or one in which it is called `repo`), `base` and `commit`, `message` (the task), `files` and
`new_files`. Each task is done in a clone at its base, with a check that compares these files with the commit's: once by
`trigpoint run`, once with `--attempts`, both within the same budget.

The model knows the commit: it asks for the files that it is not shown and then writes them. With --server another one
does that; the command has to print a JSON object with `base_url` in its first line, and is asked for the model
of --model, in which {id} is that of the task.
Between it and the program stands a server that garbles edits. They lose a line of what they write, so that they apply
and are wrong; a quarter of them (--misfits) fits nowhere instead, for which the program asks again by itself.

Prints a row for each task and the sums. What a run took is counted here, from what the server sent, and held against
the budget.
"""

import argparse
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PROMPT_USD, REPLY_USD = 2.5e-6, 1e-5
_BLOCK = re.compile(r"^<<<<<<< SEARCH\n(.*?)^=======\n(.*?)^>>>>>>> REPLACE$", re.MULTILINE | re.DOTALL)
_SHOWN = "Please add these files to the chat."


@dataclass(frozen=True)
class Task:
    """A commit to be made again."""

    id: str
    repository: Path
    base: str
    commit: str
    message: str
    paths: tuple[str, ...]
    model: str

    def text(self, revision: str, path: str) -> str | None:
        """Return a file as a commit has it; None where it has none."""
        shown = subprocess.run(
            ["git", "-C", str(self.repository), "show", f"{revision}:{path}"],
            capture_output=True,
            check=False,
        )
        return None if shown.returncode else shown.stdout.decode("utf-8", "replace")


def tasks_of(file: str, repositories: str, limit: int, model: str) -> list[Task]:
    """Read the tasks, as many of each repository as of any other."""
    found: dict[str, list[Task]] = {}
    for each in json.loads(Path(file).read_text("utf-8")):
        place = Path(repositories, each["git_dir"])
        place = place / "repo" if (place / "repo").is_dir() else place
        paths = (*each["files"], *each["new_files"])
        task = Task(
            each["id"],
            place.resolve(),
            each["base"],
            each["commit"],
            each["message"],
            paths,
            model.format(**each),
        )
        found.setdefault(each["git_dir"], []).append(task)
    rounds = max(map(len, found.values()))
    return [tasks[place] for place in range(rounds) for tasks in found.values() if place < len(tasks)][:limit]


# The model ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """A reply of a model."""

    text: str
    prompt_tokens: int
    completion_tokens: int


class Ideal:
    """Knows each commit; asks for the files that it is not shown, then writes them."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = {task.model: task for task in tasks}

    def __call__(self, body: dict[str, Any]) -> Said:
        from chat.state.tokens import count_once

        prompt = "\n".join(str(message["content"]) for message in body["messages"])
        text = self._reply(self._tasks[body["model"].rpartition("/")[2]], prompt)
        return Said(text, count_once(prompt), count_once(text))

    def _reply(self, task: Task, prompt: str) -> str:
        if "SEARCH" not in prompt:
            return "Do what was asked"
        before = {path: task.text(task.base, path) for path in task.paths}
        missing = [path for path, text in before.items() if text is not None and text not in prompt]
        if missing:
            return "\n".join([*(f"`{path}`" for path in missing), "", _SHOWN])
        blocks = (
            f"{path}\n```\n<<<<<<< SEARCH\n{text or ''}=======\n{task.text(task.commit, path)}>>>>>>> REPLACE\n```\n"
            for path, text in before.items()
        )
        return "Here are the changes.\n\n" + "\n".join(blocks)


def upstream(base_url: str) -> Callable[[dict[str, Any]], Said]:
    """Return what passes requests on to another server."""

    def ask(body: dict[str, Any]) -> Said:
        sent = {name: value for name, value in body.items() if not name.startswith("stream")}
        request = urllib.request.Request(
            f"{base_url}/chat/completions",
            json.dumps(sent).encode(),
            {"Content-Type": "application/json", "Authorization": "Bearer none"},
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            found = json.load(response)
        usage = found["usage"]
        text = found["choices"][0]["message"]["content"]
        return Said(text, usage["prompt_tokens"], usage["completion_tokens"])

    return ask


@dataclass
class Garbling:
    """Passes requests on, garbles a share of the edits that come back, and counts what it all takes."""

    model: Callable[[dict[str, Any]], Said]
    share: float
    misfits: float
    chance: random.Random
    lock: threading.Lock = field(default_factory=threading.Lock)
    edits: int = 0
    garbled: int = 0
    cost_usd: float = 0.0

    def __call__(self, request: Any) -> Any:
        from scripted_model import Answer, usage

        said = self.model(dict(request.body))
        with self.lock:
            self.cost_usd += said.prompt_tokens * PROMPT_USD + said.completion_tokens * REPLY_USD
            text = self._passed_on(said.text)
        return Answer(text, usage=usage(said.prompt_tokens, said.completion_tokens), chunk_chars=400)

    def _passed_on(self, text: str) -> str:
        if not _BLOCK.search(text):
            return text
        self.edits += 1
        if self.chance.random() >= self.share:
            return text
        self.garbled += 1
        return _misfit(text) if self.chance.random() < self.misfits else self._wrong(text)

    def _wrong(self, text: str) -> str:
        """Lose a line of what is written, so that the edit applies."""
        block = max(_BLOCK.finditer(text), key=lambda each: len(each[2]))
        lines = block[2].splitlines(keepends=True)
        changed = [place for place, line in enumerate(lines) if line not in block[1]] or [*range(len(lines))]
        if changed:
            del lines[self.chance.choice(changed)]
        return text[: block.start(2)] + "".join(lines) + text[block.end(2) :]


def _misfit(text: str) -> str:
    """Change what is searched for, so that no edit fits."""

    def changed(block: re.Match[str]) -> str:
        search = "Nothing of this kind\n" * 3 if block[1] else ""
        return f"<<<<<<< SEARCH\n{search}=======\n{block[2]}>>>>>>> REPLACE"

    return _BLOCK.sub(changed, text)


# Runs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One run of the program on a task."""

    solved: bool
    attempts: tuple[bool, ...]
    """Which of them passed their check."""
    cost_usd: float
    """As the server counts."""
    said_usd: float
    """As the program does."""
    seconds: float


def clone(task: Task, root: Path) -> None:
    """Make a repository at the task's base, with no branch that knows more."""
    run("git", "clone", "-q", "--shared", "--no-checkout", str(task.repository), str(root))
    run("git", "checkout", "-q", "-B", "work", task.base, cwd=root)
    run("git", "remote", "remove", "origin", cwd=root)
    for ref in run("git", "for-each-ref", "--format=%(refname)", cwd=root).split():
        if ref != "refs/heads/work":
            run("git", "update-ref", "-d", ref, cwd=root)
    run("git", "config", "user.name", "Bench", cwd=root)
    run("git", "config", "user.email", "bench@example.invalid", cwd=root)


def run(*command: str, cwd: Path | None = None) -> str:
    """Return what a command prints."""
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True).stdout.decode("utf-8", "replace")


def work_on(task: Task, attempts: int, base_url: str, garbling: Garbling, budget_usd: float) -> Run:
    """Have the program do a task, in a folder of its own."""
    before = garbling.cost_usd
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder, task.repository.parent.name), Path(folder, "home")
        home.mkdir()
        clone(task, root)
        began = time.monotonic()
        printed = _program(task, attempts, base_url, budget_usd, root, home)
        seconds = time.monotonic() - began
        ended = json.loads(printed.stdout.strip().rpartition("\n")[2] or "{}")
        listed = json.loads(_trigpoint(root, home, "jobs", "--json").stdout)
        best = ended.get("best") if attempts > 1 else listed[0]["id"] if not printed.returncode else None
        branch = next((each["branch"] for each in listed if each["id"] == best), "")
        solved = bool(branch) and not _differs(task, root, branch)
        passed = tuple(not _differs(task, root, each["branch"]) for each in listed)
        said = ended.get("cost_usd") if attempts > 1 else sum(each["cost_usd"] for each in listed)
        _trigpoint(root, home, "jobs", "prune", "--ended")
    return Run(solved, passed, garbling.cost_usd - before, float(said or 0.0), seconds)


def _program(
    task: Task, attempts: int, base_url: str, budget_usd: float, root: Path, home: Path
) -> "subprocess.CompletedProcess[str]":
    model = f"openai/{task.model}"
    prices = {
        "max_input_tokens": 200_000,
        "max_output_tokens": 32_000,
        "input_cost_per_token": PROMPT_USD,
        "output_cost_per_token": REPLY_USD,
        "litellm_provider": "openai",
        "mode": "chat",
    }
    (home / "prices.json").write_text(json.dumps({model: prices}))
    check = shlex.join(["git", "diff", "--quiet", task.commit, "--", *task.paths])
    flags = ("--model", model, "--api-base", base_url, "--api-key", "none", "--no-plan", "--yes")
    limits = ("--max-budget-usd", f"{budget_usd:g}", "--max-turns", "4")
    several = ("--attempts", str(attempts)) if attempts > 1 else ()
    metadata = ("--model-metadata-file", str(home / "prices.json"), "--output-format", "json")
    return _trigpoint(root, home, "run", task.message, "--check", check, *flags, *limits, *metadata, *several)


def _trigpoint(root: Path, home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TRIGPOINT", "GIT_"))},
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }
    command = [
        str(Path(sys.executable).with_name("trigpoint")),
        *arguments,
    ]  # -m would import from the work tree
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


def _differs(task: Task, root: Path, branch: str) -> bool:
    command = ["git", "diff", "--quiet", task.commit, branch, "--", *task.paths]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode != 0


# The whole ----------------------------------------------------------------------------------------


@contextmanager
def served(command: str) -> Iterator[str]:
    """Run another model's server; yields its address."""
    process = subprocess.Popen(shlex.split(command), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield json.loads(process.stdout.readline())["base_url"]
    finally:
        process.terminate()
        process.wait()


def measure(tasks: Sequence[Task], model: Callable[[dict[str, Any]], Said], given: Any) -> None:
    """Do all tasks, and print what came of them."""
    from scripted_model import ScriptedModel

    garbling = Garbling(model, given.garble, given.misfits, random.Random(given.seed))
    ones: list[Run] = []
    several: list[Run] = []
    with ScriptedModel(garbling) as server:
        for task in tasks:
            if not given.only_several:
                ones.append(work_on(task, 1, server.base_url, garbling, given.budget_usd))
            several.append(work_on(task, given.attempts, server.base_url, garbling, given.budget_usd))
            print(line_of(task, ones[-1:], several[-1]), flush=True)
    print(summary(ones, several, garbling, given.budget_usd))


def line_of(task: Task, ones: Sequence[Run], several: Run) -> str:
    one = "".join("solved  " if each.solved else "not     " for each in ones)
    return (
        f"{task.id:<20} {one}{'solved' if several.solved else 'not':<7}"
        f"{sum(several.attempts)} of {len(several.attempts)}  ${several.cost_usd:.4f}  {several.seconds:5.1f} s"
    )


def summary(ones: Sequence[Run], several: Sequence[Run], garbling: Garbling, budget_usd: float) -> str:
    single = [each.solved for each in ones]
    each_one = [passed for run in several for passed in run.attempts]
    together = [each.solved for each in several]
    runs = [*ones, *several]
    most = max(max(run.cost_usd, run.said_usd) for run in runs)
    apart = max(abs(run.cost_usd - run.said_usd) for run in runs)
    return (
        f"edits garbled: {garbling.garbled} of {garbling.edits}\n"
        f"solved by one attempt alone: {_share(single)}\n"
        f"solved by one of several: {_share(each_one)}\n"
        f"solved by several together: {_share(together)}\n"
        f"the dearest run: ${most:.4f} of ${budget_usd:g}; within it: {sum(run.cost_usd <= budget_usd for run in runs)}"
        f" of {len(runs)}\n"
        f"what the program says of a run differs from what the server counted by ${apart:.4f} at most"
    )


def _share(values: Sequence[bool]) -> str:
    return f"{sum(values)} of {len(values)}, {sum(values) / len(values):.1%}" if values else "not measured"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks")
    parser.add_argument("repositories")
    parser.add_argument("--server", default="", help="a command; see above")
    parser.add_argument("--model", default="task-{id}", help="how the server calls the model of a task")
    parser.add_argument("--attempts", type=int, default=4)
    parser.add_argument("--garble", type=float, default=0.5, help="share of the edits")
    parser.add_argument("--misfits", type=float, default=0.25, help="share of the garbled edits")
    parser.add_argument("--limit", type=int, default=24, help="tasks")
    parser.add_argument("--first", type=int, default=0, help="tasks that are left out at the beginning")
    parser.add_argument("--budget-usd", type=float, default=1.0, help="of each run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-several", action="store_true", help="leave out the runs of one attempt alone")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    tasks = tasks_of(given.tasks, given.repositories, given.first + given.limit, given.model)[given.first :]
    if given.server:
        with served(given.server) as base_url:
            measure(tasks, upstream(base_url), given)
    else:
        measure(tasks, Ideal(tasks), given)


if __name__ == "__main__":
    main()

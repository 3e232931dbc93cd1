"""A session of many small tasks with real git, real files and a model that always says the same.

Each task changes one number in one of a few files; some ask for a file first, send a wrong block
first, make a new file, or break a check that tells something else each time. All of it follows from
the task's number and the conversation, so a run that was cut off and resumed has to end as one that
was not.
"""

import importlib
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from repositories import git, make_repository

import edits
import repomap
from chat.app.chat import Chat
from chat.app.open import open_chat
from chat.errors import NeedsTerminal
from chat.events import Emit, Event
from chat.model import Message, ModelRole, Price, Prompt, Reply, Usage, Window
from chat.settings.table import Settings, changed

FILES = 5
CHECK = "date +%s%N; ! grep -q bad *.py"


COMMAND = "date +%s%N; grep -c value part*.py; echo {task}"
"""A command of the model's, where it may run any: it prints something else each time."""


def make_tree(root: Path) -> Path:
    """The repository that the session begins with."""
    files = {
        f"part{number}.py": f"# part {number}\n"
        + "".join(f"line_{n} = {n}\n" for n in range(30))
        + "value = 0\n"
        for number in range(FILES)
    }
    return make_repository(root, files)


def request(task: int) -> str:
    """What the user asks for."""
    return f"Task {task}: set value in part{task % FILES}.py to {task}."


def old_value(task: int) -> int:
    """What the file of a task holds before it."""
    return max(0, task - FILES)


def edit(path: str, old: object, new: object) -> str:
    """A block that replaces the value."""
    search = f"value = {old}\n" if old is not None else ""
    return f"{path}\n```python\n<<<<<<< SEARCH\n{search}=======\nvalue = {new}\n>>>>>>> REPLACE\n```\n"


def answer(messages: Sequence[Message], *, checked: bool = True) -> str:
    """The reply of the main model: a function of the conversation alone; where edits are ``checked``, some fail."""
    said = [message.text for message in messages]
    asked = next(
        place
        for place in range(len(said) - 1, -1, -1)
        if re.search(r"^Task \d+: ", said[place], re.MULTILINE)
    )
    task = int(re.findall(r"^Task (\d+): ", said[asked], re.MULTILINE)[-1])
    step = sum(message.role == "assistant" for message in messages[asked:])
    path = f"part{task % FILES}.py"
    right = f"Now task {task} is done.\n\n" + edit(path, old_value(task), task)
    if "\nrun: command" in said[0] and step == 0:
        return f"I look first.\n\nrun: {COMMAND.format(task=task)}\nshow: {path}\n"
    if task % 4 == 1 and step == 0:
        return f"I need to see the file.\n\nshow: {path}\nfind: line_7\n"
    if task % 4 == 2 and step == 0:
        return "Here.\n\n" + edit(path, "nonsense", task)
    if checked and task % 6 == 3 and step == 0:
        return "Badly.\n\n" + edit(path, old_value(task), f"{task}  # bad")
    if checked and task % 6 == 3 and step == 1:
        return "Better.\n\n" + edit(path, f"{task}  # bad", task)
    if task % 7 == 0:
        return right + "\n" + edit(f"extra/new{task}.py", None, task)
    return right


@dataclass
class SteadyModel:
    """Writes down each call, when it comes and when it is answered."""

    log: Path | None = None
    input_tokens: int = 32_000
    largest: int = 0
    calls: int = 0
    last: Prompt | None = None
    reply_to: Callable[[Sequence[Message]], str] = answer
    filler: str = ""

    def name(self, role: ModelRole) -> str:
        return f"fake/{role.value}"

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        from chat.state.model_calls import digest_of_prompt, prompt_tokens

        self.calls += 1
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(digest_of_prompt(prompt, self.name(role)) + "\n")
        if role is ModelRole.WEAK:
            asked = prompt.messages[-1].text
            found = re.findall(r"Task (\d+)", asked)
            named = re.findall(r"The request was: (.*)", asked)
            task = f"Do task {found[-1]}" if found else named[-1] if named else "?"
            text = task if "The diff:" in asked else "Done: all so far."
        else:
            self.largest = max(self.largest, prompt_tokens(prompt))
            self.last = prompt
            text = self.reply_to(prompt.messages) + self.filler
        return Reply(text, "stop", Usage(1, 100, 50, 10, 0.001), self.name(role))

    def window(self, role: ModelRole) -> Window:
        return Window(self.input_tokens, 2_000)

    def edit_format(self, role: ModelRole) -> str:
        return ""

    def price(self, role: ModelRole) -> Price | None:
        return Price(0.0, 0.0)


class Nobody:
    """No question is answered."""

    def confirm(self, question: str, subject: str = "") -> bool:
        raise NeedsTerminal("nobody is there")

    is_there = False

    def permit(self, command: str, rule: str) -> str:
        return "no"

    def offer(self, command: str) -> bool:
        return False


def settings_for(**more: object) -> Settings:
    """A session that goes on where the last process stopped."""
    rows = {"continue": True, "model": "fake/main", "map-tokens": 400, "test-cmd": CHECK, "auto-test": True}
    return changed(
        Settings(), {**rows, **{name.replace("_", "-"): value for name, value in more.items()}}, "test"
    )


def open_long_chat(root: Path, model: SteadyModel, emit: Emit = lambda event: None, **more: object) -> Chat:
    """A chat with everything real but the model."""
    return open_chat(settings_for(**more), root, emit, Nobody(), lambda settings: model)


def run_tasks(root: Path, last: int, model: SteadyModel, **more: object) -> list[Event]:
    """Goes on to the last task; gives what was told."""
    told: list[Event] = []
    chat = open_long_chat(root, model, told.append, **more)
    try:
        if chat.unfinished:
            chat.take_turn(chat.unfinished)
        while chat.state.conversation.turn < last:
            result = chat.take_turn(request(chat.state.conversation.turn + 1))
            assert result.ok, (chat.state.conversation.turn, result, told[-3:])
    finally:
        chat.close()
    return told


def count_up(root: str, path: str, turns: int) -> None:
    """A session of its own that counts in one file, a turn for each number."""

    def reply_to(messages: Sequence[Message]) -> str:
        number = int(re.findall(r"to (\d+)$", messages[-1].text, re.MULTILINE)[-1])
        return edit(path, number - 1, number)

    chat = open_long_chat(
        Path(root), SteadyModel(reply_to=reply_to), **{"auto_test": False, "continue": False}
    )
    for turn in range(1, turns + 1):
        result = chat.take_turn(f"{path} to {turn}")
        assert result.ok, result
        assert len(result.commits) == 1, result
    chat.close()


# Killing


@dataclass
class Fuse:
    """Ends the process without a word at the n-th thing that it does to the outside."""

    left: int
    """0 is never."""
    seen: int = 0
    armed: bool = True
    events: frozenset[str] = field(
        default_factory=lambda: frozenset(
            "open os.rename os.remove os.link os.mkdir os.truncate subprocess.Popen".split()
        )
    )

    def burn(self) -> None:
        if not self.armed:
            return
        self.seen += 1
        if self.seen == self.left:
            os.kill(os.getpid(), 9)

    def light(self) -> None:
        """Counts from now on."""
        from chat.sessions import journal

        sys.addaudithook(lambda name, _: self.burn() if name in self.events else None)
        whole = journal._write_all

        def torn(file: int, line: bytes) -> None:
            self.burn()
            os.write(file, line[: len(line) // 2])
            self.burn()
            whole(file, line[len(line) // 2 :])
            self.burn()

        journal._write_all = torn


def load_what_a_turn_loads() -> None:
    """Import once what each child would import anew, for longer than it takes to do its work."""
    for package in (repomap, edits):
        for name in package.__all__:
            getattr(package, name)
    for module in ("chat.turn.turn", "chat.snapshots.git_snapshots", "repomap.index.tags_cache", "diskcache"):
        importlib.import_module(module)


def in_child(work: Callable[[], object], kill_at: int, fuses: Callable[[int], Fuse] = Fuse) -> int | None:
    """Does this in a process of its own; how much it did until it ended, or None where it was killed."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.close(read_end)
            fuse = fuses(kill_at)
            fuse.light()
            work()
            fuse.armed = False
            os.write(write_end, str(fuse.seen).encode())
            code = 0
        except BaseException:
            fuse.armed = False
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as end:
        said = end.read()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status in (0, -9), f"the child ended with {status}"
    return int(said) if status == 0 else None


# Comparing


def tree_of(root: Path) -> dict[str, bytes]:
    """Every file outside `.git`."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def commits_of(root: Path) -> list[str]:
    """Trees and whole messages, oldest first."""
    return git(root, "log", "--reverse", "--format=%T %B").split("\n")


def journal_path(state: Path) -> Path:
    (path,) = state.glob("trigpoint/sessions/*/*.jsonl")
    return path


_VARIES = frozenset(
    "root place t n v kept intent seconds before checkpoint commit head commits prompt_digest".split()
)


def settled(path: Path) -> tuple[list[Mapping[str, object]], list[tuple[object, object]]]:
    """A journal's records without times, ids, and attempts that were taken again; and its calls."""
    rows = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    kept: list[dict[str, object]] = []
    calls: list[tuple[object, object]] = []
    open_at: dict[str, int] = {}
    for row in rows:
        kind = row["kind"]
        if kind == "call.done":
            calls.append((row["role"], row["text"]))
        if kind in ("resume", "end", "takeback"):
            if kind == "resume" and open_at and (row["again"] or not row["unfinished"]):
                del kept[min(open_at.values()) :]
                open_at = {}
            continue
        if kind == "turn.begin" or (kind == "rebuild" and row["step"] == "begin"):
            open_at[kind] = len(kept)
        elif kind in ("turn.done", "turn.failed"):
            open_at.pop("turn.begin", None)
        elif kind == "rebuild":
            open_at.pop("rebuild", None)
        if not str(row["kind"]).startswith(("call.", "command.")):
            kept.append({name: value for name, value in row.items() if name not in _VARIES})
    return [_plain(row) for row in kept], calls


def run_again(path: Path) -> list[str]:
    """The commands of a journal that were begun once more in a turn after their end was recorded."""
    begun: dict[int, str] = {}
    ended: set[str] = set()
    again: list[str] = []
    for row in (json.loads(line) for line in path.read_bytes().split(b"\n") if line):
        if row["kind"] == "command.intent" and row["purpose"] == "model":
            begun[row["n"]] = row["command"]
            again += [row["command"]] if row["command"] in ended else []
        elif row["kind"] == "command.done" and row["intent"] in begun:
            ended.add(begun[row["intent"]])
    return again


def _plain(row: Mapping[str, object]) -> Mapping[str, object]:
    """Ids of commits and times of checks are in texts too."""
    text = re.sub(r"(?<=committed as )[0-9a-f]{8}", "COMMIT", json.dumps(row))
    return dict(json.loads(re.sub(r"(?<!\d)\d{19}(?!\d)", "TIME", text)))


def fsck(root: Path) -> str:
    done = subprocess.run(["git", "fsck", "--strict"], cwd=root, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def check_kills(
    base: Path, tasks: int, points: Sequence[int], seed: int, **more: object
) -> dict[str, object]:
    """Runs the tasks undisturbed, then killed at each of so many points and resumed; tells what differs.

    ``points`` are drawn at random over the whole run where they are 0. A negative one kills again and
    again, each time after up to so many events; it has to be more than a start takes.
    """
    load_what_a_turn_loads()
    chance = random.Random(seed)
    model = SteadyModel()
    wanted, length = _ended(base / "undisturbed", tasks, model, lambda: 0, more)
    found = []
    for place, point in enumerate(points):
        once = [point or chance.randint(1, length)] if point >= 0 else None
        drawn: list[int] = []

        def kill(once: list[int] | None = once, point: int = point, drawn: list[int] = drawn) -> int:
            drawn.append((once.pop() if once else 0) if once is not None else chance.randint(1, -point))
            return drawn[-1]

        got, _ = _ended(base / f"killed{place}", tasks, model, kill, more)
        differs = {
            name: _first_difference(wanted[name], got[name]) for name in wanted if wanted[name] != got[name]
        }
        if differs:
            found.append({"place": place, "drawn": drawn, "differs": differs})
        else:
            shutil.rmtree(base / f"killed{place}")
    return {"events": length, "found": found}


def _first_difference(wanted: object, got: object) -> list[str]:
    if isinstance(wanted, list) and isinstance(got, list):
        pairs = itertools.zip_longest(wanted, got)
        return next([repr(one)[:400], repr(other)[:400]] for one, other in pairs if one != other)
    return [repr(wanted)[:400], repr(got)[:400]]


def _ended(
    base: Path, tasks: int, model: SteadyModel, kill: Callable[[], int], more: Mapping[str, object]
) -> tuple[dict[str, object], int]:
    """What is there after a run that was killed and resumed until it came to its end, and its last length."""
    os.environ["XDG_STATE_HOME"] = str(base / "state")
    if "compact_at" in more:  # when it comes follows from the length of all texts, times and ids among them
        more = {**more, "test_cmd": CHECK.partition("; ")[2]}
        os.environ.update(dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "1700000000 +0000"))
    root = make_tree(base / "root")
    length = None
    while length is None:
        length = in_child(lambda: run_tasks(root, tasks, model, **more), kill())
    records, calls = settled(journal_path(base / "state"))
    ended = {
        "tree": tree_of(root),
        "commits": commits_of(root),
        "journal": records,
        "calls": calls,
        "run again": run_again(journal_path(base / "state")),
        "fsck": fsck(root),
        "status": git(root, "status", "--porcelain"),
    }
    return ended, length


if __name__ == "__main__":
    print(json.dumps(check_kills(Path(sys.argv[1]), **json.loads(sys.argv[2]))))

"""Sessions that are killed at any moment, and what must be there once they are taken up again.

A case lays out a folder and gives the steps of its user. It is played undisturbed, then killed at points of its
run and taken up again; in the end files, branch, status and journal must be those of the undisturbed run. What
the user types between kill and resumption must still be there. Run as a program it prints what differs:

    python kill_cases.py BASE '{"names": [], "kills": 300, "seed": 1}'

No names are all cases; ``given`` are shares of a run at which each of them is killed, too.
"""

import json
import os
import random
import re
import shutil
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from long_session import Fuse, SteadyModel, fsck, in_child, load_what_a_turn_loads, open_long_chat
from platformdirs import user_state_path
from repositories import git, make_repository, write_files

from chat.agents.sources import user_folders
from chat.app.chat import Chat
from chat.goals.judging import JUDGE_SYSTEM
from chat.model import Message
from chat.sessions.journal import read_lines
from chat.sessions.locations import project_folder, sessions_of
from chat.trust.grants import agreed, grant_for, set_grant

Step = str
"""`go: NAME` takes a turn with the reply of that name, `goal` all turns of a goal; others are commands of the chat."""

LINES = "".join(f"line {number}\n" for number in range(30))
FILES = {
    "a.txt": LINES,
    "b.txt": "one\n",
    "gone.txt": "gone\n",
    ".gitignore": "*.local\nout/\n",
    "c.txt": "c\r\nd\r\n",
}
UNTRACKED = {"x.local": LINES, "out/real.txt": "here\n", "gone.local": "gone\n"}
MET = json.dumps({"verdict": "met", "evidence": ["-line 5\n+LINE 5"], "reason": "It is there."})
TYPED = "typed meanwhile\n"


def block(path: str, old: str, new: str) -> str:
    return f"{path}\n```\n<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n```\n"


def patch(*lines: str) -> str:
    return "\n".join(("*** Begin Patch", *lines, "*** End Patch", ""))


REPLIES = {
    "edit": block("a.txt", "line 3\n", "LINE 3\n"),
    "edit more": block("a.txt", "line 5\n", "LINE 5\n"),
    "two": block("a.txt", "line 3\n", "LINE 3\n") + block("b.txt", "one\n", "ONE\n"),
    "create": block("new/deep/file.txt", "", "new\n"),
    "crlf": block("c.txt", "c\n", "C\n"),
    "ignored": block("x.local", "line 3\n", "LINE 3\n"),
    "create ignored": block("out/new/file.txt", "", "new\n"),
    "through a link": block("link.txt", "line 3\n", "LINE 3\n"),
    "through a folder": block("folder/real.txt", "here\n", "there\n"),
    "nested": block("nested/file.txt", "here\n", "there\n"),
    "delete": patch("*** Delete File: gone.txt"),
    "delete ignored": patch("*** Delete File: gone.local"),
    "rename": patch("*** Update File: gone.txt", "*** Move to: moved/here.txt", "@@", "-gone", "+GONE"),
    "words": block(
        "a.txt", "line 3\n", "password = 'postgres'  # checkpoint AKIAIOSFODNN7EXAMPLE [secret]\n"
    ),
    "mixed": block("a.txt", "line 3\n", "LINE 3\n")
    + block("x.local", "line 3\n", "LINE 3\n")
    + block("new/file.txt", "", "new\n"),
}

HOOKS = {
    "subject": ("commit-msg", "echo 'ABC-1: other words' > $1"),
    "adds": ("pre-commit", "echo x > stamp.txt; git add stamp.txt"),
    "formats": ("pre-commit", "sed -i s/^LINE/Line/ a.txt; git add a.txt"),
    "refuses once": ("pre-commit", "grep -q ^LINE a.txt && sed -i s/^LINE/Line/ a.txt && exit 1; exit 0"),
}


@dataclass(frozen=True)
class KillCase:
    """One session that is killed."""

    name: str
    steps: tuple[Step, ...]
    has_git: bool = True
    hook: str = ""
    is_dirty: bool = False
    """The user has changed files of the first turn before it."""
    types: bool = False
    """The user types between kill and resumption."""
    settings: Mapping[str, object] = field(default_factory=dict)


def cases() -> list[KillCase]:
    """All cases: each edit alone and with what may follow, in the ways in which users work."""
    ways: tuple[tuple[str, dict[str, object]], ...] = (
        ("without git", {"has_git": False}),
        ("staged", {"settings": {"commit_mode": "stage"}}),
        ("uncommitted", {"settings": {"commit_mode": "none"}}),
    )
    patches = frozenset(name for name, reply in REPLIES.items() if reply.startswith("***"))
    found = []

    def add(name: str, *steps: Step, **more: object) -> None:
        replies = {step.removeprefix("go: ") for step in steps if step.startswith("go: ")}
        settings = {"edit_format": "patch"} if replies <= patches else {}
        given = more.pop("settings", {})
        assert isinstance(given, dict)
        found.append(KillCase(name, steps, settings={**settings, **given}, **more))  # type: ignore[arg-type]

    for reply in REPLIES:
        add(reply, f"go: {reply}")
        add(f"{reply}, undo", f"go: {reply}", "undo")
        add(f"{reply}, undo, redo", f"go: {reply}", "undo", "redo")
        add(f"{reply}, typing", f"go: {reply}", types=True)
    for way, more in ways:
        for reply in ("mixed", "rename", "through a folder"):
            add(f"{reply}, {way}", f"go: {reply}", "undo", "redo", **more)
    add("rollback", "go: mixed", "go: edit more", "rollback")
    add("rollback of files", "go: mixed", "go: edit more", "rollback files", "undo")
    add("rollback without git", "go: mixed", "go: edit more", "rollback", has_git=False)
    add("two undone", "go: edit", "go: edit more", "undo", "undo", "redo")
    add("dirty", "go: two", "undo", is_dirty=True)
    add("dirty, typing", "go: two", is_dirty=True, types=True)
    add("one commit a session", "go: edit", "go: edit more", "undo", settings={"commit_mode": "session"})
    add("commit", "commit", "go: edit", "undo")
    add("compaction", "go: edit", "go: create", "compact", "go: edit more", "undo")
    add("red test", "go: edit", settings={"auto_test": True, "test_cmd": "grep -q 'LINE 5' a.txt"})
    add(
        "goal", "goal", settings={"check": ("test -f a.txt", "grep -q 'LINE 5' a.txt"), "checks_decide": True}
    )
    add("agents", "go: hand over", settings={"agents": "all"})
    add("agents, undo", "go: hand over", "undo", settings={"agents": "all"})
    add("goal, judged", "goal", settings={"check": ("test -f a.txt",)})
    for hook in HOOKS:
        add(f"hook {hook}", "go: edit", "undo", hook=hook)
    return found


def lay(root: Path, case: KillCase) -> None:
    """Lay out the folder of a case."""
    make_repository(root, FILES)
    write_files(root, UNTRACKED)
    (root / "folder").symlink_to("out")
    (root / "link.txt").symlink_to("x.local")
    make_repository(root / "nested", {"file.txt": "here\n"}, ["one"])
    git(root, "add", "folder", "link.txt")
    git(root, "commit", "-qm", "links")
    if case.is_dirty:
        (root / "a.txt").write_text(LINES.replace("line 20\n", "dirty\n"))
    if case.hook:
        name, script = HOOKS[case.hook]
        hook = root / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)
        trust(root)
    if not case.has_git:
        shutil.rmtree(root / ".git")
    write_files(user_folders()[-1], {"writer.md": "---\nname: writer\ndescription: Writes.\n---\nDo it.\n"})


def trust(root: Path) -> None:
    from chat.trust.git_claim import git_claim

    set_grant(root, agreed((), git_claim(root), grant_for(root)))


def reply_to(messages: Sequence[Message]) -> str:
    """What the model says: a function of the conversation alone."""
    if "# You are the agent " in messages[0].text:
        is_writer = "# You are the agent writer" in messages[0].text
        return REPLIES["edit"] + REPLIES["create"] if is_writer else "Seen."
    if messages[0].text == JUDGE_SYSTEM:
        return MET if "+LINE 5" in messages[-1].text else "Not yet."
    if "NO PLAN" in messages[-1].text:
        return "1. Change the file\n2. Change its fifth line\n"
    asked = [
        place for place, message in enumerate(messages) if re.search(r"^Do: ", message.text, re.MULTILINE)
    ]
    name = re.findall(r"^Do: (.+)$", messages[asked[-1]].text, re.MULTILINE)[-1]
    is_again = any(message.role == "assistant" for message in messages[asked[-1] :])
    if name == "hand over":
        return (
            "Done."
            if is_again
            else "agent: writer — Change it\nagent: explorer — Look\nagent: reviewer — Look"
        )
    if name.startswith("goal"):
        line, reply = (5, REPLIES["edit more"]) if is_again else (3, REPLIES["edit"])
        return f'done: {1 + is_again} "-line {line} +LINE {line}"\n\n{reply}'
    return REPLIES["edit more"] if is_again and name == "edit" else REPLIES[name]


_ENDS = frozenset(("turn.done", "turn.failed", "undo", "redo", "rollback"))


def steps_done(root: Path) -> int:
    """How many steps have come to their end, by the journal, and by git for the user's own commit."""
    (path,) = sessions_of(project_folder(root))
    lines = list(read_lines(path))
    done = sum(line.kind in _ENDS for line in lines)
    done += sum(line.kind == "rebuild" and line.fields["step"] == "end" for line in lines)
    return done + ((root / ".git").exists() and "Theirs" in git(root, "log", "--format=%s").split("\n"))


def play(root: Path, case: KillCase) -> None:
    """Take the steps that are left, in this process."""
    model = SteadyModel(reply_to=reply_to)
    chat = open_long_chat(
        root, model, **{"auto_test": False, "dirty_commits": True, "git": case.has_git, **case.settings}
    )
    if case.steps == ("goal",):
        pursue(chat, root)
    elif chat.unfinished:
        chat.take_turn(chat.unfinished)
    while case.steps != ("goal",) and (done := steps_done(root)) < len(case.steps):
        take(chat, root, case.steps[done])
    chat.close()


def pursue(chat: Chat, root: Path) -> None:
    """Work on the goal, which takes two turns, unless it is met already."""
    (path,) = sessions_of(project_folder(root))
    if any(line.kind == "goal.end" for line in read_lines(path)):
        return
    if chat.goals.progress is None:
        chat.goals.set("Do: goal\n\nor stop after 9 turns")
    assert chat.goals.pursue(chat.take_turn).end.outcome == "met"


def take(chat: Chat, root: Path, step: Step) -> None:
    match step.split(": "):
        case ["go", name]:
            chat.take_turn(f"Do: {name}")
        case ["undo"]:
            chat.changes.undo()
        case ["redo"]:
            chat.changes.redo()
        case ["rollback"]:
            chat.changes.rollback(chat.state.turns.done[0].record.turn, "both")
        case ["rollback files"]:
            chat.changes.rollback(chat.state.turns.done[0].record.turn, "files")
        case ["compact"]:
            chat.conversation.compact()
        case ["commit"]:
            (root / "b.txt").write_text("the user's\n")
            chat.changes.commit("Theirs")


def looks(root: Path, case: KillCase) -> dict[str, object]:
    """All that must be the same in the end."""
    files: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if ".git" in name.parts:
            continue
        if path.is_symlink():
            files[str(name)] = os.readlink(path)
        elif path.is_file():
            files[str(name)] = path.read_bytes().decode(), bool(path.stat().st_mode & stat.S_IXUSR)
        else:
            files[str(name)] = "folder"
    left = [str(path) for path in root.rglob(".trigpoint-*")]
    state = user_state_path("trigpoint")
    left += [str(path) for path in (state / "running").glob("*")] if (state / "running").is_dir() else []
    seen: dict[str, object] = {"files": files, "left": left}
    if case.has_git:
        left += [str(path) for path in (root / ".git").glob("index.*")]
        seen |= {
            "commits": git(root, "log", "--reverse", "--format=%T %s"),
            "status": git(root, "status", "--porcelain"),
            "staged": git(root, "diff", "--cached", "--stat"),
            "fsck": fsck(root),
            "work trees": git(root, "worktree", "list").count("\n"),
            "notes of work trees": len(list((root / ".git").glob("worktrees/*"))),
        }
    (path,) = sessions_of(project_folder(root))
    calls = [line.fields["prompt_digest"] for line in read_lines(path) if line.kind == "call.done"]
    seen["checks"] = sum(line.kind == "goal.check" for line in read_lines(path))
    seen["plan"] = [line.fields for line in read_lines(path) if line.kind in ("goal.plan", "plan.tick")]
    return {**seen, "paid twice": len(calls) - len(set(calls)), "calls": len(calls)}


def type_something(root: Path, case: KillCase) -> None:
    """The user adds a line at the end of each file that the turn may have touched, and a file of their own."""
    for name in ("a.txt", "x.local"):
        with (root / name).open("a") as file:
            file.write(TYPED)
    (root / "mine.txt").write_text(TYPED)


def with_typing(wanted: Mapping[str, object]) -> dict[str, object]:
    """What must be there where the user typed: all files as they would be, and the lines in them."""
    files = dict(wanted["files"])  # type: ignore[call-overload]
    for name in ("a.txt", "x.local"):
        text, mode = files[name]
        files[name] = text + TYPED, mode
    files["mine.txt"] = TYPED, False
    return {"files": files, "left": wanted["left"], "fsck": wanted.get("fsck"), "paid twice": 0}


class WideFuse(Fuse):
    """Also burns around the swap of two files, which no audit event tells of."""

    def light(self) -> None:
        from edits.disk import write

        super().light()
        whole = write.exchange

        def exchange(one: str, other: str) -> bool:
            self.burn()
            done = whole(one, other)
            self.burn()
            return done

        write.exchange = exchange  # type: ignore[attr-defined]


def check(base: Path, case: KillCase, points: Sequence[float]) -> list[dict[str, object]]:
    """Play a case, killed at these shares of its length; return what differs from the undisturbed run."""
    (base / "home").mkdir(parents=True)
    root = fresh(base, "undisturbed", case)
    length = in_child(lambda: play(root, case), 0, WideFuse)
    assert length is not None
    wanted = looks(root, case)
    found = []
    for number, point in enumerate(points):
        root = fresh(base, f"killed{number}", case)
        at = 1 + int(point * (length - 1))
        in_child(lambda root=root: play(root, case), at, WideFuse)  # type: ignore[misc]
        is_begun = bool(sessions_of(project_folder(root)))
        if case.types:
            type_something(root, case)
        try:
            in_child(lambda root=root: play(root, case), 0, WideFuse)  # type: ignore[misc]
        except AssertionError as error:
            found.append({"case": case.name, "at": at, "of": length, "error": str(error)})
            continue
        got, expected = looks(root, case), with_typing(wanted) if case.types else wanted
        differs = {
            name: (expected[name], got.get(name)) for name in expected if expected[name] != got.get(name)
        }
        if differs:
            found.append({"case": case.name, "at": at, "of": length, "begun": is_begun, "differs": differs})
        shutil.rmtree(root)
    return found


def fresh(base: Path, name: str, case: KillCase) -> Path:
    """A new folder and a new home for one run."""
    os.environ["XDG_STATE_HOME"] = str(base / "home" / name)
    root = base / name
    lay(root, case)
    return root


def check_all(
    base: Path, names: Sequence[str], kills: int = 0, seed: int = 0, given: Sequence[float] = ()
) -> dict[str, object]:
    """Spread so many kills over the cases, all of them or those named, at random points beside the given ones."""
    chosen = [case for case in cases() if not names or case.name in names]
    load_what_a_turn_loads()
    chance = random.Random(seed)
    points: dict[str, list[float]] = {case.name: [*given] for case in chosen}
    for number in range(kills):
        points[chosen[number % len(chosen)].name].append(chance.random())
    found: list[dict[str, object]] = []
    for place, case in enumerate(chosen):
        os.environ.update(
            POSTGRES_PASSWORD="postgres", APP_SECRET="checkpoint", AWS_SECRET="AKIAIOSFODNN7EXAMPLE"
        )
        differing = check(base / str(place), case, points[case.name])
        sys.stderr.write("".join(json.dumps(each) + "\n" for each in differing))
        found += differing
        shutil.rmtree(base / str(place), ignore_errors=True)
    return {"cases": len(chosen), "kills": kills, "found": found}


if __name__ == "__main__":
    print(json.dumps(check_all(Path(sys.argv[1]), **json.loads(sys.argv[2]))))

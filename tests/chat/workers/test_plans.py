"""A plan from its task to one branch: the real command, jobs, work trees and merges; the work itself is scripted.

That models, processes and terminals come to the same is for the slow tests.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hook_files import own_hooks
from job_cases import left_in_state, looks
from plan_hands import Did, Hands, module, piece, planned
from repositories import commit, git, make_repository, write_files
from whole_chat import Program, ProgramRun

from chat.job_commands import plan as plan_command
from chat.job_commands import plan_run
from chat.jobs import artifacts, launch
from chat.jobs.store import JobFolder, all_folders
from chat.workers.record import PlanState

Script = Callable[[str, str, int], Did]
Run = Callable[..., ProgramRun]
FLAGS = ("--model", "fake/main")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with little in it."""
    return make_repository(tmp_path / "shop", {"README.md": "# Shop\n"})


@pytest.fixture
def run(shop: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Program:
    """The command in the shop, with nobody at the terminal."""
    return Program(shop, monkeypatch, capfdbinary)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], Hands]:
    """Has jobs done by a script."""

    def use(script: Script) -> Hands:
        hands = Hands(script)
        monkeypatch.setattr(launch, "start_worker", hands)
        return hands

    return use


def the_plan() -> JobFolder:
    (folder,) = [folder for folder in all_folders() if folder.record().plan]
    return folder


def report() -> Any:
    return json.loads((the_plan().path / "report.json").read_text())


def happened(name: str) -> tuple[str, list[str]]:
    (found,) = [each for each in report()["pieces"] if each["id"] == name]
    return found["status"], found["happened"]


def files_on_branch(shop: Path) -> list[str]:
    return git(shop, "ls-tree", "-r", "--name-only", the_plan().record().branch).split()


def test_six_pieces_end_in_one_green_branch(
    run: Program, hands: Callable[[Script], Hands], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One fails at first and two conflict; each is given back once, and in the end nothing is left over."""

    def script(note: str, told: str, times: int) -> Did:
        name = note.partition(",")[0]
        is_again = "was given back" in told
        if note == "planner":
            names = ("names", "notes", "prices", "stock")
            return planned(*map(piece, names), piece("labels", "names"), piece("totals", "prices"))
        if name == "stock" and times == 1:
            return Did(code=1, reason="`pytest` failed with exit code 1")
        readme = "# Shop with both\n" if is_again else f"# Shop with {name}\n"
        more = {"README.md": readme} if name in ("names", "notes") else {}
        return Did({f"shop/{name}.py": "x = 1\n", **more})

    before, used = looks(shop), hands(script)
    done = run.run("run", "Give the shop modules", "--plan", "--yes", "--check", "test -f README.md", *FLAGS)
    assert done.code == 0, done.stderr
    assert git(shop, "status", "--porcelain") == ""
    assert happened("notes") == ("merged", ["It conflicts with what was merged meanwhile, in README.md."])
    assert happened("stock") == ("merged", ["`pytest` failed with exit code 1"])
    assert [each["tries"] for each in report()["pieces"]] == [1, 2, 1, 2, 1, 1]
    told = next(text for text in used.told if "conflicts with" in text)
    assert "<<<<<<<" in told
    assert "+# Shop with notes" in told

    name = the_plan().id
    rows = run.run("jobs").stdout.splitlines()
    assert rows[1].startswith(name)
    assert len([row for row in rows if "└ " in row]) == 7
    assert len(json.loads(run.run("status", name, "--json").stdout)["children"]) == 7
    monkeypatch.setattr(artifacts, "_map_of", lambda _: "")  # it takes long, and is no part of this
    left = run.run("artifacts", name).stdout
    assert all(f"{kept}\t" in left for kept in ("plan.json", "report.json", "report.md", "pr.md"))
    assert run.run("merge", name).code == 0
    assert len(list((shop / "shop").glob("*.py"))) == 6
    assert (shop / "README.md").read_text() == "# Shop with both\n"
    assert run.run("jobs", "prune").code == 0
    assert (left_in_state(), looks(shop)["trees"]) == (
        [],
        before["trees"].replace(before["head"][:7], looks(shop)["head"][:7]),
    )
    assert "trigpoint" not in looks(shop)["branches"]


def test_a_wrong_plan_is_given_back_once(run: Program, hands: Callable[[Script], Hands]) -> None:
    """With what is wrong with it; then it is refused with the reason, and no piece is begun."""
    used = hands(lambda _note, _told, times: planned(piece("a", "b" if times == 1 else "c")))
    done = run.run("run", "x", "--plan", "--yes", *FLAGS)
    assert (done.code, used.begun) == (42, ["planner", "planner"])
    assert "- a: it depends on b, and there is no such piece." in used.told[1]
    assert "The plan cannot be carried out: a: it depends on c" in done.stderr


def test_without_a_terminal_somebody_has_to_have_agreed(
    run: Program, hands: Callable[[Script], Hands]
) -> None:
    """Nothing is begun, and the message says how to go on; the plan is not made twice."""
    used = hands(lambda note, *_: planned(piece("a")) if note == "planner" else module("a"))
    done = run.run("run", "x", "--plan", "--plan-out", "plan.json", *FLAGS)
    name = the_plan().id
    assert (done.code, used.begun) == (2, ["planner"])
    assert "shop/a.py" in done.stderr
    assert f"`trigpoint resume {name} --yes`" in done.stderr
    assert run.run("resume", name, "--yes").code == 0
    assert used.begun == ["planner", "a, try 1"]

    run.run("discard", name)
    assert run.run("run", "--plan-file", "plan.json", "--yes", *FLAGS).code == 0
    assert (the_plan().record().task, used.begun[2:]) == ("x", ["a, try 1"])
    Path("plan.json").write_text(Path("plan.json").read_text().replace("shop/a.py", "../a.py"))
    refused = run.run("run", "--plan-file", "plan.json", "--yes", *FLAGS)
    assert refused.code == 42
    assert "../a.py is not a path below the top of the repository" in refused.stderr


class Person:
    """Agrees, or not, to what is shown."""

    is_there = True
    agrees = True
    shown = ""

    def __init__(self, _folder: JobFolder) -> None:
        """Nobody has to be waited for."""

    def confirm(self, _question: str, subject: str = "") -> bool:
        Person.shown = subject
        return Person.agrees


COMMAND = f"touch canary # {'x' * 100}"


@pytest.mark.parametrize(
    ("flags", "agrees", "code", "checks"),
    [
        (("--yes",), None, 0, ()),
        ((), True, 0, (COMMAND,)),
        ((), False, 1, None),
    ],
)
def test_a_command_of_the_plan_runs_only_with_consent_or_by_a_rule(
    run: Program,
    hands: Callable[[Script], Hands],
    monkeypatch: pytest.MonkeyPatch,
    flags: tuple[str, ...],
    agrees: bool | None,
    code: int,
    checks: tuple[str, ...] | None,
) -> None:
    """--yes does not answer for it; whoever agrees has seen it whole; a rule that forbids it always counts."""
    monkeypatch.setattr(plan_run, "DistantPerson", Person)
    monkeypatch.setattr(plan_command, "can_be_asked", lambda: True)
    monkeypatch.setattr(Person, "agrees", agrees)
    used = hands(lambda note, *_: planned(piece("a", check=COMMAND)) if note == "planner" else module("a"))
    done = run.run("run", "x", "--plan", *flags, *FLAGS)
    assert done.code == code, done.stderr
    assert COMMAND in (done.stderr if agrees is None else Person.shown)
    works = [record.values.get("check", ()) for record in used.records if record.note != "planner"]
    assert works == ([] if checks is None else [checks])


def test_what_needs_a_failed_piece_is_not_done(
    run: Program, hands: Callable[[Script], Hands], shop: Path
) -> None:
    """The rest is merged, the branch is green, and the exit code says that it is not all."""

    def script(note: str, _told: str, _times: int) -> Did:
        if note == "planner":
            return planned(piece("a"), piece("b", "a"), piece("c"))
        return Did() if note.startswith("a,") else module(note[0])

    used = hands(script)
    done = run.run("run", "x", "--plan", "--yes", *FLAGS)
    first, together, last = used.begun[:1], used.begun[1:3], used.begun[3:]
    assert (done.code, first, sorted(together), last) == (
        1,
        ["planner"],
        ["a, try 1", "c, try 1"],
        ["a, try 1"],
    )
    assert happened("a") == ("failed", ["It changed nothing.", "It changed nothing."])
    assert happened("b") == ("not done", ["It needs a."])
    assert happened("c") == ("merged", [])
    assert files_on_branch(shop) == ["README.md", "shop/c.py"]
    assert "| b | not done |" in the_plan().report.read_text()
    assert run.run("jobs", "prune").stdout == ""

    used.script = lambda note, *_: module(note[0])
    assert run.run("resume", the_plan().id).code == 0
    assert used.begun[4:] == ["a, try 1", "b, try 1"]
    assert files_on_branch(shop) == ["README.md", "shop/a.py", "shop/b.py", "shop/c.py"]


def test_a_merge_that_turns_the_check_red_is_taken_back(
    run: Program, hands: Callable[[Script], Hands], shop: Path
) -> None:
    """Its piece begins again on the branch as it is, with what the check printed."""

    def script(note: str, _told: str, times: int) -> Did:
        if note == "planner":
            return planned(piece("a"))
        return module("a", "WRONG = 1\n" if note.endswith("1") else "fine = 1\n")

    used = hands(script)
    check = "if grep -rqs WRONG shop; then echo cannot have it; exit 3; fi"
    assert run.run("run", "x", "--plan", "--yes", "--check", check, *FLAGS).code == 0
    assert "fails with exit code 3 once it is merged" in happened("a")[1][0]
    assert "cannot have it" in used.told[-1]
    assert git(shop, "show", f"{the_plan().record().branch}:shop/a.py") == "fine = 1"


def test_a_check_that_is_red_from_the_beginning_decides_once_it_is_green(
    run: Program, hands: Callable[[Script], Hands]
) -> None:
    """No piece can be blamed for it; but where it stays red, the plan is not done."""
    used = hands(lambda note, *_: planned(piece("a")) if note == "planner" else module("a"))
    done = run.run("run", "x", "--plan", "--yes", "--check", "test -f shop/b.py", *FLAGS)
    assert done.code == 1
    assert "fails before anything more is done" in done.stderr
    assert happened("a") == ("merged", [])
    assert "The whole check fails." in done.stderr
    used.script = lambda note, *_: planned(piece("b")) if note == "planner" else module("b")
    assert run.run("run", "y", "--plan", "--yes", "--check", "test -f shop/b.py", *FLAGS).code == 0


def test_what_is_to_be_left_alone_is_no_part_of_the_result(
    run: Program, hands: Callable[[Script], Hands], shop: Path
) -> None:
    """A rule keeps the chat from it, and whatever else has changed it has the piece given back."""

    def script(note: str, _told: str, _times: int) -> Did:
        if note == "planner":
            return planned(piece("a", leave_alone=["*.md"]))
        return Did({"README.md": "# Mine\n", "shop/a.py": "x = 1\n"})

    used = hands(script)
    assert run.run("run", "x", "--plan", "--yes", *FLAGS).code == 1
    assert used.records[1].values["disallowed-tools"] == ("Edit(*.md)",)
    assert happened("a")[1][0] == "It changed README.md, which it is to leave alone."
    assert files_on_branch(shop) == ["README.md"]


def test_what_a_user_commits_to_the_branch_of_a_plan_stays(
    run: Program, hands: Callable[[Script], Hands], shop: Path
) -> None:
    """Somebody may mend it by hand before it goes on."""

    def script(note: str, _told: str, _times: int) -> Did:
        if note == "planner":
            return planned(piece("a"), piece("b"))
        return Did(code=1, reason="Red.") if note.startswith("b,") else module("a")

    used = hands(script)
    assert run.run("run", "x", "--plan", "--yes", *FLAGS).code == 1
    tree = the_plan().tree(the_plan().record())
    write_files(tree, {"mine.py": "y = 1\n"})
    commit(tree, "Mine")
    used.script = lambda *_: module("b")
    assert run.run("resume", the_plan().id).code == 0
    assert files_on_branch(shop) == ["README.md", "mine.py", "shop/a.py", "shop/b.py"]


def test_pieces_that_were_stopped_with_the_plan_go_on_with_it(
    run: Program, hands: Callable[[Script], Hands]
) -> None:
    """One that is stopped by itself has failed: somebody wanted that."""

    def script(note: str, _told: str, times: int) -> Did:
        if note == "planner":
            return planned(piece("a"))
        return Did(code=143) if times == 1 else module("a")

    used = hands(script)
    assert run.run("run", "x", "--plan", "--yes", *FLAGS).code == 1
    assert happened("a") == ("failed", ["It was stopped."])
    folder = the_plan()
    state = folder.read("plan-state.json", PlanState)
    assert state is not None
    folder.write(
        "plan-state.json", state.with_pieces([replace(state.piece("a"), status="working", happened=())])
    )
    assert run.run("resume", folder.id).code == 0
    assert (used.begun, happened("a")) == (["planner", "a, try 1", "a, try 1"], ("merged", []))


def test_hooks_are_told_when_a_plan_asks_and_when_it_is_over(
    run: Program, hands: Callable[[Script], Hands], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As of every job."""
    told = tmp_path / "told"
    own_hooks(("Notification", "", f"cat >> {told}; echo >> {told}"))
    monkeypatch.setattr(plan_run, "DistantPerson", Person)
    monkeypatch.setattr(plan_command, "can_be_asked", lambda: True)
    hands(lambda note, *_: planned(piece("a")) if note == "planner" else module("a"))
    assert run.run("run", "x", "--plan", *FLAGS).code == 0
    kinds = [json.loads(line)["notification_type"] for line in told.read_text().splitlines()]
    assert kinds == ["permission_prompt", "job_ended"]


@pytest.mark.parametrize("at", [1, 3])
def test_a_plan_that_was_stopped_goes_on_where_it_was(
    run: Program, hands: Callable[[Script], Hands], at: int
) -> None:
    """What is merged stays, and no piece is done twice."""

    def script(note: str, _told: str, _times: int) -> Did:
        if len(used.begun) == at:
            raise KeyboardInterrupt
        return planned(piece("a"), piece("b", "a")) if note == "planner" else module(note[0])

    used = hands(script)
    assert run.run("run", "x", "--plan", "--yes", *FLAGS).code == 130
    cut, used.script = used.begun[-1], lambda note, told, times: script(note, told, times)
    assert run.run("resume", the_plan().id).code == 0
    jobs = ["planner", "a, try 1", "b, try 1"]
    assert used.begun == [*jobs[:at], cut, *jobs[at:]]
    assert [each["status"] for each in report()["pieces"]] == ["merged", "merged"]


def test_the_jobs_of_a_plan_have_shares_of_its_budget(run: Program, hands: Callable[[Script], Hands]) -> None:
    """As limits of their own, while they work at the same time; what they do not take the next one gets."""
    pieces = [piece("a"), piece("b"), piece("c")]
    used = hands(lambda note, *_: planned(*pieces) if note == "planner" else module(note[0]))
    limits = ("--max-tokens-total", "60000", "--max-budget-usd", "1.0")
    assert run.run("run", "x", "--plan", "--yes", *limits, *FLAGS).code == 0
    tokens = [record.values["max-tokens-total"] for record in used.records]
    assert tokens == [12_000, 20_000, 20_000, 60_000]
    assert [record.values["max-budget-usd"] for record in used.records] == [
        0.2,
        *2 * [pytest.approx(1 / 3)],
        1.0,
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--plan", "--attempts", "2"), "--attempts does not go with --plan"),
        (("--plan", "--goal", "it works"), "--goal does not go with --plan"),
        (("--parallel", "3"), "--parallel goes with --plan"),
        (("--plan", "--parallel", "99"), "a number from 1 to 16"),
        (
            ("--plan-file", "nope"),
            "--plan-file nope: No such file or directory. Nothing was begun; name a plan",
        ),
    ],
)
def test_what_makes_no_sense_with_a_plan_is_refused(
    run: Program, arguments: tuple[str, ...], said: str
) -> None:
    """Before anything is begun."""
    done = run.run("run", "x", *arguments)
    assert done.code in (2, 42)
    assert said in done.stderr
    assert all_folders() == []

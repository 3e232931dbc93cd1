"""What must never happen to a user: each a fault seen in a program of this kind, with the safe outcome."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from repositories import git, write_files
from scripted_model import ScriptedModel
from whole_chat import ModelScripts, Program, ScriptedReply, WholeChat, block, calls_of, last_text

from chat.commands.table import COMMANDS
from repomap import count_tokens

GOOD = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")
NOBODY_THERE = "http://127.0.0.1:9/v1"

Play = Callable[..., ScriptedModel]


@pytest.fixture
def play(scripted: Callable[..., ScriptedModel]) -> Play:
    """A server whose main model says these lines, the last of them for ever."""

    def start(*lines: ScriptedReply) -> ScriptedModel:
        return scripted(ModelScripts(*lines))

    return start


def state_of(shop: Path) -> tuple[str, str]:
    """The commit, and whatever differs from it, also if git ignores it."""
    return git(shop, "rev-parse", "HEAD"), git(shop, "status", "--porcelain", "--ignored")


@pytest.fixture
def untouched(shop: Path) -> Iterator[None]:
    """After the test the repository is what it was."""
    before = state_of(shop)
    yield
    assert state_of(shop) == before


@pytest.mark.parametrize("tokens", [256, 512, 1024, 2048])
def test_a_map_is_within_its_budget(shop: Path, trigpoint: Program, tokens: int) -> None:
    """Never a token over, and most of it used where there is enough to show."""
    write_files(
        shop,
        {
            f"shop/part_{place}.py": f"from shop.part_{place // 2} import work_{place // 2}\n\n"
            f"class Part{place}:\n    def run(self, one, two):\n        return work_{place // 2}()\n\n"
            f"def work_{place}(argument, another=None):\n    return argument\n"
            for place in range(60)
        },
    )

    shown = trigpoint(NOBODY_THERE, "--show-repo-map", "--map-tokens", str(tokens)).stdout

    assert tokens * 0.7 < count_tokens(shown) <= tokens


def test_a_prompt_is_the_same_in_every_process(shop: Path) -> None:
    """Byte for byte, whatever order hashes have there: rules, both maps and files."""

    def prompt(seed: str) -> bytes:
        command = [sys.executable, "-m", "chat", "--model", "openai/x", "--api-base", NOBODY_THERE]
        return subprocess.run(
            [*command, "--continue", "--show-prompts", "-m", "expire the session", "shop/cart.py"],
            cwd=shop, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout  # fmt: skip

    first = prompt("0")

    assert b"def expire" in first
    assert prompt("1") == first


@pytest.mark.usefixtures("untouched")
def test_a_server_that_is_not_there_ends_the_run_soon(trigpoint: Program) -> None:
    """With the limits as they are: code 1 and where it tried, within 15 s once the library is loaded."""
    started = time.monotonic()

    done = trigpoint(NOBODY_THERE, "-m", "hi")

    assert (done.code, done.stdout) == (1, "")
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - started < 15


CHOICES = (
    "/ask",
    "/code",
    "/architect",
    "/model x",
    "/weak-model x",
    "/editor-model x",
    "/settings vim true",
)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "line", [*(f"/{name}" for name, command in COMMANDS.items() if command.needs_terminal), *CHOICES]
)
def test_what_makes_no_sense_without_a_terminal_is_wrong_usage(trigpoint: Program, line: str) -> None:
    """Code 2 and a reason: what was not done never passes for done."""
    done = trigpoint(NOBODY_THERE, "-m", line)

    assert (done.code, done.stdout) == (2, "")
    assert "Nothing was done" in done.stderr


def test_standard_output_is_the_answer_and_nothing_is_left_behind(
    shop: Path, play: Play, trigpoint: Program
) -> None:
    """Not a banner, not a warning, not a colour; no file in the folder beside what was changed."""
    files = sorted(path for path in shop.iterdir())

    done = trigpoint(play(f"Shorter.\n\n{GOOD}").base_url, "-m", "shorter", "--verbose")

    assert (done.code, done.stdout.strip()) == (0, "Shorter.")
    assert git(shop, "status", "--porcelain", "--ignored") == ""
    assert sorted(path for path in shop.iterdir()) == files


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("path", ["../evil.py", "shop/../../evil.py", "{outside}/evil.py", ".git/config"])
def test_no_edit_leaves_the_root(shop: Path, play: Play, trigpoint: Program, path: str) -> None:
    """With --yes, too: there is no question to which yes could be said."""
    path = path.format(outside=shop.parent.as_posix())

    done = trigpoint(play(block(path, "", "evil = 1\n")).base_url, "-m", "go", "--yes")

    assert done.code == 1
    assert path in done.stderr
    assert not (shop.parent / "evil.py").exists()


@pytest.mark.usefixtures("untouched")
def test_a_read_only_file_stays(play: Play, trigpoint: Program) -> None:
    """With --yes, too; and the model is told."""
    server = play(GOOD)

    done = trigpoint(server.base_url, "-m", "go", "--yes", "--read", "shop/session.py")

    assert done.code == 1
    assert "read-only" in done.stderr
    assert "read-only" in last_text(calls_of(server)[-1])


def test_a_text_that_stands_twice_is_not_guessed_at(shop: Path, play: Play, trigpoint: Program) -> None:
    """Neither place is edited, and the model is told the lines of both."""
    write_files(shop, {"twice.py": "a = 1\nb = 2\na = 1\n"})
    server = play(block("twice.py", "a = 1\n", "a = 7\n"))

    done = trigpoint(server.base_url, "-m", "go", "--yes", "twice.py")
    told = last_text(calls_of(server)[-1])

    assert done.code == 1
    assert (shop / "twice.py").read_text() == "a = 1\nb = 2\na = 1\n"
    assert re.search(r"\blines? 1\b.*\b3\b", told)


@pytest.mark.usefixtures("untouched")
def test_an_edit_stays_in_the_file_that_it_names(play: Play, trigpoint: Program) -> None:
    """A text that is only in another file of the chat is not looked for there."""
    wrong_file = block("shop/cart.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")

    done = trigpoint(play(wrong_file).base_url, "-m", "go", "--yes", "shop/session.py", "shop/cart.py")

    assert done.code == 1
    assert "shop/cart.py" in done.stderr


@pytest.mark.usefixtures("untouched")
def test_half_of_a_change_is_not_written(play: Play, trigpoint: Program) -> None:
    """One block of two that does not fit keeps the other from the disk."""
    half = GOOD + "\n" + block("shop/cart.py", "nowhere = 1\n", "nowhere = 2\n")

    done = trigpoint(play(half).base_url, "-m", "go")

    assert done.code == 1
    assert "shop/cart.py" in done.stderr


def test_bytes_that_are_not_edited_stay(shop: Path, play: Play, trigpoint: Program) -> None:
    """ScriptedReply ends, a byte order mark, a missing last newline, bytes that are no UTF-8."""
    before = b"\xef\xbb\xbfone = 1\r\ntwo = 2\r\n# caf\xe9\r\nthree = 3"
    (shop / "windows.py").write_bytes(before)

    done = trigpoint(play(block("windows.py", "two = 2\n", "two = 22\n")).base_url, "-m", "go")

    assert done.code == 0
    assert (shop / "windows.py").read_bytes() == before.replace(b"two = 2\r", b"two = 22\r")


def test_a_commit_that_adds_a_file_is_undone(shop: Path, open_whole: Callable[..., WholeChat]) -> None:
    """The file is gone, the commit too, and the folder that came with it."""
    before = state_of(shop)
    whole = open_whole(block("new/place.py", "", "place = 1\n"))

    done = whole.turn()
    there = (shop / "new/place.py").exists()
    whole.chat.changes.undo()

    assert there
    assert done.commits
    assert not (shop / "new").exists()
    assert state_of(shop) == before


def test_a_repository_runs_nothing_by_its_configuration(
    shop: Path, play: Play, trigpoint: Program, tmp_path: Path
) -> None:
    """Neither its commands nor its address count until it is trusted; the turn itself is carried out."""
    canary = tmp_path / "canary"
    command = json.dumps(f"{sys.executable} -c \"open(r'{canary}', 'w')\"")
    elsewhere, server = play("I am the wrong one."), play(GOOD)
    write_files(
        shop,
        {
            ".aider.conf.yml": f"test: true\nauto-test: true\ntest-cmd: {command}\n",
            ".trigpoint.toml": f"auto-test = true\nauto-lint = true\ntest-cmd = {command}\n"
            f"lint-cmd = [{command}]\nnotifications-command = {command}\n"
            f"api-base = '{elsewhere.base_url}'\nyes = true\n",
            ".env": f"OPENAI_API_BASE={elsewhere.base_url}\n",
        },
    )

    done = trigpoint(server.base_url, "-m", "shorter", "--yes")

    assert done.code == 0
    assert (shop / "shop/session.py").read_text().startswith("LIFETIME_S = 60\n")
    assert not canary.exists()
    assert elsewhere.requests == []
    assert ".trigpoint.toml" in done.stderr

"""A file that another process rewrites between reading and writing: theirs or ours, never a mix."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from edits import DiskTree, Format, Plan, Rules, WriteFailed, parse_reply, plan_edits, write_changes
from edits.disk.exchange import exchange

ROWS = 2_000
REPLY = "a.txt\n<<<<<<< SEARCH\nmine 1000\n=======\nedited 1000\n>>>>>>> REPLACE\n"
OTHER = r"""
import os, sys, time
path = sys.argv[1]
for order in sys.stdin:
    style, number, delay = order.split()
    time.sleep(int(delay) / 1e6)
    text = "".join(f"theirs {number} {row}\n" for row in range(2000))
    name = path + ".theirs" if style == "replace" else path
    with open(name, "w", newline="") as handle:
        handle.write(text)
    if style == "replace":
        os.replace(name, path)
    print("done", flush=True)
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be replaced there")


class Other:
    """A process that rewrites one file whenever it is told to."""

    def __init__(self, told: IO[str], says: IO[str]) -> None:
        self.told, self.says = told, says

    def start(self, style: str, number: int, delay_us: int) -> None:
        """Have it rewrite the file after a delay, in place or by a rename."""
        self.told.write(f"{style} {number} {delay_us}\n")
        self.told.flush()

    def wait(self) -> None:
        """Until it has."""
        assert self.says.readline() == "done\n"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Other]:
    """A running process; it ends with the test."""
    command = [sys.executable, "-c", OTHER, str(tmp_path / "a.txt")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield Other(process.stdin, process.stdout)
        process.stdin.close()


def rows(kind: str) -> str:
    return "".join(f"{kind} {row}\n" for row in range(ROWS))


def swaps(folder: Path) -> bool:
    names = [folder / "one", folder / "other"]
    for name in names:
        name.touch()
    able = exchange(str(names[0]), str(names[1]))
    for name in names:
        name.unlink()
    return able


def written(plan: Plan, root: Path) -> bool:
    try:
        write_changes(plan.changes, str(root))
    except WriteFailed:
        return False
    return True


@pytest.mark.slow
def test_a_thousand_races_never_mix_two_texts(tmp_path: Path, other: Other) -> None:
    """Refused, and theirs is untouched; or ours is the edit of the text that was read.

    Where they write after us, theirs stands although ours was written first. In every fourth race
    they are done before we begin to write: those must be refused. A file that they replaced, at
    whatever moment, is never replaced by ours, where the system can swap two files; one that they
    had open while ours took its place can end as the old file, which nobody sees.
    """
    keeps = swaps(tmp_path)
    path, seen = tmp_path / "a.txt", Counter[tuple[bool, str]]()
    mine, ours = rows("mine"), rows("mine").replace("mine 1000\n", "edited 1000\n")
    for number in range(1_000):
        path.write_text(mine, newline="")
        plan = plan_edits(parse_reply(REPLY, Format.DIFF), DiskTree(str(tmp_path)), Rules(chat=("a.txt",)))
        assert not plan.rejected
        early = number % 4 == 0
        style = "replace" if number % 2 else "place"
        other.start(style, number, 0 if early else number % 37 * 50)
        if early:
            other.wait()
        done = written(plan, tmp_path)
        if not early:
            other.wait()
        theirs = rows(f"theirs {number}")
        text = path.read_bytes().decode()
        assert text == theirs or (done and text == ours), number
        assert not (early and done), number
        assert text == theirs or style == "place" or not keeps, number
        assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]
        seen[done, "theirs" if text == theirs else "ours"] += 1
    assert seen[False, "theirs"] >= 250
    assert seen.total() == 1_000

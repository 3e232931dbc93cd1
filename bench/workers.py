"""Measure how long a plan of six pieces takes one after the other, and two at a time.

    python bench/workers.py [--reply-s 2] [--runs 1]

The task has two dependencies, one piece that fails at first, and two that conflict (`tests/support/plan_cases.py`).
The model is scripted: a server on loopback that takes two seconds for each reply. Everything else is real: planner,
workers, work trees, merges, checks. Ends with code 1 where a plan does not end with one green branch.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sample import ROOT, environment, program

sys.path.insert(0, str(ROOT / "tests" / "support"))

from plan_cases import PLAN, TASK, WHOLE, Planned
from scripted_model import ScriptedModel

FLAGS = ("--model", "openai/scripted", "--map-tokens", "0", "--max-turns", "1", "--api-key", "k", "--yes")
CHECKS = ("Bash(test -f *)", "Bash(grep -q *)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--reply-s", type=float, default=2.0, help="how long the model takes for a reply")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    taken: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(options.runs):
        for parallel, seconds in taken.items():
            seconds.append(carry_out(parallel, options.reply_s))
            print(f"--parallel {parallel}: {seconds[-1]:.1f} s", flush=True)
    one, two = (min(seconds) for seconds in taken.values())
    print(f"ratio: {two / one:.2f}")
    return 0


def carry_out(parallel: int, reply_s: float) -> float:
    """Carry the plan out in a repository of its own; return how many seconds that took."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, ScriptedModel(Planned(reply_s)) as server:
        root, own = Path(folder) / "shop", environment(Path(folder) / "home")
        root.mkdir()
        (root / "README.md").write_text("# Shop\n")
        for command in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "Begin the shop")):
            subprocess.run(["git", *command], cwd=root, env=own, check=True)
        arguments = ("--plan", "--parallel", str(parallel), "--check", WHOLE, "--api-base", server.base_url)
        rules = ("--allowed-tools", *CHECKS)
        began = time.monotonic()
        done = run(root, own, "run", TASK, *arguments, *FLAGS, *rules)
        seconds = time.monotonic() - began
        require(done.returncode == 0, done.stderr)
        require(run(root, own, "merge", job_of(done.stderr)).returncode == 0, done.stderr)
        names = {piece["id"] for piece in PLAN["pieces"]}
        require(names == {path.stem for path in (root / "shop").iterdir()}, "a piece is missing")
        require("names and notes" in (root / "README.md").read_text(), "the conflict is not resolved")
    return seconds


def job_of(said: str) -> str:
    return said.rpartition("Job ")[2].split()[0]


def run(root: Path, own: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*program("trigpoint"), *arguments],
        cwd=root,
        env=own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def require(condition: bool, said: str) -> None:
    if not condition:
        sys.exit(f"This went wrong:\n{said}")


if __name__ == "__main__":
    sys.exit(main())

"""Plans whose processes are killed at any moment, and the time that working side by side saves."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("kills with SIGKILL, and finds processes by /proc", allow_module_level=True)

ROOT = Path(__file__).parents[3]
SUPPORT = ROOT / "tests" / "support"
KILLS = 12

pytestmark = pytest.mark.slow


def played(program: Path, *arguments: str) -> str:
    """What a program prints, which has to end well."""
    path = os.pathsep.join([str(SUPPORT), str(ROOT)])
    done = subprocess.run(
        [sys.executable, str(program), *arguments],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_plan_survives_kills(tmp_path: Path) -> None:
    """Of the launcher, the plan's process, a piece's, or all of them: it ends as it would have without.

    The user's work tree is untouched, and after merge and prune no work tree, branch, lock or process is left.
    """
    options = json.dumps({"kills": KILLS, "seed": 1})
    assert json.loads(played(SUPPORT / "plan_kills.py", "kills", str(tmp_path), options))["found"] == []


def test_two_workers_take_little_more_than_half_the_time_of_one() -> None:
    """With a model that takes two seconds for a reply, planning and starting processes included."""
    said = played(ROOT / "bench" / "workers.py")
    assert float(re.findall(r"ratio: ([\d.]+)", said)[0]) <= 0.6

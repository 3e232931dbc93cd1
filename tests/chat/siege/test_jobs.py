"""Jobs whose processes are killed at any moment, and twenty of them at once in the repository of a user who commits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("kills with SIGKILL, and finds processes by /proc", allow_module_level=True)

SUPPORT = Path(__file__).parents[2] / "support"
KILLS, AT_ONCE = 100, 20

pytestmark = pytest.mark.slow


def played(*arguments: str) -> dict[str, object]:
    """What the program that plays jobs has found."""
    path = os.pathsep.join([str(SUPPORT), str(SUPPORT.parent.parent)])
    done = subprocess.run(
        [sys.executable, str(SUPPORT / "job_kills.py"), *arguments],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_a_hundred_kills(tmp_path: Path) -> None:
    """Of the worker, the launcher, both with their groups, or all that belongs to the job, at random points.

    The user's work tree is untouched, the job comes to the same end, and after a merge or a discard nothing is left:
    no work tree, no branch, no lock, no process.
    """
    assert played("kills", str(tmp_path), json.dumps({"kills": KILLS, "seed": 1}))["found"] == []


def test_twenty_jobs_at_once(tmp_path: Path) -> None:
    """All come to their end and are merged, and none of the user's commits is lost."""
    result = played("many", str(tmp_path), str(AT_ONCE))
    assert (result["found"], result["jobs"]) == ([], AT_ONCE)

"""Jobs whose processes are killed at any moment, and twenty of them at once in the repository of a user who commits."""

import json
import sys
from pathlib import Path

import pytest
from processes import output_of

if sys.platform != "linux":
    pytest.skip("kills with SIGKILL, and finds processes by /proc", allow_module_level=True)

KILLS, AT_ONCE = 100, 20

pytestmark = pytest.mark.slow


def found_by(*arguments: str) -> dict[str, object]:
    """What the program that plays jobs has found."""
    result: dict[str, object] = json.loads(output_of("tests/support/job_kills.py", *arguments))
    return result


def test_a_hundred_kills(tmp_path: Path) -> None:
    """Of the worker, the launcher, both with their groups, or all that belongs to the job, at random points.

    The user's work tree is untouched, the job comes to the same end, and after a merge or a discard nothing is left:
    no work tree, no branch, no lock, no process.
    """
    assert found_by("kills", str(tmp_path), json.dumps({"kills": KILLS, "seed": 1}))["found"] == []


def test_twenty_jobs_at_once(tmp_path: Path) -> None:
    """All come to their end and are merged, and none of the user's commits is lost."""
    result = found_by("many", str(tmp_path), str(AT_ONCE))
    assert (result["found"], result["jobs"]) == ([], AT_ONCE)

"""Plans whose processes are killed at any moment, and the time that working side by side saves."""

import json
import re
import sys
from pathlib import Path

import pytest
from processes import output_of

if sys.platform != "linux":
    pytest.skip("kills with SIGKILL, and finds processes by /proc", allow_module_level=True)

KILLS = 12

pytestmark = pytest.mark.slow


def test_a_plan_survives_kills(tmp_path: Path) -> None:
    """Of the launcher, the plan's process, a piece's, or all of them: it ends as it would have without.

    The user's work tree is untouched, and after merge and prune no work tree, branch, lock or process is left.
    """
    options = json.dumps({"kills": KILLS, "seed": 1})
    assert (
        json.loads(output_of("tests/support/plan_kills.py", "kills", str(tmp_path), options))["found"] == []
    )


def test_two_workers_take_little_more_than_half_the_time_of_one() -> None:
    """With a model that takes two seconds for a reply, planning and starting processes included."""
    said = output_of("bench/workers.py")
    assert float(re.findall(r"ratio: ([\d.]+)", said)[0]) <= 0.6

"""Attempts whose launcher or all of whose processes are killed at any moment are ranked later, and leave nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("kills with SIGKILL, and finds processes by /proc", allow_module_level=True)

SUPPORT = Path(__file__).parents[2] / "support"
KILLS = 12

pytestmark = pytest.mark.slow


def test_a_dozen_kills(tmp_path: Path) -> None:
    """The best of what is left, or resumed, is merged; then no work tree, branch, file, lock or process is left."""
    path = os.pathsep.join([str(SUPPORT), str(SUPPORT.parent.parent)])
    done = subprocess.run(
        [
            sys.executable,
            str(SUPPORT / "attempt_kills.py"),
            str(tmp_path),
            f'{{"kills": {KILLS}, "seed": 1}}',
        ],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["found"] == []
    assert result["ranked"] > 0

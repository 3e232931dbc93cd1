"""Attempts whose launcher or all of whose processes are killed at any moment are ranked later, and leave nothing."""

import json
import sys
from pathlib import Path

import pytest
from processes import output_of

if sys.platform != "linux":
    pytest.skip("kills with SIGKILL, and finds processes by /proc", allow_module_level=True)

KILLS = 12

pytestmark = pytest.mark.slow


def test_a_dozen_kills(tmp_path: Path) -> None:
    """The best of what is left, or resumed, is merged; then no work tree, branch, file, lock or process is left."""
    options = json.dumps({"kills": KILLS, "seed": 1})
    result = json.loads(output_of("tests/support/attempt_kills.py", str(tmp_path), options))
    assert result["found"] == []
    assert result["ranked"] > 0

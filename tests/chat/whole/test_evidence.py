"""`--evidence-cmd`: what it leaves is kept with the report of a run, over the real chat and shell."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted_model import ScriptedModel
from whole_chat import Program

LEAVES = 'echo shot > "$TRIGPOINT_EVIDENCE_DIR/shot.txt"; ln -s /etc/passwd "$TRIGPOINT_EVIDENCE_DIR/users"'


@pytest.fixture
def server(scripted: Callable[..., ScriptedModel]) -> ScriptedModel:
    """A model that has nothing to do."""
    return scripted(*["Nothing to do."] * 2)


def test_evidence_is_listed_in_report_and_result(
    server: ScriptedModel, trigpoint: Program, tmp_path: Path
) -> None:
    """The command runs once the turns are over; what is no plain file is named and left out."""
    report = tmp_path / "report.md"

    done = trigpoint(
        server.base_url,
        *("-m", "go", "--evidence-cmd", LEAVES, "--report", str(report), "--output-format", "json"),
    )

    shot = tmp_path / "report-evidence" / "shot.txt"
    assert done.code == 0
    assert (shot.read_text(), [each.name for each in shot.parent.iterdir()]) == ("shot\n", ["shot.txt"])
    assert "## Evidence\n\n- `report-evidence/shot.txt`\n" in report.read_text()
    assert json.loads(done.stdout)["evidence"] == [str(shot)]
    assert "'users' is a link" in done.stderr


def test_a_command_that_fails_is_told(server: ScriptedModel, trigpoint: Program, tmp_path: Path) -> None:
    """The run does not fail by it; without a report it is not run at all."""
    canary = tmp_path / "canary"
    failing = ("-m", "go", "--evidence-cmd", f"touch {canary}; exit 3")

    assert "so it was not run" in trigpoint(server.base_url, *failing).stderr
    assert not canary.exists()
    done = trigpoint(server.base_url, *failing, "--report", str(tmp_path / "report.md"))
    assert (done.code, canary.exists()) == (0, True)
    assert "failed with exit code 3" in done.stderr

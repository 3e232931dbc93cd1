"""Runs `trigpoint review` in this process, with a model that answers with findings."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from review_runs import Ran
from scripted_model import ScriptedModel

from chat.cli import main as cli


@pytest.fixture
def review(
    litellm_loaded: None,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Callable[..., Ran]:
    """The command in the shop, as `review(server, "--staged", given="text on standard input")`."""
    monkeypatch.chdir(shop)

    def run(server: ScriptedModel, *arguments: str, given: str = "") -> Ran:
        capfdbinary.readouterr()
        with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as stdin:
            stdin.write(given)
            stdin.seek(0)
            monkeypatch.setattr(sys, "stdin", stdin)
            model = ("--model", "openai/main", "--api-base", server.base_url, "--api-key", "k")
            code = cli.run(["review", *model, *arguments])
        out, err = capfdbinary.readouterr()
        return Ran(code, out.decode(), err.decode())

    return run

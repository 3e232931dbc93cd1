"""The program is there at once: what is slow to load waits until it is needed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[3] / "bench" / "startup.py"
SLOWNESS = 3
"""How many times slower than the machine that the limits were set on a machine may be."""
NOT_YET = ("litellm", "edits", "numpy", "rich", "pydantic", "networkx", "tree_sitter", "mcp", "yaml", "httpx")
OPENED = """\
import sys
from chat.cli import main as cli
from chat.terminal.interactive import line_editor

def shown(self, *_):
    print(*sys.modules)
    raise EOFError

line_editor.LineEditor.read = shown
from chat.terminal.interactive.repl import run
from chat.settings.table import Settings, changed
run(changed(Settings(), {"model": "sonnet", "api-base": "http://127.0.0.1:9/v1"}, "test"), ())
"""


def test_the_prompt_waits_for_nothing_slow(shop: Path) -> None:
    """Neither the model's library nor edits, nor the index: they load while the user types."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", OPENED],
        cwd=shop,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}

    assert "prompt_toolkit" in loaded
    assert loaded.intersection(NOT_YET) == set()


@pytest.fixture
def startup() -> ModuleType:
    """The bench."""
    pytest.importorskip("pty")
    spec = importlib.util.spec_from_file_location("startup", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(os.name == "nt", reason="there is no pty")
def test_help_and_prompt_take_little_time(
    shop: Path, startup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0.25 s and 0.4 s of CPU time, on a usual machine."""
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "")  # what the bench sets is put back
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "")
    with startup.compiled():
        startup.help_s(shop)
        startup.prompt_s(shop)

        assert startup.help_s(shop) < 0.25 * SLOWNESS
        assert startup.prompt_s(shop) < 0.4 * SLOWNESS

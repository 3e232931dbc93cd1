"""What a fresh process does to the outside: whom it talks to, what it prints, what it sets."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scripted_model import Answer, Request, ScriptedModel, failure
from whole_chat import FLAGS, ModelScripts, block, calls_of

ROOT = Path(__file__).parents[3]
EDIT = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")
GUARD = """
import json, sys

watched = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname",
           "socket.gethostbyaddr", "urllib.Request")

def watch(event, arguments):
    if event in watched:
        with open({log!r}, "a") as file:
            file.write(json.dumps([event, [str(each) for each in arguments if "socket" not in str(each)]]) + "\\n")

sys.addaudithook(watch)
"""
"""What each Python runs when it starts, that of the calls as well."""
PROGRAM = """
import json, os, sys

sys.path.insert(0, sys.argv[1])
from chat.cli.main import run
from chat.llm.lite_model import LiteModel
from chat.model import Message, ModelRole, Prompt
from chat.llm.options import ModelOptions

before = dict(os.environ)
model = LiteModel(ModelOptions({ModelRole.MAIN: "openai/alone"}, api_base=sys.argv[2]))
model.load_in_background()
said = []
for n in range(2):
    try:
        model.reply(Prompt((Message("user", "Hi"),)), ModelRole.MAIN, lambda event: None)
    except Exception as error:
        said.append(type(error).__name__)
print("--- the model alone, above", file=sys.stderr)
print("--- the model alone, above")
code = run(sys.argv[3:])
assert "litellm" not in sys.modules
added = list(set(os.environ) - set(before))
print(json.dumps({"code": code, "said": said, "added": added}))
"""


@dataclass
class Fresh:
    """What a process said and did that asked a model twice and then took a whole turn."""

    printed: list[str]
    """By the model alone: to stdout, to stderr."""
    told: dict[str, Any]
    asked: list[Any]
    """Addresses, by any of the processes."""
    server: ScriptedModel
    stderr: str


@dataclass
class Script:
    """The models of a chat, and one alone that answers once."""

    cast: ModelScripts = field(default_factory=lambda: ModelScripts(EDIT))
    alone: list[str | Answer] = field(default_factory=lambda: ["ok", failure(401)])

    def __call__(self, request: Request) -> str | Answer:
        return self.alone.pop(0) if request.body["model"] == "alone" else self.cast(request)


@pytest.fixture(scope="module")
def _kept() -> list[Fresh]:
    return []


@pytest.fixture
def fresh(_kept: list[Fresh], shop: Path, tmp_path: Path, scripted: Callable[..., ScriptedModel]) -> Fresh:
    """One process for all tests of this module: it imports litellm, which takes seconds."""
    if not _kept:
        (shop / ".env").write_text("FROM_DOTENV=1\n", encoding="utf-8")
        _kept.append(run_fresh(shop, tmp_path, scripted(Script())))
    return _kept[0]


def run_fresh(shop: Path, tmp_path: Path, server: ScriptedModel) -> Fresh:
    log, guard = tmp_path / "log", tmp_path / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD.format(log=str(log)), encoding="utf-8")
    address = ("--api-base", server.base_url, "--api-key", "k")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ROOT), server.base_url, *FLAGS, *address, "-m", "go"],
        cwd=shop,
        env=os.environ
        | {
            "LITELLM_TELEMETRY": "True",
            "LITELLM_LOCAL_MODEL_COST_MAP": "False",
            "PYTHONPATH": os.pathsep.join([str(guard), *filter(None, sys.path)]),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = [text.partition("--- the model alone, above")[0] for text in (done.stdout, done.stderr)]
    asked = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return Fresh(printed, json.loads(done.stdout.splitlines()[-1]), asked, server, done.stderr)


def test_only_the_models_address_is_asked(fresh: Fresh) -> None:
    """In a whole turn of a fresh process: litellm's import, a map, two models, an edit, a commit.

    Also where the environment says that telemetry and prices may be asked for.
    """
    port = fresh.server.base_url.rpartition(":")[2].removesuffix("/v1")

    assert fresh.told["code"] == 0, fresh.stderr
    assert (len(calls_of(fresh.server)), len(calls_of(fresh.server, "weak"))) == (1, 1)
    assert fresh.asked, "the guard saw nothing, not even the model"
    assert [row for row in fresh.asked if "127.0.0.1" not in str(row) or port not in str(row)] == []


def test_litellm_is_quiet_and_keeps_out_of_the_environment(fresh: Fresh) -> None:
    """Nothing is printed, no `.env` is read, and the user's own commands see the environment as it was."""
    assert fresh.told["said"] == ["Unauthorized"]
    assert fresh.printed == ["", ""]
    assert fresh.told["added"] == []

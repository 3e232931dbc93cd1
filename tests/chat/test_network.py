"""Whom the program talks to: the model's address, and nobody else."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from scripted_model import ScriptedModel
from whole_chat import FLAGS, Cast, block

GUARD = """\
import json, sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname",
                 "socket.gethostbyaddr", "urllib.Request"):
        with open({log!r}, "a") as file:
            file.write(json.dumps([event, [str(each) for each in arguments if "socket" not in str(each)]]) + "\\n")

sys.addaudithook(watch)
"""
EDIT = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")


def test_only_the_models_address_is_asked(
    shop: Path, tmp_path: Path, scripted: Callable[..., ScriptedModel]
) -> None:
    """In a whole turn of a fresh process: litellm's import, a map, two models, an edit, a commit.

    Also where the environment says that telemetry and prices may be asked for.
    """
    log, guard = tmp_path / "log", tmp_path / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD.format(log=str(log)), encoding="utf-8")
    server = scripted(Cast(EDIT))
    port = server.base_url.rpartition(":")[2].removesuffix("/v1")

    address = ("--api-base", server.base_url, "--api-key", "k")
    done = subprocess.run(
        [sys.executable, "-m", "chat.cli", *FLAGS, *address, "-m", "go"],
        cwd=shop,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(guard), *filter(None, sys.path)])},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    asked = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]

    assert done.returncode == 0, done.stderr
    assert len(server.calls) == 2
    assert asked, "the guard saw nothing, not even the model"
    assert [row for row in asked if "127.0.0.1" not in str(row) or port not in str(row)] == []

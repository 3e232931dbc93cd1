"""A small repository to show Trigpoint on, and a scripted model that can do one task there.

The model's replies are below, written beforehand. Everything else is real: the command, the map, the prompts, HTTP,
the edits, git. The replies depend on what the prompt shows: if the map does not list a file, or a file was not shown,
the model says so instead, and whoever plays the sample fails.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripted_model import Request, ScriptedModel

ROOT = Path(__file__).resolve().parent.parent
REQUEST = (
    "Sessions end an hour after login even while they are in use. Let them end an hour after their last use."
)
SUBJECT = "Let sessions end an hour after their last use"

LOOK = """\
The map shows where sessions end. I need to see that file.

show: shop/session.py
"""

EDITS = '''\
A session now keeps the time of its last use, and `find` renews it. A new test covers that.

shop/session.py
```python
<<<<<<< SEARCH
    started_s: float

    def is_over(self, now_s: float) -> bool:
        """Whether the session has ended."""
        return now_s - self.started_s >= LIFETIME_S
=======
    used_s: float
    """When it was last used."""

    def is_over(self, now_s: float) -> bool:
        """Whether the session has ended."""
        return now_s - self.used_s >= LIFETIME_S
>>>>>>> REPLACE
```

shop/session.py
```python
<<<<<<< SEARCH
            return None
        return session
=======
            return None
        session.used_s = now_s
        return session
>>>>>>> REPLACE
```

tests/test_session_in_use.py
```python
<<<<<<< SEARCH
=======
import unittest

from shop.session import LIFETIME_S, SessionStore


class SessionInUseTest(unittest.TestCase):
    def test_a_session_that_is_used_goes_on(self) -> None:
        store = SessionStore()
        key = store.open("ada", 0.0).key
        store.find(key, LIFETIME_S - 1)
        self.assertIsNotNone(store.find(key, LIFETIME_S + 1))
>>>>>>> REPLACE
```
'''

QUESTION = "How does the shop know who sends a request?"

LOOK_FIRST = """\
The map names two files for this.

- show: shop/app.py
- show: shop/session.py
"""

ANSWER = """\
`App.log_in` opens a session in `SessionStore` and sends its key as a cookie. For each later request
`App.cart_of` takes the key from the cookie and calls `SessionStore.find`, which returns the session
unless it has ended.
"""


def reply_to(request: "Request") -> str:
    """The scripted model's reply to what this prompt shows."""
    if "commit message" in str(request.messages[0]["content"]):
        return SUBJECT
    if QUESTION in request.prompt and REQUEST not in request.prompt:
        return ANSWER if "class App:" in request.prompt else LOOK_FIRST
    if "class SessionStore:" in request.prompt:
        return EDITS
    return LOOK if "session.py" in request.prompt else "Nothing here shows where sessions end."


@dataclass(frozen=True)
class Sample:
    """A repository, in an environment without the user's own settings, keys and sessions."""

    root: Path
    environment: dict[str, str]
    """Sends requests to the scripted model."""
    server: "ScriptedModel"

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in the repository, without input; `stdout` has all its output."""
        return subprocess.run(
            [*program(command[0]), *command[1:]],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )


def program(name: str) -> list[str]:
    """The command line for a program; `trigpoint` is the one of this interpreter."""
    if name != "trigpoint":
        return [name]
    installed = shutil.which(name, path=str(Path(sys.executable).parent))
    return [installed] if installed else [sys.executable, "-m", "chat"]


@contextmanager
def open_sample() -> Iterator[Sample]:
    """Make the repository in a temporary folder, and start the scripted model on loopback."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from scripted_model import ScriptedModel

    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, ScriptedModel(reply_to) as server:
        model = {"TRIGPOINT_MODEL": "openai/scripted", "TRIGPOINT_API_BASE": server.base_url}
        sample = Sample(Path(folder) / "shop", environment(Path(folder) / "home") | model, server)
        shutil.copytree(ROOT / "fixtures" / "sample", sample.root)
        for command in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "Begin the shop")):
            sample.run("git", *command).check_returncode()
        yield sample


def environment(home: Path) -> dict[str, str]:
    """This environment without the user's own variables; with a fixed date, so that commits have fixed ids."""
    home.mkdir()
    user_prefixes = ("GIT_", "TRIGPOINT_", "XDG_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(user_prefixes) and not name.endswith("_API_KEY")
    }
    homes = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
    names = {f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")}
    emails = {f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")}
    dates = {f"GIT_{role}_DATE": "2026-01-01T12:00:00Z" for role in ("AUTHOR", "COMMITTER")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    python = {"PATH": path, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    return {**kept, **homes, **names, **emails, **dates, **python, "GIT_CONFIG_NOSYSTEM": "1"}

"""Each recipe of docs/cookbook.md, run as it stands there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from repositories import commit, git, make_repository
from review_runs import answer, finding
from scripted_model import Request, ScriptedModel

ROOT = Path(__file__).parent.parent
BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not BASH, reason="the recipes are for a POSIX shell"
)

RECIPE = re.compile(r"^### (?P<title>[^\n]+)\n\n```sh\n(?P<script>.*?)^```$", re.MULTILINE | re.DOTALL)
RECIPES = dict(RECIPE.findall((ROOT / "docs/cookbook.md").read_text("utf-8")))

EXPECTED: Mapping[str, str] = {
    "Find your way in a strange repository": "class Session",
    "Find the code that a bug report is about": "session.py:\n  LIFETIME_S = 3600",
    "Ask why a file ranks where it does": "shop/session.py: file 1 of",
    "See who will notice a change of a definition": "shop/main.py",
    "Read one definition instead of a file": "return now >= LIFETIME_S",
    "Draw the dependencies for a README": "",
    "Jump to definitions in vim or Emacs": "",
    "Run the tests that a change needs": "1 passed",
    "See what a branch touches before you ask for a review": "shop/cart.py",
    "Keep circular imports out": "",
    "Apply a reply from a chat in the browser": "+    return round(article.price, 2)",
    "List the best files for a request": "shop/session.py\n",
    "Put a map into a prompt of your own": "class Session",
    "Ask networkx about the repository": "shop/cart.py",
}
"""What a recipe prints, among other things."""
QUICK = (
    "Run the tests that a change needs",
    "Keep circular imports out",
    "Apply a reply from a chat in the browser",
)
"""What the quick suite runs; the others take it too long."""
EXPECTED_OF_A_MODEL: Mapping[str, str] = {
    "Look at what would be sent": "Let sessions live for half an hour",
    "Ask a question": "After an hour.",
    "Have a change made, tested and committed": "Committed",
    "Know what a request cost": "input",
    "Have your changes reviewed before you commit them": "shop/session.py:11: high: Wrong result",
    "Give a review to a code host": "",
}
WRITTEN: Mapping[str, tuple[str, str]] = {
    "Draw the dependencies for a README": ("dependencies.md", "```mermaid\nflowchart"),
    "Jump to definitions in vim or Emacs": ("tags", "\nSession\tshop/session.py\t"),
    "Apply a reply from a chat in the browser": ("shop/cart.py", "round(article.price, 2)"),
    "Have a change made, tested and committed": ("shop/session.py", "LIFETIME_S = 1800"),
    "Give a review to a code host": ("review.sarif", '"2.1.0"'),
}
"""The file that a recipe leaves, and what it holds, among other things."""
EDIT = "shop/session.py\n<<<<<<< SEARCH\nLIFETIME_S = 3600\n=======\nLIFETIME_S = 1800\n>>>>>>> REPLACE\n"


def reply_to(request: Request) -> str:
    """What the scripted model says to a review, to a request for a commit message, to a question and to a task."""
    if "commit message" in str(request.messages[0]["content"]):
        return "Let sessions live for half an hour"
    if '"findings"' in request.prompt or "findings" in str(request.messages[0]["content"]):
        return answer(finding("shop/session.py", 11, "        return now >= LIFETIME_S"))
    if "When does a session expire?" in request.prompt:
        return "After an hour."
    return EDIT


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop with a branch that is one commit ahead of `origin/main`, and a change that is not committed."""
    root = make_repository(tmp_path / "shop")
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    for path, old, new in (
        ("shop/cart.py", "self.lines.append", "return self.lines.append"),
        ("shop/session.py", "now > LIFETIME_S", "now >= LIFETIME_S"),
    ):
        if path == "shop/session.py":
            commit(root, "Return what is added")
        text = (root / path).read_text()
        (root / path).write_text(text.replace(old, new))
    return root


def run_recipe(title: str, root: Path, **more: str) -> str:
    """Run a recipe in a shell that stops at the first failure; return what it prints."""
    programs = root.parent / "bin"
    programs.mkdir()
    for name, words in (("trigpoint", "-m chat"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} "$@"\n')
        (programs / name).chmod(0o755)
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [str(BASH), "-eu", "-o", "pipefail", "-c", RECIPES[title]],
        cwd=root,
        env=os.environ | environment | more,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def check(title: str, root: Path, printed: str, expected: str) -> None:
    """Fail unless a recipe printed and wrote what it is for."""
    assert expected in printed
    if title in WRITTEN:
        name, part = WRITTEN[title]
        assert part in (root / name).read_text("utf-8")


def test_every_recipe_is_run() -> None:
    """There are twenty; what each prints or writes is known here."""
    assert list(RECIPES) == [*EXPECTED, *EXPECTED_OF_A_MODEL]
    assert len(RECIPES) == 20


@pytest.mark.parametrize(
    "title", [pytest.param(title, marks=() if title in QUICK else pytest.mark.slow) for title in EXPECTED]
)
def test_a_recipe_without_a_model_does_what_it_says(title: str, shop: Path) -> None:
    """In a real repository, without a key."""
    check(title, shop, run_recipe(title, shop), EXPECTED[title])


@pytest.mark.slow
@pytest.mark.parametrize("title", EXPECTED_OF_A_MODEL)
def test_a_recipe_with_a_model_does_what_it_says(title: str, shop: Path) -> None:
    """With a server of a scripted model; what is typed is the same."""
    with ScriptedModel(reply_to) as server:
        key = {"OPENAI_API_KEY": "k", "TRIGPOINT_API_BASE": server.base_url}
        printed = run_recipe(title, shop, TRIGPOINT_MODEL="openai/scripted", **key)
    check(title, shop, printed, EXPECTED_OF_A_MODEL[title])

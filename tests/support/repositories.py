"""Real repositories on disk and the command run on them, each in a process of its own."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

SHOP: Mapping[str, str] = {
    "README.md": "# Shop\n\nSells things. Sessions expire after an hour.\n",
    "shop/__init__.py": "",
    "shop/main.py": (
        "from shop.session import Session\nfrom shop.cart import Cart\n\n\n"
        "def main(argv):\n    session = Session(argv)\n    return Cart(session).total()\n"
    ),
    "shop/session.py": (
        "LIFETIME_S = 3600\n\n\n"
        'class Session:\n    """A visitor, known by a cookie."""\n\n'
        "    def __init__(self, cookie):\n        self.cookie = cookie\n\n"
        "    def expire(self, now):\n        return now > LIFETIME_S\n\n\n"
        "def read_cookie(header):\n    return Session(header)\n"
    ),
    "shop/cart.py": (
        "class Cart:\n    def __init__(self, session):\n        self.session = session\n        self.lines = []\n\n"
        "    def add_line(self, article, count):\n        self.lines.append((article, count))\n\n"
        "    def total(self):\n        return sum(price(a) * n for a, n in self.lines)\n\n\n"
        "def price(article):\n    return article.price\n"
    ),
    "tests/test_session.py": (
        "from shop.session import Session\n\n\n"
        "def test_a_session_expires():\n    assert Session('cookie').expire(4000)\n"
    ),
    "web/cart.ts": (
        "import { show } from './show';\nexport class CartView {\n  render(cart: Cart): string {\n"
        "    return show(cart);\n  }\n}\n"
    ),
    "web/show.ts": "export function show(value: unknown): string {\n  return String(value);\n}\n",
}
"""A small shop in two languages, with a test and a document."""

IDENTITY = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Writes texts at paths relative to a folder, folders as needed."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="\n")


def git(root: Path, *args: str) -> str:
    """What one git command says; it must succeed. Dates are fixed, so that commit ids are."""
    date = {"GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}
    done = subprocess.run(
        ["git", *IDENTITY, *args], cwd=root, env=os.environ | date, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(root: Path, subject: str) -> None:
    """Commits everything."""
    git(root, "add", "--all")
    git(root, "commit", "-q", "--allow-empty", "-m", subject)


def make_repository(
    root: Path, files: Mapping[str, str] = SHOP, subjects: Sequence[str] = ("Open the shop", "Nothing new")
) -> Path:
    """A git repository with these files in its first commit, and nothing in the others.

    It is copied from one that is made once a run: a copy costs a fifth of what git takes to make it.
    """
    shutil.copytree(_template(tuple(files.items()), tuple(subjects)), root, dirs_exist_ok=True)
    git(root, "update-index", "-q", "--refresh")  # the index knows files by inode and time of change
    return root


@cache
def _template(files: tuple[tuple[str, str], ...], subjects: tuple[str, ...]) -> Path:
    root = Path(tempfile.mkdtemp(dir=_templates()))
    git(root, "init", "-q")
    for sample in (root / ".git/hooks").glob("*.sample"):
        sample.unlink()
    write_files(root, dict(files))
    git(root, "add", "--all")
    for subject in subjects:
        git(root, "commit", "-q", "--allow-empty", "-m", subject)
    return root


@cache
def _templates() -> Path:
    folder = tempfile.mkdtemp(prefix="trigpoint-templates-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def run_map(
    *arguments: str | bytes,
    cwd: Path | None = None,
    given: bytes | None = None,
    module: str = "repomap",
    **environment: str,
) -> subprocess.CompletedProcess[bytes]:
    """One run of the command with these arguments after `map`; stdout and stderr as bytes."""
    return run_command("map", *arguments, cwd=cwd, given=given, module=module, **environment)


def run_command(
    *arguments: str | bytes,
    cwd: Path | None = None,
    given: bytes | None = None,
    module: str = "repomap",
    **environment: str,
) -> subprocess.CompletedProcess[bytes]:
    """One run of the command with these arguments."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env=os.environ | environment,
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        timeout=60,
        check=False,
    )

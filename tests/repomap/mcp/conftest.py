"""A small repository to serve, and the protocol revisions."""

from pathlib import Path

import pytest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of two files, with a secret beside it."""
    root = tmp_path / "repository"
    (root / "app").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("[core]\n")
    (root / "app" / "store.py").write_text(
        "class Store:\n    def save(self, key):\n        self.key = key\n\n"
        "    def load(self):\n        return self.key\n"
    )
    (root / "app" / "main.py").write_text(
        "from app.store import Store\n\n\ndef main():\n    Store().save('k')\n"
    )
    (tmp_path / "secret.py").write_text("SECRET = 1\n")
    return root


@pytest.fixture(params=["legacy", "2026-07-28"])
def mode(request: pytest.FixtureRequest) -> str:
    """Both protocol revisions that the SDK speaks."""
    return str(request.param)

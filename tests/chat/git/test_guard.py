"""What a repository asks for is known as it is now, whenever it changes."""

import time
from pathlib import Path

import pytest
from repositories import make_repository

from chat.git import guard as guard_module
from chat.git.guard import Guard
from chat.trust.git_claim import GitClaim, git_claim


def test_what_changes_while_a_repository_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long git takes to answer: else a hook would run in the name of the trust in another one."""
    root = make_repository(tmp_path / "root", {"a.txt": "one\n"})
    hook = root / ".git" / "hooks" / "post-commit"
    now_ns = time.time_ns

    def read_slowly(folder: Path) -> GitClaim:
        claim = git_claim(folder)
        if not hook.exists():
            hook.parent.mkdir(exist_ok=True)
            hook.write_text("#!/bin/sh\n")
            hook.chmod(0o755)
            monkeypatch.setattr(time, "time_ns", lambda: now_ns() + 1_000_000_000)
        return claim

    monkeypatch.setattr(guard_module, "git_claim", read_slowly)
    guard = Guard(root, lambda claim: not claim.digest)

    assert guard.claim.hooks == ()
    assert guard.claim.hooks != ()
    assert not guard.permission().trusted

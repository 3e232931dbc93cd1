"""Who is named in a commit: the user, the model in a trailer, and on request the program."""

from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import git
from whole_chat import WholeChat, block

OpenWhole = Callable[..., WholeChat]
EDIT = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")
NAMES = "--format=%an|%cn|%s"


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "Test|Test|Do what was asked"),
        ({"attribute_author": True}, "Test (trigpoint)|Test|Do what was asked"),
        (
            {"attribute_author": True, "attribute_committer": True},
            "Test (trigpoint)|Test (trigpoint)|Do what was asked",
        ),
        ({"attribute_commit_message_author": True}, "Test|Test|trigpoint: Do what was asked"),
        ({"attribute_commit_message_committer": True}, "Test|Test|trigpoint: Do what was asked"),
    ],
    ids=["nobody else", "author", "both", "subject", "every subject"],
)
def test_a_turns_commit_names_the_program_on_request(
    open_whole: OpenWhole, shop: Path, settings: dict[str, bool], named: str
) -> None:
    """The address stays the user's."""
    open_whole(EDIT, **settings).turn()
    assert git(shop, "log", "-1", NAMES) == named


def test_the_users_own_changes_stay_the_users(open_whole: OpenWhole, shop: Path) -> None:
    """They are committed first, and apart."""
    path = shop / "shop/session.py"
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    open_whole(EDIT, attribute_author=True, attribute_committer=True).turn()
    assert git(shop, "log", "-2", "--format=%an").split("\n") == ["Test (trigpoint)", "Test"]

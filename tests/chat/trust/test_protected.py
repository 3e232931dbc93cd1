"""Files that say what runs at the next start or commit are written only with consent."""

from collections.abc import Callable
from pathlib import Path

import pytest
from chat_fakes import Answering
from repositories import git
from whole_chat import WholeChat, block

from chat.events import Notice
from chat.trust.protected import protected

OpenWhole = Callable[..., WholeChat]


@pytest.mark.parametrize(
    "path",
    [
        ".trigpoint.toml",
        "sub/.trigpoint.toml",
        ".Trigpoint.TOML",
        ".aider.conf.yml",
        ".gitmodules",
        ".husky/pre-commit",
        ".githooks/pre-push",
        "web/.husky/_/post-merge",
    ],
)
def test_what_reaches_further_than_the_code_is_known_by_its_name(tmp_path: Path, path: str) -> None:
    """In any folder, and in any case, since some file systems do not tell cases apart."""
    assert list(protected([path, "src/app.py"], tmp_path)) == [path]


def test_a_folder_of_hooks_is_known_by_gits_configuration(shop: Path) -> None:
    """Also one that holds no hook yet."""
    git(shop, "config", "core.hooksPath", "tools/hooks")
    assert list(protected(["tools/hooks/pre-commit", "tools/build.py"], shop)) == ["tools/hooks/pre-commit"]


@pytest.mark.parametrize(
    "path", [".github/workflows/ci.yml", "hooks/useCart.ts", "README.md", "trigpoint.toml"]
)
def test_everything_else_is_written_unasked(tmp_path: Path, path: str) -> None:
    """Continuous integration, too: it runs elsewhere, after a push."""
    assert protected([path], tmp_path) == {}


@pytest.mark.parametrize("answer", [True, False])
def test_an_edit_of_a_settings_file_is_asked_about(open_whole: OpenWhole, shop: Path, answer: bool) -> None:
    """The question comes with what the change does to trust, and a no leaves everything as it was."""
    whole = open_whole(
        block(".trigpoint.toml", "", 'test-cmd = "rm -r /"\n'), person=Answering(answer), map_tokens=0
    )

    result = whole.turn()

    said = [event.text for event in whole.events if isinstance(event, Notice)]
    assert any(".trigpoint.toml" in text and "`trigpoint trust`" in text for text in said)
    assert (result.ok, (shop / ".trigpoint.toml").exists()) == (answer, answer)

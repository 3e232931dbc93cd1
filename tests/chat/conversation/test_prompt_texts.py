"""The texts that models read."""

import pytest

from chat.conversation.prompt_texts import editor_text, system_text
from chat.model import Mode
from repomap import count_tokens

FORMATS = ["diff", "diff-fenced", "udiff", "whole", "patch"]


@pytest.mark.parametrize("edit_format", FORMATS)
def test_the_rules_are_short(edit_format: str) -> None:
    """Every prompt carries them."""
    assert count_tokens(system_text(edit_format, Mode.CODE, commands="any")) < 500
    assert count_tokens(editor_text(edit_format)) < 500


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_offers_the_request_lines_and_only_code_mode_the_edit_format(mode: Mode) -> None:
    """A model that may not edit is not shown how."""
    text = system_text("diff", mode, "German")

    assert all(f"\n{kind}: " in text for kind in ("show", "find", "refs", "map"))
    assert ("<<<<<<< SEARCH" in text) == (mode is Mode.CODE)
    assert text.endswith("Reply in German.\n")

"""Which instructions of a project are shown, in which order and how much of them."""

import os
import sys
from pathlib import Path

import pytest

from chat.errors import InputError
from chat.prompt.instructions import MAX_BYTES, load_instructions
from chat.safety.small_file import read_small, reader_below


def test_the_nearest_file_is_last() -> None:
    """It counts most, and models heed most what they read last."""
    files = {"AGENTS.md": "root\n", "a/AGENTS.md": "a\n", "a/b/AGENTS.md": "b\n", "c/AGENTS.md": "c\n"}
    instructions = load_instructions(files.get, "a/b")
    assert [(text.path, text.text) for text in instructions.texts] == [
        ("AGENTS.md", "root\n"),
        ("a/AGENTS.md", "a\n"),
        ("a/b/AGENTS.md", "b\n"),
    ]
    assert instructions.notice == ""


@pytest.mark.parametrize(
    ("present", "taken"),
    [
        (["AGENTS.md", "CLAUDE.md"], ["AGENTS.md"]),
        (["CLAUDE.md", "CONVENTIONS.md", "a/CLAUDE.md"], ["CLAUDE.md", "a/CLAUDE.md"]),
        (["CONVENTIONS.md"], ["CONVENTIONS.md"]),
        (["a/AGENTS.md", "CLAUDE.md"], ["a/AGENTS.md"]),
        ([], []),
    ],
)
def test_other_names_are_taken_only_where_there_is_no_agents_file(
    present: list[str], taken: list[str]
) -> None:
    """Most projects keep the same text under several names."""
    instructions = load_instructions(dict.fromkeys(present, "text\n").get, "a")
    assert [text.path for text in instructions.texts] == taken


def test_an_empty_file_does_not_count() -> None:
    """It must not hide CLAUDE.md."""
    files = {"AGENTS.md": " \n", "CLAUDE.md": "text\n"}
    assert [text.path for text in load_instructions(files.get).texts] == ["CLAUDE.md"]


def test_what_is_too_long_is_cut_at_a_line_with_a_notice() -> None:
    """The nearest file gets its room first."""
    line = "é" * 40 + "\n"
    files = {"AGENTS.md": line * 400, "a/AGENTS.md": line * 200}
    instructions = load_instructions(files.get, "a")
    root, near = instructions.texts
    assert near.text == line * 200
    assert root.text
    assert set(root.text.splitlines(keepends=True)) == {line}
    assert sum(len(text.text.encode()) for text in instructions.texts) <= MAX_BYTES
    assert "AGENTS.md (" in instructions.notice


def test_the_reader_stays_below_its_root(tmp_path: Path) -> None:
    """A link in a clone must not show the model a private key."""
    root = tmp_path / "root"
    (root / "docs").mkdir(parents=True)
    (tmp_path / "secret").write_text("key")
    (root / "docs" / "rules.md").write_text("\ufeffrules", encoding="utf-8")
    read = reader_below(root)
    assert read("docs/rules.md") == "rules"
    assert read("../secret") is None
    assert read("docs") is None
    assert read("none") is None
    if sys.platform != "win32":
        (root / "AGENTS.md").symlink_to(tmp_path / "secret")
        (root / "CLAUDE.md").symlink_to("docs/rules.md")
        os.mkfifo(root / "CONVENTIONS.md")
        assert read("AGENTS.md") is None
        assert read("CLAUDE.md") == "rules"
        assert read("CONVENTIONS.md") is None


def test_a_huge_file_is_an_error(tmp_path: Path) -> None:
    """Rather than half of a configuration."""
    (tmp_path / "big").write_bytes(b"x" * 11)
    assert read_small(tmp_path / "big", 11) == b"x" * 11
    with pytest.raises(InputError, match="longer than 10 bytes"):
        read_small(tmp_path / "big", 10)

"""A shell script becomes a tree of plain values, or nothing if it could take long."""

import pytest

from repomap import shell_syntax


def test_every_node_says_where_it_is() -> None:
    """In bytes, so that a caller can compare it with its own reading of the text."""
    tree = shell_syntax("echo é && ls -l")

    assert tree is not None
    commands = [(node.text, node.start, node.end) for node in tree.walk() if node.kind == "command"]
    assert commands == [("echo é", 0, 7), ("ls -l", 11, 16)]


@pytest.mark.parametrize("text", ["echo 'a", "ls )", "if x"])
def test_what_is_no_script_has_broken_nodes(text: str) -> None:
    """The grammar goes on behind an error, and says so."""
    tree = shell_syntax(text)

    assert tree is not None
    assert any(node.broken for node in tree.walk())


@pytest.mark.parametrize("text", ["ls " * 3_000, "$(ls " * 500, '"${a' * 1_500, "a\0b", "(" * 5_000])
def test_a_hostile_text_has_no_tree_or_a_broken_one(text: str) -> None:
    """It is long, deep, or not text at all."""
    tree = shell_syntax(text)

    assert tree is None or any(node.broken for node in tree.walk())

"""Finds the comments of a text, by the grammar of its language."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from repomap.parsing.language_by_text import sniff

if TYPE_CHECKING:
    from tree_sitter import Node

_KINDS = ("comment", "haddock", "marginalia", "pod")
"""What the names of comments have in the grammars."""


class Comment(NamedTuple):
    """One comment, as it is written."""

    first: int
    """1-based."""
    last: int
    text: str
    is_alone: bool
    """Whether nothing stands before it on its first line."""


def comments_of(path: str, source: bytes) -> tuple[Comment, ...] | None:
    """Return the comments of a text in their order; None where no grammar can read it.

    >>> comments_of("a.py", b"x = '# no'  # yes")
    (Comment(first=1, last=1, text='# yes', is_alone=False),)
    """
    from repomap.parsing.syntax import parse_safely  # loads tree-sitter, for which no prompt waits

    language = sniff(path, source)
    root = parse_safely(language, source) if language else None
    return None if root is None else tuple(_comment(node, source) for node in _comments(root))


def _comments(root: "Node") -> "Iterator[Node]":
    """Yield the outermost nodes that are comments."""
    cursor = root.walk()
    while True:
        node = cursor.node
        is_comment = node is not None and node.is_named and any(kind in node.type for kind in _KINDS)
        if is_comment and node is not None:
            yield node
        if not is_comment and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _comment(node: "Node", source: bytes) -> Comment:
    text = source[node.start_byte : node.end_byte].decode("utf-8", "replace").rstrip()
    first = node.start_point.row + 1
    line_start = source.rfind(b"\n", 0, node.start_byte) + 1
    before = source[line_start : node.start_byte]
    return Comment(first, first + text.count("\n"), text, not before.strip())

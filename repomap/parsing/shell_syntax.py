"""Reads a shell script into its syntax tree, as plain values without the grammar.

For whoever has to know what a command line would run. It is parsed in the caller's own process, so
that long, deep and slow texts get no tree: nobody types them, and the grammar takes its time over them.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repomap.parsing.languages import BY_NAME
from repomap.parsing.parse import language_tools

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_BYTES = 8_000
MAX_DEPTH = 60
"""Levels of the tree."""
TIMEOUT_S = 0.5


@dataclass(frozen=True, slots=True)
class ShellNode:
    """A node of the tree, as the grammar for Bash names it."""

    kind: str
    text: str
    start: int
    """In bytes of the UTF-8 text; `end` is behind the last."""
    end: int
    children: tuple["ShellNode", ...] = ()
    broken: bool = False
    """The grammar skipped it as an error, or made it up since it was missing."""

    def walk(self) -> Iterator["ShellNode"]:
        """Yield the node and all below it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()


def shell_syntax(text: str) -> ShellNode | None:
    """Parse a Bash script; None for one that is too long, too deep or too slow to parse.

    >>> [node.text for node in shell_syntax("cd a && ls").walk() if node.kind == "command"]
    ['cd a', 'ls']
    """
    source = text.encode("utf-8", "surrogatepass")
    if len(source) > MAX_BYTES or "\0" in text:
        return None
    deadline = time.monotonic() + TIMEOUT_S
    parser = language_tools(BY_NAME["bash"]).parser
    try:
        tree = parser.parse(
            lambda start, _: source[start:],
            progress_callback=lambda *_: time.monotonic() > deadline,
        )
    except ValueError:
        parser.reset()  # otherwise the next parse would continue this one
        return None
    return _plain(tree.root_node, source, MAX_DEPTH)


def _plain(node: "Node", source: bytes, depth: int) -> ShellNode | None:
    """Copy a node; None where the tree goes deeper than ``depth``."""
    if not depth:
        return None
    children = []
    for child in node.children:
        plain = _plain(child, source, depth - 1)
        if plain is None:
            return None
        children.append(plain)
    text = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
    broken = node.is_error or node.is_missing
    return ShellNode(node.type, text, node.start_byte, node.end_byte, tuple(children), broken)

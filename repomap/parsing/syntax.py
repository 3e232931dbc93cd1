"""Parses a text in the caller's own process, where that carries no risk.

Large texts, slow ones, and grammars that are known to crash on hostile text get no answer.
"""

import re
import time

from tree_sitter import Node

from repomap.parsing.languages import Language
from repomap.parsing.parse import language_tools

MAX_BYTES = 500_000
TIMEOUT_S = 1.0
"""In time of this thread: on a busy machine a text takes no longer."""
STEP_BYTES = 65_536
MAX_DEPTH = 1000
"""Levels of nested brackets; some grammars recurse at each and run out of stack."""
UNCHECKED_LANGUAGES = frozenset({"markdown", "vue", "svelte"})
"""Markdown's grammar can crash on plain text and accepts everything; of pages only a part is parsed."""


def parse_safely(language: Language, source: bytes) -> Node | None:
    """Return the root of a text's tree.

    None if the language is not checked, or the text has over half a megabyte, nests brackets more than
    a thousand deep, or takes longer than a second.
    """
    if language.name in UNCHECKED_LANGUAGES or len(source) > MAX_BYTES or _bracket_depth(source) > MAX_DEPTH:
        return None
    parser = language_tools(language).parser
    deadline = time.thread_time() + TIMEOUT_S
    try:
        tree = parser.parse(
            lambda start, _: source[start : start + STEP_BYTES],
            progress_callback=lambda *_: time.thread_time() > deadline,
        )
    except ValueError:
        parser.reset()  # otherwise the next parse would continue this one
        return None
    return tree.root_node


def _bracket_depth(source: bytes) -> int:
    """Return how deep brackets nest, whichever bracket closes them."""
    deepest = depth = 0
    for run in re.finditer(rb"[(\[{]+|[)\]}]+", source):
        size = run.end() - run.start()
        depth = depth + size if run[0][:1] in b"([{" else max(0, depth - size)
        deepest = max(deepest, depth)
    return deepest

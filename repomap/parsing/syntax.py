"""Checks whether a text parses, so that an edit which breaks a file can be rejected.

It runs in the caller's own process and so takes no risks: large texts, slow ones, and grammars
that are known to crash on hostile text get no answer.
"""

import re
import time

from repomap.parsing.languages import sniff
from repomap.parsing.parse import language_tools

MAX_BYTES = 500_000
TIMEOUT_S = 1.0
STEP_BYTES = 65_536
MAX_DEPTH = 1000
"""Levels of nested brackets; some grammars recurse at each and run out of stack."""
UNCHECKED_LANGUAGES = frozenset({"markdown", "vue", "svelte"})
"""Markdown's grammar can crash on plain text and accepts everything; of pages only a part is parsed."""


def parses_cleanly(path: str, source: bytes) -> bool | None:
    """Return whether the grammar for a path reads the whole text without an error.

    None if that is unknown: there is no grammar, or the text has over half a megabyte, nests
    brackets more than a thousand deep, or takes longer than a second.

    >>> parses_cleanly("a.py", b"x = 1"), parses_cleanly("a.py", b"x = ("), parses_cleanly("a.txt", b"x")
    (True, False, None)
    """
    language = sniff(path, source)
    if language is None or language.name in UNCHECKED_LANGUAGES or len(source) > MAX_BYTES:
        return None
    if _bracket_depth(source) > MAX_DEPTH:
        return None
    deadline = time.monotonic() + TIMEOUT_S
    parser = language_tools(language).parser
    try:
        tree = parser.parse(
            lambda start, _: source[start : start + STEP_BYTES],
            progress_callback=lambda *_: time.monotonic() > deadline,
        )
    except ValueError:
        parser.reset()  # otherwise the next parse would continue this one
        return None
    return not tree.root_node.has_error


def _bracket_depth(source: bytes) -> int:
    """Return how deep brackets nest, whichever bracket closes them."""
    deepest = depth = 0
    for run in re.finditer(rb"[(\[{]+|[)\]}]+", source):
        size = run.end() - run.start()
        depth = depth + size if run[0][:1] in b"([{" else max(0, depth - size)
        deepest = max(deepest, depth)
    return deepest

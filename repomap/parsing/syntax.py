"""Says whether a text parses, for whoever wants to reject an edit that breaks a file.

It runs in the caller's own process, so it takes no chances: what is large, what takes long, and
grammars that are known to crash on hostile text get no answer.
"""

import re
import time

from repomap.parsing.languages import sniff
from repomap.parsing.parse import reader

LARGEST_BYTES = 500_000
LONGEST_S = 1.0
STEP_BYTES = 65_536
DEEPEST = 1000
"""Brackets inside each other; some grammars recurse for each and run out of stack."""
UNTOLD = frozenset({"markdown", "vue", "svelte"})
"""A grammar that can crash on plain text and calls nothing an error, and pages of which only a part is parsed."""


def parses_cleanly(path: str, source: bytes) -> bool | None:
    """Whether the grammar that the path names reads the whole text without an error.

    None where that cannot be said: no grammar, a text over half a megabyte, one whose brackets
    nest more than a thousand deep, or one that takes longer than a second.
    """
    language = sniff(path, source)
    if language is None or language.name in UNTOLD or len(source) > LARGEST_BYTES:
        return None
    if _depth(source) > DEEPEST:
        return None
    deadline = time.monotonic() + LONGEST_S
    parser = reader(language).parser
    try:
        tree = parser.parse(
            lambda start, _: source[start : start + STEP_BYTES],
            progress_callback=lambda *_: time.monotonic() > deadline,
        )
    except ValueError:
        parser.reset()  # the next parse would otherwise go on with this one
        return None
    return not tree.root_node.has_error


def _depth(source: bytes) -> int:
    """How deep brackets stand inside each other, whatever closes them."""
    deepest = depth = 0
    for found in re.finditer(rb"[(\[{]+|[)\]}]+", source):
        size = found.end() - found.start()
        depth = depth + size if found[0][:1] in b"([{" else max(0, depth - size)
        deepest = max(deepest, depth)
    return deepest

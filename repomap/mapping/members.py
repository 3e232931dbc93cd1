"""The fields of a small class, struct, record or enum -> one line that tells how one is built."""

import functools
import re
from weakref import WeakKeyDictionary

import numpy as np

from repomap.corpus.corpus import Corpus
from repomap.mapping.declaration import LONGEST_MEMBERS, folded
from repomap.mapping.parameters import ELLIPSIS
from repomap.model import KINDS
from repomap.safety.printable import printable

BUILT = frozenset(KINDS.index(kind) for kind in ("class", "struct", "interface", "enum", "type"))
MEMBERS = frozenset(KINDS.index(kind) for kind in ("field", "property", "constant", "variable"))
FUNCTIONS = frozenset(KINDS.index(kind) for kind in ("function", "method", "macro"))

MOST_MEMBERS = 40
"""A definition with more of them is a table, not something that is built by hand."""

LINES_KEPT = 5_000

CONSTRUCTOR = KINDS.index("constructor")
_MADE = re.compile(r"@[\w.]*(?:dataclass|define|attrs)\b")
_PRIVATE = re.compile(r"(?:\w+ )*(?:private|protected|fileprivate)\b|#|_|(?:var|val|let|self\.)\s*_")
_LEADING = re.compile(r"(?:(?:pub(?:\([^)]*\))?|public|final|readonly|export|internal) )+")


def member_line(corpus: Corpus, doc_id: int) -> str:
    """Return the members of a definition on one line; empty if they do not say how to build it."""
    members = members_in_line(corpus, doc_id)
    if not members:
        return ""
    names = tuple(corpus.words[corpus.doc_name[member]] for member in members)
    return _line(tuple(corpus.signatures[member] for member in members), names)


_MEMBERS: WeakKeyDictionary[Corpus, dict[int, list[int]]] = WeakKeyDictionary()
"""What was found for each corpus in use: one map asks many times, and so does the next."""


def members_in_line(corpus: Corpus, doc_id: int) -> list[int]:
    """List the members that stand on the line of what encloses them, as ascending doc ids.

    There are none if it has a constructor, does more than it holds, or is a table or a tree of definitions.
    """
    if int(corpus.doc_kind[doc_id]) not in BUILT:
        return []
    found = _MEMBERS.setdefault(corpus, {})
    if doc_id not in found:
        found[doc_id] = _find_members(corpus, doc_id)
    return found[doc_id]


def _find_members(corpus: Corpus, doc_id: int) -> list[int]:
    end = int(corpus.doc_start[corpus.doc_file[doc_id] + 1])
    parents = corpus.doc_parent[doc_id + 1 : end]
    inside = doc_id + 1 + np.flatnonzero(parents == doc_id)
    kinds = corpus.doc_kind[inside].tolist()
    members = [member for member, kind in zip(inside.tolist(), kinds, strict=True) if kind in MEMBERS]
    if members and not set(parents.tolist()).isdisjoint(members):
        return []
    functions = sum(kind in FUNCTIONS for kind in kinds)
    if CONSTRUCTOR in kinds or not 0 < len(members) <= MOST_MEMBERS:
        return []
    is_made = functions <= len(members) or bool(_MADE.match(corpus.signatures[doc_id]))
    return members if is_made else []


def is_in_line(corpus: Corpus, doc_id: int) -> bool:
    """Return whether a definition is a member that stands on the line of what encloses it."""
    if int(corpus.doc_kind[doc_id]) not in MEMBERS:  # most are not, and a map asks this of each of its lines
        return False
    parent = int(corpus.doc_parent[doc_id])
    return parent >= 0 and bool(members_in_line(corpus, parent))


@functools.lru_cache(LINES_KEPT)
def _line(signatures: tuple[str, ...], names: tuple[str, ...]) -> str:
    """Join members by commas: whole or, if that is too long, by name alone, or the first of them.

    Private ones are left out.

    >>> _line(("key: str", "public final int size;", "private int _rows;"), ("key", "size", "_rows"))
    'key: str, int size'
    """
    shown = [
        (_LEADING.sub("", folded(signature)).rstrip(",; "), name)
        for signature, name in zip(signatures, names, strict=True)
        if not _PRIVATE.match(signature)
    ]
    for texts in ([text for text, _ in shown], [printable(name) for _, name in shown]):
        line = ", ".join(dict.fromkeys(texts))
        if len(line) <= LONGEST_MEMBERS:
            return line
    return line[: line.rfind(",", 0, LONGEST_MEMBERS) + 1] + f" {ELLIPSIS}"

"""Where a brief map lists a definition: methods that stand apart from their type in the source go below it.

Go's methods name their type as the receiver, and those of Rust and Swift may be in blocks of their own. Below the
type neither has to be repeated. Blocks that implement a trait or a protocol say something, and stay.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.mapping.form import Form
from repomap.model import KINDS

APART = frozenset({"go", "rust", "swift"})
"""Languages whose methods may stand apart from their type."""
IMPLEMENTATION = KINDS.index("implementation")
TYPES = np.array([KINDS.index(kind) for kind in ("class", "struct", "interface", "enum", "type")], np.uint8)
_OF_A_TRAIT = re.compile(r"\bfor\s+(?!<)|^extension[^<{]*:")
_RECEIVER = re.compile(r"func \([^()]*\) ")

_HOMES: WeakKeyDictionary[Corpus, dict[int, int]] = WeakKeyDictionary()
"""By definition of each corpus in use: a growing map asks many times."""
_TYPES: WeakKeyDictionary[Corpus, dict[int, Mapping[str, int]]] = WeakKeyDictionary()
"""By file of each corpus in use: its types by name."""


def home_of(corpus: Corpus, doc_id: int, form: Form) -> int:
    """Return the definition below which one is listed, or the document of its file."""
    if not form.brief:
        return int(corpus.doc_parent[doc_id])
    homes = _HOMES.get(corpus)
    if homes is None:
        homes = _HOMES[corpus] = {}
    if doc_id not in homes:
        homes[doc_id] = _find_home(corpus, doc_id)
    return homes[doc_id]


def _find_home(corpus: Corpus, doc_id: int) -> int:
    parent = int(corpus.doc_parent[doc_id])
    if corpus.languages[corpus.doc_file[doc_id]] not in APART:
        return parent
    if corpus.doc_kind[parent] == NO_KIND:
        owner = corpus.owners[doc_id]
        return _types(corpus, doc_id).get(owner, parent) if owner else parent
    return (
        _types(corpus, doc_id)[corpus.words[corpus.doc_name[parent]]]
        if is_left_out(corpus, parent)
        else parent
    )


def is_left_out(corpus: Corpus, doc_id: int) -> bool:
    """Return whether a brief map lists a block by what is in it alone: below the type."""
    if corpus.doc_kind[doc_id] != IMPLEMENTATION or corpus.languages[corpus.doc_file[doc_id]] not in APART:
        return False
    name = corpus.words[corpus.doc_name[doc_id]]
    return name in _types(corpus, doc_id) and not _OF_A_TRAIT.search(corpus.signatures[doc_id])


def without_receiver(corpus: Corpus, doc_id: int, signature: str, form: Form) -> str:
    """Return the signature of a definition without the type below which it is listed."""
    if (
        form.brief
        and signature.startswith("func (")
        and home_of(corpus, doc_id, form) != corpus.doc_parent[doc_id]
    ):
        return _RECEIVER.sub("func ", signature, count=1)
    return signature


def by_homes(
    corpus: Corpus, file_id: int, definitions: Sequence[int], form: Form
) -> Sequence[tuple[int, int]]:
    """Order definitions of a file so that each follows its home; return each with its depth below the file."""
    depth: dict[int, int] = {}
    if not form.brief or corpus.languages[file_id] not in APART:
        for doc_id in definitions:
            depth[doc_id] = depth.get(int(corpus.doc_parent[doc_id]), -1) + 1
        return list(depth.items())
    homes = {doc_id: home_of(corpus, doc_id, form) for doc_id in definitions}
    inside: defaultdict[int, list[int]] = defaultdict(list)
    for doc_id, home in homes.items():
        inside[home if home in homes else -1].append(doc_id)
    waiting = inside[-1][::-1]
    while waiting:
        doc_id = waiting.pop()
        depth[doc_id] = depth.get(homes[doc_id], -1) + 1
        waiting += inside[doc_id][::-1]
    return list(depth.items())


def _types(corpus: Corpus, doc_id: int) -> Mapping[str, int]:
    by_file = _TYPES.setdefault(corpus, {})
    file_id = int(corpus.doc_file[doc_id])
    if file_id not in by_file:
        docs = corpus.docs_of(file_id)
        is_type = np.isin(corpus.doc_kind[docs.start : docs.stop], TYPES)
        found = (docs.start + np.flatnonzero(is_type)).tolist()
        by_file[file_id] = {corpus.words[corpus.doc_name[each]]: each for each in reversed(found)}
    return by_file[file_id]

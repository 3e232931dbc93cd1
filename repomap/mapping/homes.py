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
METHODS = frozenset(KINDS.index(kind) for kind in ("method", "constructor", "function"))
IS_TYPE = np.isin(
    np.arange(NO_KIND + 1), [KINDS.index(kind) for kind in ("class", "struct", "interface", "enum", "type")]
)
"""By kind."""
_OF_A_TRAIT = re.compile(r"\bfor\s+(?!<)|^extension[^<{]*:")
_RECEIVER = re.compile(r"func \([^()]*\) ")


class _Homes:
    """What was found out about one corpus: a growing map asks many times."""

    def __init__(self) -> None:
        self.homes: dict[int, int] = {}
        """By definition."""
        self._types: dict[int, Mapping[int | None, int]] = {}
        """By file: its types by the word id of their name."""
        self._name_ids: dict[str, int | None] = {}
        self._blocks: dict[int, int] = {}
        """By block: the type that it belongs to, or itself."""

    def find(self, corpus: Corpus, doc_id: int) -> int:
        """Find the home of a definition."""
        file_id, parent = int(corpus.doc_file[doc_id]), int(corpus.doc_parent[doc_id])
        if corpus.languages[file_id] not in APART:
            return parent
        if corpus.doc_kind[parent] == IMPLEMENTATION:
            return self.type_of(corpus, parent)
        if corpus.doc_kind[parent] != NO_KIND or corpus.doc_kind[doc_id] not in METHODS:
            return parent
        types, owner = self._types_of(corpus, file_id), corpus.owners[doc_id]
        if not (types and owner):
            return parent
        if owner not in self._name_ids:
            self._name_ids[owner] = corpus.words.id_of(owner)
        return types.get(self._name_ids[owner], parent)

    def type_of(self, corpus: Corpus, block: int) -> int:
        """Return the type in the same file that a block of methods belongs to; the block if it has to be shown."""
        if block not in self._blocks:
            name_id, types = int(corpus.doc_name[block]), self._types_of(corpus, int(corpus.doc_file[block]))
            stays = name_id not in types or _OF_A_TRAIT.search(corpus.signatures[block])
            self._blocks[block] = block if stays else types[name_id]
        return self._blocks[block]

    def _types_of(self, corpus: Corpus, file_id: int) -> Mapping[int | None, int]:
        if file_id not in self._types:
            first, end = int(corpus.doc_start[file_id]), int(corpus.doc_start[file_id + 1])
            found = (first + np.flatnonzero(IS_TYPE[corpus.doc_kind[first:end]]))[::-1]
            self._types[file_id] = dict(zip(corpus.doc_name[found].tolist(), found.tolist(), strict=True))
        return self._types[file_id]


_HOMES: WeakKeyDictionary[Corpus, _Homes] = WeakKeyDictionary()


def _homes_of(corpus: Corpus) -> _Homes:
    known = _HOMES.get(corpus)
    if known is None:
        known = _HOMES[corpus] = _Homes()
    return known


def home_of(corpus: Corpus, doc_id: int, form: Form) -> int:
    """Return the definition below which one is listed, or the document of its file."""
    if not form.brief:
        return int(corpus.doc_parent[doc_id])
    known = _homes_of(corpus)
    if doc_id not in known.homes:
        known.homes[doc_id] = known.find(corpus, doc_id)
    return known.homes[doc_id]


def is_left_out(corpus: Corpus, doc_id: int) -> bool:
    """Return whether a brief map lists a block by what is in it alone: below the type."""
    if corpus.doc_kind[doc_id] != IMPLEMENTATION or corpus.languages[corpus.doc_file[doc_id]] not in APART:
        return False
    return _homes_of(corpus).type_of(corpus, doc_id) != doc_id


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
    known = _homes_of(corpus).homes
    homes = {
        doc_id: known[doc_id] if doc_id in known else home_of(corpus, doc_id, form) for doc_id in definitions
    }
    inside: defaultdict[int, list[int]] = defaultdict(list)
    for doc_id, home in homes.items():
        inside[home if home in homes else -1].append(doc_id)
    waiting = inside[-1][::-1]
    while waiting:
        doc_id = waiting.pop()
        depth[doc_id] = depth.get(homes[doc_id], -1) + 1
        waiting += inside[doc_id][::-1]
    return list(depth.items())

"""Flags the files that are seldom meant: of another kind than source, or second to another file."""

import numpy as np

from repomap.arrays.array_types import FloatsByFile
from repomap.model import Focus
from repomap.ranking.index_data import IndexData
from repomap.ranking.request import Request

KIND_GROUPS = {
    "test": ("test",),
    "docs": ("docs", "config", "data"),
    "aside": ("example", "fixture", "generated", "vendored", "build"),
}
"""One feature each: the kinds of files that it flags."""
KIND_STEMS = {
    "test": frozenset({"test", "spec", "fixtur"}),
    "docs": frozenset({"doc", "readm", "config", "document"}),
    "aside": frozenset({"exampl", "demo", "build", "setup"}),
}
"""Stems in a request that is about such files."""
SECOND_STEMS = {
    "superseded": frozenset({"deprecat", "legaci", "compat", "compatibiliti", "obsolet", "old", "older"}),
    "declares": frozenset({"declar", "prototyp", "typ"}),
    "windows": frozenset({"window", "win32", "msvc", "winrt"}),
}
"""Stems in a request that is about files which otherwise stand second to others: then none is flagged."""
WANTED_FLAG = 0.6
"""The flag's value where the request or the chat is about such files; otherwise 1."""


def kind_features(index_data: IndexData, focus: Focus, request: Request) -> dict[str, FloatsByFile]:
    """Flag the files of each group of kinds, and those that stand second."""
    request_stems = {term.stem for term in request.terms}
    in_chat = set(focus.chat)
    paths, kinds = index_data.corpus.paths, index_data.kinds
    chat_kinds = {kind for path, kind in zip(paths, kinds, strict=True) if path in in_chat}
    features = {}
    for name, group in KIND_GROUPS.items():
        wanted = bool(request_stems & KIND_STEMS[name]) or not chat_kinds.isdisjoint(group)
        flags = np.fromiter((kind in group for kind in kinds), float, len(kinds))
        features[name] = flags * (WANTED_FLAG if wanted else 1.0)
    by_path = index_data.path_evidence
    second = {
        "superseded": by_path.superseded,
        "declares": by_path.declares,
        "windows": by_path.for_windows,
    }
    for name, flags in second.items():
        features[name] = flags * (not request_stems & SECOND_STEMS[name])
    return features

"""Writes a `Page` as JSON: columns, in which each repeated text stands once."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from repomap.page.values import Page, Ranking

_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})
"""What could end or comment out the script that holds the JSON; in JSON they occur inside of texts alone."""


def to_json(page: Page) -> str:
    """Write a page as JSON that can stand in a `<script>` element of HTML."""
    return json.dumps(columns(page), ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


class _Texts:
    """Texts in the order of their first use; each has a number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def numbers(self, texts: Iterable[str]) -> list[int]:
        return [self._numbers.setdefault(text, len(self._numbers)) for text in texts]

    def texts(self) -> list[str]:
        return list(self._numbers)


def columns(page: Page) -> dict[str, Any]:
    """Return a page as columns. `texts` has what `folder`, `kind`, `name`, `parent` and so on number.

    Sources of links and files of definitions ascend, so their differences are written.
    """
    texts = _Texts()
    return {
        "version": 1,
        "title": page.title,
        "commits": page.commits,
        "leftOut": page.left_out._asdict(),
        "files": _files(page, texts),
        "definitions": _definitions(page, texts),
        "links": _links(page, texts),
        "rankings": [_ranking(ranking) for ranking in page.rankings],
        "texts": texts.texts(),
    }


def _files(page: Page, texts: _Texts) -> dict[str, Any]:
    split = [file.path.rpartition("/") for file in page.files]
    return {
        "folder": texts.numbers(folder for folder, _, _ in split),
        "name": [name for _, _, name in split],
        "language": texts.numbers(file.language for file in page.files),
        "kind": texts.numbers(file.kind for file in page.files),
        "score": [_short(file.score * 1e6) for file in page.files],
        "centrality": [_short(file.centrality) for file in page.files],
        "lines": [file.lines for file in page.files],
        "commits": [file.commits for file in page.files],
        "age": [file.age for file in page.files],
        "definitions": [file.definitions for file in page.files],
    }


def _definitions(page: Page, texts: _Texts) -> dict[str, Any]:
    rows = page.definitions
    return {
        "file": _differences(row.file for row in rows),
        "name": texts.numbers(row.name for row in rows),
        "kind": texts.numbers(row.kind for row in rows),
        "parent": texts.numbers(row.parent for row in rows),
        "line": [row.line for row in rows],
        "declaration": [row.declaration for row in rows],
        "score": [_short(row.score * 1e4) for row in rows],
        "uses": [_short(row.uses) for row in rows],
    }


def _links(page: Page, texts: _Texts) -> dict[str, Any]:
    return {
        "source": _differences(link.source for link in page.links),
        "target": [link.target for link in page.links],
        "weight": [_short(link.weight) for link in page.links],
        "sure": [int(link.is_dependency) for link in page.links],
        "names": [texts.numbers(link.names) for link in page.links],
    }


def _ranking(ranking: Ranking) -> dict[str, Any]:
    return {
        "request": ranking.request,
        "inHand": ranking.in_hand,
        "files": ranking.files,
        "definitions": ranking.definitions,
        "reasons": ranking.reasons,
    }


def _differences(numbers: Iterable[int]) -> Sequence[int]:
    """Write ascending numbers as what each adds to the one before.

    >>> _differences([0, 0, 2, 5])
    [0, 0, 2, 3]
    """
    return [after - before for before, after in pairwise((0, *numbers))]


def _short(number: float) -> float:
    """Round to three digits that count; whole numbers lose their point.

    >>> _short(21.3456), _short(2.0), _short(0.012345)
    (21.3, 2, 0.0123)
    """
    rounded = float(f"{number:.3g}")
    return int(rounded) if rounded.is_integer() else rounded

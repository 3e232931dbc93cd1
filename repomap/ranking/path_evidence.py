"""Reads from the paths of a repository what they say of each file, whatever the request.

Some files stand second to others: those of an older version, those that only declare what another file
does, and those for Windows, beside which there is one for the other systems. A file called `index` or
`__init__` goes by the name of its folder, and a test by the name of what it tests.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from repomap.arrays.array_types import FloatsByFile, Ints, Rows

INDEX_NAMES = frozenset({"index", "mod", "__init__", "lib", "init"})
"""Names of files that stand for their folder."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PathEvidence:
    """Flags and relations of files; computed once for an index."""

    superseded: FloatsByFile
    declares: FloatsByFile
    for_windows: FloatsByFile
    is_index: FloatsByFile
    folders: Ints
    """By file: the number of its folder if it is source, and -1 otherwise."""
    tests: Rows
    """File ids of tests, one for each file that one is named after."""
    tested: Rows
    """By row of `tests`: that file."""

    @classmethod
    def of(cls, paths: Sequence[str], kinds: Sequence[str]) -> "PathEvidence":
        """Judge all paths; ``kinds`` are those of `file_kinds`."""
        stems = [path[path.rfind("/") + 1 :].partition(".")[0] for path in paths]
        number_of: dict[str, int] = {}
        folders = [
            number_of.setdefault(path.rpartition("/")[0], len(number_of)) if kind == "source" else -1
            for path, kind in zip(paths, kinds, strict=True)
        ]
        tests, tested = _tests(paths, kinds, stems)
        return cls(
            superseded=superseded(paths),
            declares=declares(paths, kinds),
            for_windows=_flags(_WINDOWS, paths),
            is_index=np.fromiter((stem in INDEX_NAMES for stem in stems), float, len(paths)),
            folders=np.array(folders, np.int64),
            tests=tests,
            tested=tested,
        )


def own_name(path: str) -> str:
    """Return the name that a file goes by: its folder's if it stands for that.

    >>> own_name("src/http_client.py"), own_name("router/mod.rs"), own_name("router/src/lib.rs")
    ('http_client', 'router', 'router')
    """
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    if stem not in INDEX_NAMES:
        return stem
    return folder.removesuffix("/src").rpartition("/")[2] or stem


def superseded(paths: Sequence[str]) -> FloatsByFile:
    """Flag with 1 the files in a folder for what is old, or beside one of a later version.

    >>> superseded(("src/v1/a.py", "src/v2/a.py", "src/compat/b.py", "lib/v1/c.py")).tolist()
    [1.0, 0.0, 1.0, 0.0]
    """
    flags = _flags(_OLD, paths)
    versions: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for file_id, path in enumerate(paths):
        if match := _VERSION.match(path):
            versions[match[1]].append((int(match[2]), file_id))
    for folder in versions.values():
        newest = max(folder)[0]
        flags[[file_id for version, file_id in folder if version < newest]] = 1.0
    return flags


def declares(paths: Sequence[str], kinds: Sequence[str]) -> FloatsByFile:
    """Flag with 1 the headers and the like for which there is a file of that name that does the work.

    >>> declares(("src/cache.c", "include/cache.h", "src/list.h"), ["source"] * 3).tolist()
    [0.0, 1.0, 0.0]
    """
    flags = _flags(_DECLARATIONS, paths)
    declaring = np.flatnonzero(flags).tolist()
    if declaring:
        doing = {
            _squashed(path)
            for path, kind, flag in zip(paths, kinds, flags.tolist(), strict=True)
            if kind == "source" and not flag and not path.endswith(_NO_CODE)
        }
        flags[[file_id for file_id in declaring if _squashed(paths[file_id]) not in doing]] = 0.0
    return flags


def _squashed(path: str) -> str:
    return path[path.rfind("/") + 1 :].partition(".")[0].lower().replace("_", "").replace("-", "")


def _tests(paths: Sequence[str], kinds: Sequence[str], stems: Sequence[str]) -> tuple[Rows, Rows]:
    """Pair each test with the source files that it is named after."""
    sources: defaultdict[str, list[int]] = defaultdict(list)
    for file_id, (stem, kind) in enumerate(zip(stems, kinds, strict=True)):
        if kind == "source":
            sources[stem.lower()].append(file_id)
    pairs = [
        (file_id, source)
        for file_id, kind in enumerate(kinds)
        if kind == "test"
        for source in sources.get(tested_name(paths[file_id]), ())
    ]
    tests, tested = np.array(pairs, np.int64).reshape(-1, 2).T
    return tests, tested


def tested_name(path: str) -> str:
    """Return what a test is named after, in lower case.

    >>> [tested_name(path) for path in ("tests/test_cart.py", "CartTest.java", "cart.spec.ts", "cart_test.go")]
    ['cart', 'cart', 'cart', 'cart']
    """
    name = path[path.rfind("/") + 1 :].rpartition(".")[0].lower()
    return _TEST.sub("", name).strip("_.-")


def _flags(pattern: re.Pattern[str], paths: Sequence[str]) -> FloatsByFile:
    return np.fromiter((pattern.search(path) is not None for path in paths), float, len(paths))


_OLD = re.compile(r"(?:^|/)(?:deprecated|legacy|compat|obsolete|attic|old)(?:[/._-])", re.IGNORECASE)
_VERSION = re.compile(r"((?:[^/]+/)*?)v(\d{1,3})/")
_DECLARATIONS = re.compile(r"\.(?:h|hh|hpp|hxx|pyi|mli|fsi|d\.[mc]?ts)$")
_NO_CODE = (".md", ".txt", ".json", ".rst", ".in")
_WINDOWS = re.compile(r"(?:^|[/_.-])(?:win|win32|win64|windows|winrt|msvc)(?=[/_.-])", re.IGNORECASE)
_TEST = re.compile(r"^test_?|[_.-]?(?:tests?|spec)$")

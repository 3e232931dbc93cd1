"""Says which files are tests that can be run by their path, and what a test's name says it is about.

Beside the tests, a folder of tests holds what they share: helpers, fixtures, settings of the runner.
Where a language's runner finds tests by their names, only such files count.
"""

import re
from functools import lru_cache

from repomap.parsing.languages import language_of
from repomap.ranking.index_data import IndexData
from repomap.ranking.request import stem, subtokens

_SHARED = re.compile(
    r"(?:conftest|__init__|setup|setup_?tests?|tests?_?(?:helper|utils?|base|setup|case)s?|helpers?|utils?|common|fixtures?"
    r"|support|spec_helper|rails_helper|bootstrap|mocks?|types?|index|mod)",
    re.IGNORECASE,
)
"""Stems of files that other tests use."""
_SHARED_FOLDERS = frozenset(
    "support helper helpers fixtures fixture mocks __mocks__ utils util testutil testutils test_utils lib "
    "common shared data resources".split()
)
_RUN_BY_NAME = {
    "python": re.compile(r"tests?[_-].+|.+[_-]tests?|tests?"),
    "go": re.compile(r".+_test"),
    "java": re.compile(r"Test[A-Z0-9].*|.*(?:Tests?|TestCase|IT|ITCase)"),
    "ruby": re.compile(r".+_(?:test|spec)|(?:test|spec)_(?!helper$).+"),
}
"""Stems that the usual runners of a language look for."""
_NOT_RUN = frozenset(
    "css scss sql markdown protobuf proto graphql dockerfile make cmake hcl nix html svelte json yaml".split()
)
"""Languages of files that a test uses."""
_ENDING = re.compile(r"(?:[._-](?:tests?|specs?|e2e|cy|unit|integration|it))+$", re.IGNORECASE)
_BEGINNING = re.compile(r"^(?:tests?|specs?)[._-]", re.IGNORECASE)
_CAMEL_ENDING = re.compile(r"(?<=[a-z0-9])(?:Tests?|TestCases?|Specs?|IT|Suite|_SUITE)$|^Tests?(?=[A-Z])")
ROOTS = frozenset(
    "src lib app main java kotlin scala test tests spec specs unit t packages pkg internal source "
    "__tests__ integration functional e2e core".split()
)
"""Folders that say where code or tests are, and not what they are about."""


def runnable_tests(index_data: IndexData) -> list[int]:
    """Return the file ids of tests that can be run by their path, ascending."""
    corpus = index_data.corpus
    return [
        file_id
        for file_id, kind in enumerate(index_data.kinds)
        if kind == "test" and corpus.languages[file_id] and is_runnable(corpus.paths[file_id])
    ]


@lru_cache(maxsize=1 << 16)
def is_runnable(path: str) -> bool:
    """Return whether a file among the tests is a test, and not what tests share.

    >>> is_runnable("tests/test_session.py"), is_runnable("tests/conftest.py"), is_runnable("test/app.js")
    (True, False, True)
    """
    *folders, name = path.split("/")
    stem = name.partition(".")[0] if "." in name[1:] else name
    language = language_of(path)
    if language is None or language.name in _NOT_RUN:
        return False
    by_name = _RUN_BY_NAME.get(language.name)
    if by_name is not None:
        return by_name.fullmatch(name.rpartition(".")[0]) is not None
    return not _SHARED.fullmatch(stem) and _SHARED_FOLDERS.isdisjoint(folder.lower() for folder in folders)


@lru_cache(maxsize=1 << 16)
def subject(path: str) -> str:
    """Return the stem of a path without what marks it as a test: the name of what it is about, lower case.

    >>> [subject(path) for path in ("t/test_auth.py", "ErrorTest.java", "app.spec.ts", "src/_auth.py")]
    ['auth', 'error', 'app', 'auth']
    """
    return _subject(path).strip("_").lower()


@lru_cache(maxsize=1 << 16)
def subject_parts(path: str) -> frozenset[str]:
    """Return the stems of the words in the name of what a file is about.

    >>> sorted(subject_parts("tests/test_session_cookies.py"))
    ['cooki', 'session']
    """
    return frozenset(map(stem, subtokens(_subject(path))))


@lru_cache(maxsize=1 << 16)
def folder_parts(path: str) -> frozenset[str]:
    """Return the stems of the words in the names of a path's folders that say what is in them."""
    folders = [folder for folder in path.lower().split("/")[:-1] if folder not in ROOTS]
    return frozenset(stem(part) for folder in folders for part in subtokens(folder))


def _subject(path: str) -> str:
    name = path.rpartition("/")[2]
    whole = name[: name.rindex(".")] if "." in name[1:] else name
    return _CAMEL_ENDING.sub("", _BEGINNING.sub("", _ENDING.sub("", whole))) or whole

"""Finds the other names under which a package offers a definition.

`export { day as today } from './dates'`, `from .dates import day as today` in an `__init__.py` and
`pub use dates::day as today` make `today` a name of `day` for all that import it from there.
"""

import re
from collections.abc import Iterator

from repomap.lookup.parsed_again import files_with
from repomap.model import ReadFile
from repomap.ranking.index_data import IndexData

_SCRIPT = rb"\bexport\s*(?:type\s*)?\{([^{}]*)\}"
_STATEMENTS = {
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "python": rb"(?m)^from\s+[.\w]+\s+import\s+(\([^()]*\)|[^\n(]*)",
    "rust": rb"\bpub(?:\([^()]*\))?\s+use\s+([^;]*);",
}
"""By language: a statement that offers names, with their list in the first group."""
_PAIR = re.compile(rb"([\w$]+)\s+as\s+([\w$]+)")


def original_names(index_data: IndexData, name: str, read: ReadFile) -> list[str]:
    """Return the names of what some file offers under this one."""
    return sorted({original for original, alias in _offered(index_data, name, read) if alias == name})


def other_names(index_data: IndexData, name: str, read: ReadFile) -> list[str]:
    """Return the names under which some file offers what has this one."""
    return sorted(
        {alias for original, alias in _offered(index_data, name, read) if original == name} - {name}
    )


def _offered(index_data: IndexData, name: str, read: ReadFile) -> Iterator[tuple[str, str]]:
    """Return the pairs (name, name under which it is offered) of the files that have a name."""
    corpus = index_data.corpus
    for file_id in files_with(index_data, name):
        pattern, path = _STATEMENTS.get(corpus.languages[file_id]), corpus.paths[file_id]
        if pattern is None or (path.endswith(".py") and not path.endswith("__init__.py")):
            continue
        for statement in re.finditer(pattern, read(path) or b""):
            for original, alias in _PAIR.findall(statement[1]):
                yield original.decode("utf-8", "replace"), alias.decode("utf-8", "replace")

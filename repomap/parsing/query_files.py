"""[io] Reads the tags queries in `queries/`, each with those that it inherits."""

import functools
import os

MEMBERS = "; members\n"
"""The line of a tags query below which its patterns find members; see `member_query_text`."""


@functools.cache
def query_text(name: str) -> str:
    """Return a tags query without its members, followed by those in its first line `; inherits: NAME…`."""
    return "\n".join(_query_file(each).partition(MEMBERS)[0] for each in _inherited(name))


@functools.cache
def member_query_text(name: str) -> str:
    """Return a tags query and those it inherits, with the patterns that find members.

    Members are what a definition consists of: the fields of a struct, the values of an enum. A repository
    has more of them than of all else, and only questions about one name or one file are about them.
    """
    return "\n".join(map(_query_file, _inherited(name)))


def _inherited(name: str) -> list[str]:
    """Return a query's name and, in their order, those of all that it inherits."""
    first = _query_file(name).partition("\n")[0]
    others = first.removeprefix("; inherits:").split() if first.startswith("; inherits:") else []
    return [name, *(inherited for other in others for inherited in _inherited(other))]


@functools.cache
def _query_file(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), "queries", f"{name}.scm"), encoding="utf-8") as file:
        return file.read()  # importing `importlib.resources` takes as long as importing this module

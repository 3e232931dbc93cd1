"""What `.editorconfig` files say about one file: the values of all sections that match its path.

Follows the specification (https://spec.editorconfig.org) as far as sections and their patterns go.
"""

import re
from collections.abc import Callable

from chat.model import RepoPath

ReadText = Callable[[RepoPath], str | None]
"""The text of a file below the root; None where there is none."""

_NAME = ".editorconfig"
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]/]*\]|\{[^{}]*\}|\\.|.", re.DOTALL)


def editor_settings(path: RepoPath, read: ReadText) -> dict[str, str]:
    """The settings of a file, names and values in lower case; nearer files and later sections win."""
    settings: dict[str, str] = {}
    folders = path.split("/")[:-1]
    for depth in range(len(folders), -1, -1):
        folder = "/".join(folders[:depth])
        text = read(f"{folder}/{_NAME}" if folder else _NAME)
        if text is None:
            continue
        is_root, values = _values(text, path[len(folder) :].lstrip("/"))
        settings = {**values, **settings}
        if is_root:
            break
    return settings


def _values(text: str, path: str) -> tuple[bool, dict[str, str]]:
    """Whether a file ends the search, and what its sections say about a path below its folder."""
    is_root, values = False, dict[str, str]()
    matching: bool | None = None
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            matching = matches(line[1:-1], path)
            continue
        name, separator, value = line.partition("=")
        if line[:1] in ("#", ";") or not separator:
            continue
        pair = (name.strip().lower(), value.strip().lower())
        if matching is None:
            is_root = is_root or pair == ("root", "true")
        elif matching:
            values.update([pair])
    return is_root, values


def matches(pattern: str, path: str) -> bool:
    """Whether the pattern of a section matches a path below its file's folder.

    >>> matches("*.{c,h}", "src/a.h"), matches("lib/**.js", "lib/x/y.js"), matches("/a.c", "src/a.c")
    (True, True, False)
    """
    anchored = "/" in pattern.strip("/") or pattern.startswith("/")
    prefix = "" if anchored else "(?:.*/)?"
    try:
        return re.fullmatch(prefix + _expression(pattern.lstrip("/")), path) is not None
    except re.error:
        return False


def _expression(pattern: str) -> str:
    return "".join(map(_piece, _TOKEN.findall(pattern)))


def _piece(token: str) -> str:
    """The regular expression for one token of a pattern."""
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if token in fixed:
        return fixed[token]
    if token.startswith("[") and len(token) > 2:
        inner = token[1:-1]
        return f"[^{re.escape(inner[1:])}]" if inner.startswith("!") else f"[{inner}]"
    if token.startswith("{") and len(token) > 1:
        numbers = re.fullmatch(r"\{(-?\d{1,6})\.\.(-?\d{1,6})\}", token)
        if numbers:
            low, high = sorted(map(int, numbers.groups()))
            return f"(?:{'|'.join(map(str, range(low, min(high, low + 1000) + 1)))})"
        if "," in token:
            return f"(?:{'|'.join(_expression(part) for part in token[1:-1].split(','))})"
        return re.escape(token)
    return re.escape(token[1:] if token.startswith("\\") and len(token) > 1 else token)

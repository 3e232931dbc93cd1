"""Whether a rule's pattern fits a file: patterns as `.gitignore` has them, relative to the root.

`//` begins an absolute path, `~/` one in the home folder, `/` and `./` one at the root; a name without a
slash fits at any depth, and what fits a folder fits all that is in it.
"""

import os
import posixpath
import re
from functools import lru_cache


def fits_path(pattern: str, path: str, root: str = "/", *, any_case: bool = False) -> bool:
    """Whether a pattern fits an absolute path with `/`; ``any_case`` is for rules that forbid.

    >>> fits_path("src/**", "/r/src/a/b.py", "/r"), fits_path("*.pem", "/r/keys/a.pem", "/r")
    (True, True)
    >>> fits_path("src/*.py", "/r/src/a/b.py", "/r"), fits_path("//etc/**", "/etc/passwd", "/r")
    (False, True)
    """
    expression = _expression(_absolute(pattern, root.rstrip("/")))
    flags = re.IGNORECASE if any_case else 0
    return re.compile(expression, flags | re.DOTALL).fullmatch(path) is not None


def _absolute(pattern: str, root: str) -> str:
    """Return the pattern as one for absolute paths."""
    pattern = pattern.replace("\\", "/")
    if pattern.startswith("//"):
        return pattern[1:]
    if pattern.startswith("~/") or pattern == "~":
        return os.path.expanduser("~").replace(os.sep, "/") + pattern[1:]
    is_anchored = "/" in pattern.rstrip("/")
    below = pattern.removeprefix("./").lstrip("/")
    return f"{_quoted(root)}/{below}" if is_anchored else f"{_quoted(root)}/**/{below}"


def _quoted(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)


@lru_cache(maxsize=512)
def _expression(pattern: str) -> str:
    """Translate a pattern; what is behind it in a path is below it."""
    pattern = pattern.rstrip("/")
    parts = [
        (r"/\*\*/", "/(?:.*/)?"),
        (r"/\*\*\Z", "(?:/.*)?"),
        (r"\*\*", ".*"),
        (r"\*", "[^/]*"),
        (r"\?", "[^/]"),
        (r"\[[^\]]*\]", None),
        (r"(?s:.)", ""),
    ]
    tokens = re.finditer("|".join(f"({expression})" for expression, _ in parts), pattern)
    translated = []
    for token in tokens:
        replacement = parts[(token.lastindex or 1) - 1][1]
        translated.append(_class(token[0]) if replacement is None else replacement or re.escape(token[0]))
    return f"{''.join(translated)}(?:/.*)?"


def _class(text: str) -> str:
    """Translate a class of characters such as `[a-z]` or `[!0-9]`."""
    inner = text[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    return f"[^{inner[1:]}]" if inner[:1] in ("!", "^") else f"[{inner}]" if inner else re.escape(text)


def absolute_path(path: str, folder: str) -> str:
    """Return a path as seen from a folder; `..` stays, since behind a link it leads to where the link does.

    >>> absolute_path("../b", "/r/a")
    '/r/a/../b'
    """
    path = os.path.expanduser(path) if path.startswith("~") else path
    return posixpath.join(folder, path.replace(os.sep, "/"))

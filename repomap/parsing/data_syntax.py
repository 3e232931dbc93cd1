"""Finds the first error of a JSON or TOML text with the readers of the standard library."""

import json
import re
import tomllib

from repomap.parsing.lexicons import Lexicon, Literal

MAX_BYTES = 500_000
_COMMENT = Literal("#", r"(?=\n)|\Z", escape="", name="comment")
_JSON = Lexicon((Literal('"', '"', one_line=True),))
_TOML = Lexicon(
    (
        _COMMENT,
        Literal('"""', '"""'),
        Literal("'''", "'''", escape=""),
        Literal('"', '"', one_line=True),
        Literal("'", "'", escape="", one_line=True),
    )
)
DATA_LEXICONS = {"json": _JSON, "toml": _TOML}
"""By the suffix of a file's name."""
_LINE = re.compile(r"line (\d+)")


def data_suffix(path: str) -> str:
    """Return the suffix of a data file that can be read here, or "".

    >>> data_suffix("package.json"), data_suffix("a.py")
    ('json', '')
    """
    suffix = path.rpartition(".")[2].lower()
    return suffix if suffix in DATA_LEXICONS else ""


def first_error(suffix: str, source: bytes) -> int | None:
    r"""Return the 0-based row of a text's first error; None where it has none, or is too long or deep.

    >>> first_error("json", b'{"a": 1}'), first_error("json", b'{\n"a" 1}')
    (None, 1)
    """
    if len(source) > MAX_BYTES:
        return None
    text = source.decode("utf-8-sig", "replace")
    try:
        if suffix == "json":
            json.loads(text)
        else:
            tomllib.loads(text.replace("\r\n", "\n"))
    except json.JSONDecodeError as error:
        return error.lineno - 1
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        return int(line[1]) - 1 if line else text.count("\n")
    except (ValueError, RecursionError):
        return None
    return None

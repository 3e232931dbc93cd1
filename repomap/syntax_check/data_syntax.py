"""Finds the first error of a JSON, TOML or YAML text, with readers that know all of their language.

The grammar for YAML can crash on plain text, so it is not asked.
"""

import json
import re
import tomllib
from dataclasses import replace

from repomap.syntax_check.lexicons import Lexicon, Literal

MAX_BYTES = 500_000
_SLOW_YAML = 50_000
"""Characters of YAML that are read where PyYAML has to do without its library in C."""
_COMMENT = Literal("#", r"(?=\n)|\Z", escape="", name="comment")
_JSON = Lexicon(
    (
        replace(_COMMENT, opens="//"),  # no JSON, and still in many files of that name
        replace(_COMMENT, opens=r"/\*", closes=r"\*/"),
        Literal('"', '"', one_line=True),
    )
)
_TOML = Lexicon(
    (
        _COMMENT,
        Literal('"""', '"""'),
        Literal("'''", "'''", escape=""),
        Literal('"', '"', one_line=True),
        Literal("'", "'", escape="", one_line=True),
    )
)
_YAML = Lexicon((_COMMENT, Literal('"', '"'), Literal("'", "'", escape="''")))
DATA_LEXICONS = {"json": _JSON, "toml": _TOML, "yaml": _YAML, "yml": _YAML}
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
    if suffix in ("yaml", "yml"):
        return _first_yaml_error(text)
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


def _first_yaml_error(text: str) -> int | None:
    """The same for YAML, read without making values of it."""
    import yaml

    if not yaml.__with_libyaml__ and len(text) > _SLOW_YAML:
        return None
    try:
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return mark.line if mark else 0
    except yaml.YAMLError:
        return 0
    return None

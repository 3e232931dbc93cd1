"""Locates the installed grammars and reads their versions without importing them."""

import functools
import os
from importlib.util import find_spec
from pathlib import Path

SINGLE_GRAMMARS = {
    "dart": "tree_sitter_dart",
    "groovy": "dekobon_tree_sitter_groovy",
    "perl": "tree_sitter_perl",
    "powershell": "tree_sitter_pwsh",
    "scala": "tree_sitter_scala",
    "sql": "tree_sitter_sql",
    "swift": "tree_sitter_swift",
    "verilog": "tree_sitter_systemverilog",
    "zig": "tree_sitter_zig",
}
"""By language: the module of a grammar that reads more of real files than that of the language pack."""

_PARSER_PACKAGES = (
    *("tree_sitter", "tree_sitter_language_pack"),
    *("tree_sitter_c_sharp", "tree_sitter_embedded_template", "tree_sitter_yaml"),
    *SINGLE_GRAMMARS.values(),
)


def grammar_versions() -> str:
    """Return names and versions of the installed parser packages, as their metadata folders are called.

    `importlib.metadata` gives the same, but importing it takes as long as making a small map.
    """
    installed = [name for folder in parser_folders() for name in os.listdir(folder)]
    suffixes = (".dist-info", ".egg-info")
    packages = sorted(name for name in installed if "tree_sitter" in name and name.endswith(suffixes))
    if any(name.startswith("tree_sitter_language_pack-") for name in packages):
        return " ".join(packages)
    from importlib.metadata import version

    return f"{version('tree-sitter')} {version('tree-sitter-language-pack')}"


@functools.cache
def parser_folders() -> tuple[str, ...]:
    """Return the folders in which the packages that parsing needs are installed."""
    specs = (find_spec(name) for name in _PARSER_PACKAGES)
    return tuple(dict.fromkeys(str(Path(spec.origin).parents[1]) for spec in specs if spec and spec.origin))

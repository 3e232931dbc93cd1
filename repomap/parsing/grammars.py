"""Where the installed grammars are, and their versions, found without importing them."""

import functools
import os
from importlib.util import find_spec
from pathlib import Path

_PARSER_PACKAGES = (
    *("tree_sitter", "tree_sitter_language_pack"),
    *("tree_sitter_c_sharp", "tree_sitter_embedded_template", "tree_sitter_yaml"),
)


def grammar_versions() -> str:
    """Names and versions of the installed parser packages, as their metadata folders are called.

    `importlib.metadata` says the same and takes as long to import as a small map takes to make.
    """
    installed = [name for folder in parser_folders() for name in os.listdir(folder)]
    marks = (".dist-info", ".egg-info")
    found = sorted(name for name in installed if name.startswith("tree_sitter") and name.endswith(marks))
    if any(name.startswith("tree_sitter_language_pack-") for name in found):
        return " ".join(found)
    from importlib.metadata import version

    return f"{version('tree-sitter')} {version('tree-sitter-language-pack')}"


@functools.cache
def parser_folders() -> tuple[str, ...]:
    """Where the packages that parsing needs are installed, found without importing them."""
    found = (find_spec(name) for name in _PARSER_PACKAGES)
    return tuple(dict.fromkeys(str(Path(spec.origin).parents[1]) for spec in found if spec and spec.origin))

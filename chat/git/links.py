"""[io] A path that leads through links → the paths, below the same root, that an edit of it changes."""

import os
from pathlib import Path

from chat.model import RepoPath


def real_paths(root: Path, path: RepoPath) -> tuple[RepoPath, ...]:
    """The path with the links among its folders followed, and where it leads if it is a link itself.

    What is not below the root is left out.
    """
    top = os.path.realpath(root)
    parent, _, name = path.rpartition("/")
    here = os.path.join(os.path.realpath(os.path.join(top, parent)), name)
    found = dict.fromkeys((here, os.path.realpath(here)))
    inside = (each for each in found if each.startswith(top.rstrip(os.sep) + os.sep))
    return tuple(os.path.relpath(each, top).replace(os.sep, "/") for each in inside)

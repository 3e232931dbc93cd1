"""Follows a path through links to the paths that an edit of it changes. Looks at the work tree."""

import os
from pathlib import Path

from chat.model import RepoPath


def real_paths(root: Path, path: RepoPath) -> tuple[RepoPath, ...]:
    """Return the path with its folders' links followed, and its target if it is a link itself.

    What is not below ``root`` is left out.
    """
    top = os.path.realpath(root)
    parent, _, name = path.rpartition("/")
    link = os.path.join(os.path.realpath(os.path.join(top, parent)), name)
    fulls = dict.fromkeys((link, os.path.realpath(link)))
    inside = (full for full in fulls if full.startswith(top.rstrip(os.sep) + os.sep))
    return tuple(os.path.relpath(full, top).replace(os.sep, "/") for full in inside)

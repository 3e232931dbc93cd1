"""[io] The files that the user's rules deny to read → the paths that a sandbox hides from commands."""

import os
import posixpath
from collections.abc import Callable, Iterator
from itertools import islice

from chat.permissions.decide import decide_read
from chat.permissions.ground import Ground
from chat.permissions.rule import Rules
from chat.settings.table import rules_of
from chat.state.state import State
from chat.turn.consent.decisions import real_path

_MAX_HIDDEN = 1_000
"""More would not fit a command line; whoever denies as many files can deny their folder."""


def unreadable_paths(state: State) -> tuple[str, ...]:
    """Return the files and folders below the root that rules deny to read, for a sandbox to hide."""
    rules = Rules(deny=tuple(rule for rule in rules_of(state.settings).of("deny", "Read") if rule.pattern))
    if not rules.deny:
        return ()
    root = real_path(str(state.ports.root))
    ground = Ground(root, real_path)
    return tuple(
        islice(
            _denied_below(root, lambda path: decide_read(path, rules, ground).behavior == "deny"), _MAX_HIDDEN
        )
    )


def _denied_below(root: str, is_denied: Callable[[str], bool]) -> Iterator[str]:
    """Yield what is denied; of a folder that is denied as a whole, only the folder."""
    for folder, folders, files in os.walk(root):
        below = posixpath.relpath(folder.replace(os.sep, "/"), root)
        kept = []
        for name in sorted((*folders, *files)):
            path = posixpath.normpath(posixpath.join(below, name))
            if is_denied(path):
                yield posixpath.join(root, path)
            elif name in folders and path != ".git":
                kept.append(name)
        folders[:] = kept

"""A block's names → the files to try it on.

A block that names its file is tried on that file alone. One that names none, or in a sentence only,
may mean the file of the block before it or any file of the chat; then exactly one has to fit.
"""

from dataclasses import dataclass

from edits.model import Applied, Delete, EditBlock, Move, NameHint, Rejected, Replace, RepoPath, Write
from edits.planning import refusal
from edits.planning.listing import resembles
from edits.planning.outcome import Outcome
from edits.planning.target import Target, placeholder_prefix, resolve
from edits.planning.workspace import Workspace

_UNNAMED = Target((), declared=False)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The files that a block may mean."""

    target: Target
    groups: tuple[tuple[RepoPath, ...], ...]
    """Never empty for whole files. Tried one after the other; in a group exactly one has to fit."""


def find_candidates(
    space: Workspace, block: EditBlock, listed: frozenset[str]
) -> Candidates | Outcome | Rejected:
    """The files that a block may mean; its outcome where it only mentions what another block lists.

    `listed` are the names that the whole listings of the reply declare.
    """
    change = block.change
    makes_file = isinstance(change, Write) and change.new
    existing = not (makes_file or isinstance(change, Delete | Move))
    makes = isinstance(change, Write)
    target = resolve(block.names, space, space.rules.chat, new=not existing, makes=makes)
    if target is not None and target.outside:
        return refusal.outside(block, target.name)
    if isinstance(change, Replace):
        return Candidates(target or _UNNAMED, _of_replacement(space, target or _UNNAMED))
    if target is None:
        return (
            refusal.outside(block, block.name)
            if isinstance(change, Delete | Move)
            else refusal.no_name(block)
        )
    if isinstance(change, Write) and not change.new:
        return _of_listing(space, block, change, target, listed)
    return Candidates(target, ((target.paths[0] if target.paths else target.name,),))


def find_goal(space: Workspace, block: EditBlock, name: str) -> RepoPath | Rejected:
    """The path that a file is to be moved to."""
    goal = resolve((NameHint((name,), declared=True),), space, space.rules.chat, new=True)
    if goal is None or goal.outside:
        return refusal.outside(block, name)
    return goal.paths[0] if goal.paths else goal.name


def _of_replacement(space: Workspace, target: Target) -> tuple[tuple[RepoPath, ...], ...]:
    chat = tuple(path for path in space.rules.chat if space.has(path))
    if target.declared and not target.paths:
        return (chat,)
    named = tuple(path for path in target.paths if path in chat) or target.paths
    if target.declared:
        return (named,)
    previous = (space.previous,) if space.previous and space.has(space.previous) else ()
    first = tuple(dict.fromkeys((*named, *previous)))
    rest = tuple(path for path in chat if path not in first)
    return tuple(group for group in (first, rest) if group)


def _of_listing(
    space: Workspace, block: EditBlock, change: Write, target: Target, listed: frozenset[str]
) -> Candidates | Outcome | Rejected:
    path = _listed_path(space, target, change)
    if path is None:
        return refusal.several(block, target.paths)
    if not target.declared and (path in listed or target.name in listed):
        how = "already: shown in full by another listing"
        return Outcome(Applied(block, path, 1, already=True, how=how))
    return Candidates(target, ((path,),))


def _listed_path(space: Workspace, target: Target, change: Write) -> RepoPath | None:
    """The file that a listing means; None where it could be several."""
    if not target.paths:
        return target.name
    if not target.loose and len(target.paths) == 1:
        return target.paths[0]
    near = [path for path in target.paths if path in space.rules.chat] or list(target.paths)
    alike = [path for path in near if resembles(space.draft(path).file, change.texts[0])]
    if len(near) == 1 and (alike or not target.loose or _is_slip(space, target.name, near[0])):
        return near[0]
    if len(alike) == 1:
        return alike[0]
    return None if alike or not target.declared else target.name.replace("\\", "/").removeprefix("./")


def _is_slip(space: Workspace, name: str, path: RepoPath) -> bool:
    """Whether a name means a chat file, with a made-up folder, without its folder or in another case."""
    wanted, actual = name.lower(), path.lower()
    is_same = actual == wanted or actual.endswith("/" + wanted) or placeholder_prefix(name, path)
    return is_same and path in space.rules.chat

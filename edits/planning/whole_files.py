"""Edits of whole files, made, overwritten, deleted or moved → the drafts they leave; or a refusal."""

from collections.abc import Sequence
from dataclasses import replace

from edits.model import (
    Applied,
    Delete,
    EditBlock,
    EditResult,
    FileText,
    Move,
    NameHint,
    Reason,
    Rejected,
    RepoPath,
    Write,
)
from edits.planning import refusal
from edits.planning.draft import Draft, new_text, rewrite
from edits.planning.resolve import Target, placeholder_prefix, resolve
from edits.planning.whole_listing import Doubt, plain_lines, read_listing, resembles
from edits.planning.workspace import Workspace, unsuited
from edits.text.elision import says_so
from edits.text.line_index import LineIndex

_EMPTY = FileText((), ())


def create(space: Workspace, block: EditBlock, change: Write) -> EditResult:
    """Make a file that is not there, or that holds nothing yet."""
    target = resolve(block.names, space.now, space.rules.chat, new=True)
    if target is None:
        return refusal.no_name(block)
    if target.outside:
        return refusal.outside(block, target.name)
    path = target.paths[0] if target.paths else target.name
    barred = space.barred(block, path)
    if barred:
        return barred
    lines = plain_lines((), change.texts[0])
    if any(says_so(line) for line in lines):
        return refusal.refuse(
            block, Reason.ELIDED, "the new file leaves lines out (`...`)", "Send it in full.", path
        )
    draft = space.draft(path)
    if draft.file and space.has_text(path):
        if _same(draft.file.lines, lines):
            return Applied(block, path, 1, already=True, how="already")
        why = "the file exists and has text, so an empty SEARCH part has no place in it"
        return refusal.refuse(block, Reason.EXISTS, why, "Quote the lines to change.", path)
    return _set_text(space, block, path, draft, lines)


def overwrite(
    space: Workspace, block: EditBlock, change: Write, listed: frozenset[str]
) -> tuple[EditResult, int]:
    """Give a file the text of a listing; the reply line where the listing turned out to end, or 0.

    `listed` are the names that other listings declare: a mere mention of one of them gives way.
    """
    target = resolve(block.names, space.now, space.rules.chat, new=False)
    if target is None:
        return refusal.no_name(block), 0
    if target.outside:
        return refusal.outside(block, target.name), 0
    path = _listed_path(space, target, change)
    if path is None:
        return refusal.several(block, list(target.paths)), 0
    barred = space.barred(block, path)
    if barred:
        return barred, 0
    weak = not target.declared
    if weak and (path in listed or target.name in listed):
        return Applied(block, path, 1, already=True, how="already: shown in full by another listing"), 0
    draft = space.draft(path)
    read = read_listing(path, draft.file, change, weak=weak)
    if isinstance(read, Doubt):
        return refusal.refuse(block, read.reason, read.why, "Send the whole file, complete.", path), 0
    end = change.reply_ends[read.choice] if read.choice else 0
    return space.stale(block, path) or _set_text(space, block, path, draft, read.lines), end


def delete(space: Workspace, block: EditBlock, change: Delete) -> EditResult:
    """Take a file away."""
    path, refused = _existing(space, block)
    if refused:
        return refused
    if path is None:
        return Applied(block, block.name, 1, already=True, how="already deleted")
    stale = space.stale(block, path)
    if stale:
        return stale
    draft = space.draft(path)
    if change.content is not None and not _same(draft.index.lines, change.content):
        why = "the file is to be deleted, but has other text than the reply says"
        return refusal.refuse(block, Reason.NOT_FOUND, why, "Look at the file again.", path)
    space.put(path, replace(draft, file=None, index=LineIndex(())))
    return Applied(block, path, 1, how="deleted")


def move(space: Workspace, block: EditBlock, change: Move) -> EditResult:
    """Give a file another name, under which there is none yet."""
    goal = resolve((NameHint((change.to,), declared=True),), space.now, space.rules.chat, new=True)
    if goal is None or goal.outside:
        return refusal.outside(block, change.to)
    to = goal.paths[0] if goal.paths else goal.name
    path, refused = _existing(space, block)
    refused = space.barred(block, to) or refused
    if refused:
        return refused
    taken = space.draft(to).file is not None
    if path == to or (path is None and taken):
        return Applied(block, to, 1, already=True, how="already moved")
    if path is None:
        return refusal.refuse(
            block, Reason.NO_FILE, "there is no such file", "Name an existing file.", block.name
        )
    if taken:
        why = f"{to} exists already and would be overwritten"
        return refusal.refuse(block, Reason.EXISTS, why, "Name a path that is free.", path)
    draft = space.draft(path)
    space.put(to, replace(space.draft(to), file=draft.file, index=draft.index, moved_from=path))
    space.put(path, replace(draft, file=None, index=LineIndex(())))
    return Applied(block, to, 1, how=f"moved from {path}")


def _set_text(
    space: Workspace, block: EditBlock, path: RepoPath, draft: Draft, lines: tuple[str, ...]
) -> EditResult:
    old = draft.file
    text = rewrite(old, lines) if old and old.lines else new_text(lines, old)
    if text == old:
        return Applied(block, path, 1, already=True, how="already")
    refused = unsuited(block, path, old, lines)
    if refused:
        return refused
    space.put(path, replace(draft, file=text, index=LineIndex(text.lines)))
    return Applied(block, path, 1, how="whole file")


def _listed_path(space: Workspace, target: Target, change: Write) -> RepoPath | None:
    """The file that a listing means; None where it could be several."""
    if not target.paths:
        return target.name
    if not target.loose and len(target.paths) == 1:
        return target.paths[0]
    near = [path for path in target.paths if path in space.rules.chat] or list(target.paths)
    alike = [path for path in near if resembles(space.draft(path).file or _EMPTY, change.texts[0])]
    if len(near) == 1 and (alike or not target.loose or _slip(space, target.name, near[0])):
        return near[0]
    if len(alike) == 1:
        return alike[0]
    return None if alike or not target.declared else target.name.replace("\\", "/").removeprefix("./")


def _slip(space: Workspace, name: str, path: RepoPath) -> bool:
    """Whether a name is that of a chat file under a made-up folder, without its folder, or in another case."""
    wanted, there = name.lower(), path.lower()
    same = there == wanted or there.endswith("/" + wanted) or placeholder_prefix(name, path)
    return same and path in space.rules.chat


def _existing(space: Workspace, block: EditBlock) -> tuple[RepoPath | None, Rejected | None]:
    """The file that a block names by its exact path, None if there is none; or a refusal."""
    target = resolve(block.names, space.now, space.rules.chat, new=True)
    if target is None or target.outside:
        return None, refusal.outside(block, block.name)
    path = target.paths[0] if target.paths else target.name
    barred = space.barred(block, path)
    if barred:
        return None, barred
    return (path if space.draft(path).file is not None else None), None


def _same(here: Sequence[str], there: Sequence[str]) -> bool:
    return [line.rstrip() for line in here] == [line.rstrip() for line in there]

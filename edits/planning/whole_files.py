"""The last step for whole files: make, overwrite, delete or move one."""

from collections.abc import Sequence
from dataclasses import replace

from edits.model import Applied, Delete, EditBlock, Reason, Rejected, RepoPath, Write
from edits.planning import refusal
from edits.planning.draft import new_text, rewrite
from edits.planning.listing import Doubt, meant_lines, read_listing
from edits.planning.outcome import Outcome
from edits.planning.workspace import Workspace
from edits.text.elision import says_so
from edits.text.line_index import LineIndex


def create(space: Workspace, block: EditBlock, change: Write, path: RepoPath) -> Outcome | Rejected:
    """Make a file that is not there, or that has no text yet."""
    lines = meant_lines((), change.texts[0])
    if isinstance(lines, Doubt):
        return refusal.refuse(block, lines.reason, lines.why, lines.instead, path)
    if any(says_so(line) for line in lines):
        why = "the new file leaves lines out (`...`)"
        return refusal.refuse(block, Reason.ELIDED, why, "Send it in full.", path)
    file = space.draft(path).file
    if file and space.has_text(path):
        if _same(file.lines, lines):
            return Outcome(Applied(block, path, 1, already=True, how="already"))
        why = "the file exists and has text, so an empty SEARCH part matches nothing in it"
        return refusal.refuse(block, Reason.EXISTS, why, "Quote the lines to change.", path)
    return _with_text(space, block, path, lines)


def overwrite(
    space: Workspace, block: EditBlock, change: Write, path: RepoPath, *, mentioned: bool
) -> Outcome | Rejected:
    """Give a file the text of a listing. `mentioned`: only a sentence names the file."""
    listing = read_listing(path, space.draft(path).file, change, weak=mentioned)
    if isinstance(listing, Doubt):
        return refusal.refuse(block, listing.reason, listing.why, listing.instead, path)
    end = change.reply_ends[listing.choice] if listing.choice else 0
    return replace(_with_text(space, block, path, listing.lines), reply_end=end)


def delete(space: Workspace, block: EditBlock, change: Delete, path: RepoPath) -> Outcome | Rejected:
    """Delete a file."""
    draft = space.draft(path)
    if draft.file is None:
        return Outcome(Applied(block, block.name, 1, already=True, how="already deleted"))
    if change.content is not None and not _same(draft.file.lines, change.content):
        why = "the file to delete has a different text from the one in the reply"
        return refusal.refuse(block, Reason.NOT_FOUND, why, "Look at the file again.", path)
    return Outcome(
        Applied(block, path, 1, how="deleted"), {path: replace(draft, file=None, index=LineIndex(()))}
    )


def move(space: Workspace, block: EditBlock, path: RepoPath, goal: RepoPath) -> Outcome | Rejected:
    """Give a file another name, which no file has yet."""
    draft, there = space.draft(path), space.draft(goal)
    if path == goal or (draft.file is None and there.file is not None):
        return Outcome(Applied(block, goal, 1, already=True, how="already moved"))
    if draft.file is None:
        why = "there is no such file"
        return refusal.refuse(block, Reason.NO_FILE, why, "Name an existing file.", block.name)
    if there.file is not None:
        why = f"{goal} exists already and would be overwritten"
        return refusal.refuse(block, Reason.EXISTS, why, "Name a path that is free.", path)
    drafts = {
        goal: replace(there, file=draft.file, index=draft.index, moved_from=path),
        path: replace(draft, file=None, index=LineIndex(())),
    }
    return Outcome(Applied(block, goal, 1, how=f"moved from {path}"), drafts)


def _with_text(space: Workspace, block: EditBlock, path: RepoPath, lines: tuple[str, ...]) -> Outcome:
    draft = space.draft(path)
    old = draft.file
    if old and old.lines:
        text = rewrite(old, lines)
    else:
        text = new_text(old or space.empty_file(path), lines, space.line_end(path))
    if text == old:
        return Outcome(Applied(block, path, 1, already=True, how="already"))
    changed = replace(draft, file=text, index=LineIndex(text.lines))
    return Outcome(Applied(block, path, 1, how="whole file"), {path: changed}, lines)


def _same(here: Sequence[str], there: Sequence[str]) -> bool:
    return [line.rstrip() for line in here] == [line.rstrip() for line in there]

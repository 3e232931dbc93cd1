"""EditBlocks → text that reads as the same blocks: for prompts, for logs, and as the parser's mirror."""

from collections.abc import Iterable, Sequence

from edits.errors import NotRenderable
from edits.formats.search_replace import is_marker
from edits.model import Delete, EditBlock, Move, Replace, Write
from edits.text.compare import compare


def render_blocks(blocks: Iterable[EditBlock]) -> str:
    """SEARCH/REPLACE blocks, each with its file's name above it.

    Raises NotRenderable for what the format cannot say: deleted and moved files, and lines that read
    like its markers.
    """
    return "\n".join(_block(block) for block in blocks)


def render_patch(blocks: Iterable[EditBlock]) -> str:
    """One patch for any blocks and any lines: every line of a file has a mark in front there."""
    return "\n".join(
        ["*** Begin Patch", *(line for block in blocks for line in _section(block)), "*** End Patch", ""]
    )


def _block(block: EditBlock) -> str:
    change = block.change
    if isinstance(change, Replace):
        search, replace = change.readings[0].search, change.readings[0].replace
    elif isinstance(change, Write) and change.new:
        search, replace = (), change.texts[0]
    else:
        raise NotRenderable(f"{block.name}: SEARCH/REPLACE blocks only change or make files; use a patch.")
    if any(is_marker(line) for line in (*search, *replace)):
        raise NotRenderable(f"{block.name}: a line of the edit reads like a marker; use a patch.")
    lines = ("<<<<<<< SEARCH", *search, "=======", *replace, ">>>>>>> REPLACE")
    fence = "`" * max(3, 1 + max((_ticks(line) for line in lines), default=0))
    return "\n".join((block.name, fence, *lines, fence, ""))


def _ticks(line: str) -> int:
    text = line.lstrip()
    return len(text) - len(text.lstrip("`"))


def _section(block: EditBlock) -> list[str]:
    change, name = block.change, block.name
    if isinstance(change, Delete):
        return [f"*** Delete File: {name}"]
    if isinstance(change, Move):
        return [f"*** Update File: {name}", f"*** Move to: {change.to}"]
    if isinstance(change, Write):
        return [f"*** Add File: {name}", *(f"+{line}" for line in change.texts[0])]
    reading = change.readings[0]
    return [f"*** Update File: {name}", "@@", *_marked(reading.search, reading.replace)]


def _marked(search: Sequence[str], replace: Sequence[str]) -> list[str]:
    rows = []
    for tag, i1, i2, j1, j2 in compare(search, replace):
        if tag == "equal":
            rows += [f" {line}" for line in search[i1:i2]]
        else:
            rows += [f"-{line}" for line in search[i1:i2]]
            rows += [f"+{line}" for line in replace[j1:j2]]
    return rows

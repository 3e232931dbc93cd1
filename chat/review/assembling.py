"""[io] Groups of a change → prompts within a budget; the index is asked what belongs around each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chat.display.amounts import counted
from chat.errors import PromptTooLarge
from chat.model import Prompt, RepoPath
from chat.review.context import WHOLE, Context, Piece
from chat.review.model import FileText
from chat.review.packing import DIFF_SHARE, Group, chosen, groups
from chat.review.prompts import review_prompt
from chat.review.reading import ReadChange
from chat.review.shown_diff import file_parts, heading, numbered
from chat.state.tokens import count, prompt_tokens
from repomap import ChangedDefinition, Hunk

_LEAST_ROOM = 400
"""Tokens that must be left for a change beside the rules."""
_MOST_OTHERS = 30
_LONGEST_WHOLE = 300
"""Lines of a definition that is shown in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all prompts of a review share."""

    title: str
    instructions: tuple[tuple[str, str], ...]
    """Titles and texts of what every prompt says."""
    budget_tokens: int
    all_lines: bool = False

    def prompt(
        self, group: Group, pieces: Iterable[tuple[Piece, str]] = (), others: Sequence[str] = ()
    ) -> Prompt:
        """Return the prompt for one group."""
        return review_prompt(self.title, self.instructions, group, pieces, others, all_lines=self.all_lines)


def groups_of(change: ReadChange, frame: Frame) -> tuple[Group, ...]:
    """Divide a change into what each call is about. Raises PromptTooLarge where there is no room for any of it."""
    most = int(_room(change, frame) * DIFF_SHARE)
    return groups((part for file in change.shown for part in file_parts(file, most, count)), most)


def _room(change: ReadChange, frame: Frame) -> int:
    """Return the tokens of a prompt that are left for a change and what is shown around it."""
    room = frame.budget_tokens - prompt_tokens(frame.prompt(Group(()), (), _others(change)))
    if room < _LEAST_ROOM:
        raise PromptTooLarge(
            f"The rules and the project's instructions leave {max(room, 0):,} of {frame.budget_tokens:,} tokens for "
            "the change. Nothing was sent; raise --context-tokens, or leave the instructions out with --bare."
        )
    return room


def assembled(
    group: Group,
    change: ReadChange,
    definitions: Iterable[ChangedDefinition],
    context: Context | None,
    frame: Frame,
    *,
    is_first: bool,
) -> Prompt:
    """Return the prompt of a group, with as much around it as fits. The first names the files that none shows."""
    pieces = _pieces(group, change, definitions, context, is_first=is_first)
    others = _others(change) if is_first else ()
    room = frame.budget_tokens - prompt_tokens(frame.prompt(group, (), others))
    taken = list(chosen(pieces, room, count))
    while taken and prompt_tokens(frame.prompt(group, taken, others)) > frame.budget_tokens:
        taken.remove(max(taken, key=lambda each: each[0].rank))
    return frame.prompt(group, taken, others)


def _others(change: ReadChange) -> tuple[str, ...]:
    """Return a line for each file whose change is not shown."""
    shown = set(change.shown)
    lines = [
        f"{heading(file).removeprefix('## ')}: {file.skipped or 'deleted as a whole'}"
        for file in change.files
        if file not in shown
    ]
    rest = len(lines) - _MOST_OTHERS
    return (*lines[:_MOST_OTHERS], *((f"and {counted(rest, 'more file')}",) if rest > 0 else ()))


def _pieces(
    group: Group,
    change: ReadChange,
    definitions: Iterable[ChangedDefinition],
    context: Context | None,
    *,
    is_first: bool,
) -> Iterator[Piece]:
    shown = _lines_shown(group)
    removed_from = {part.file.old_path for part in group.parts}
    if is_first:
        removed_from |= {file.path for file in change.files if file.status == "deleted"}
    for each in definitions:
        lines = shown.get(each.path, frozenset())
        if each.path not in removed_from if each.is_removed else each.changed.isdisjoint(lines):
            continue
        text = change.text(each.path) or FileText({}, is_whole=False)
        if context is not None:
            changed = [text.lines[number] for number in sorted(each.changed) if number in text.lines]
            yield from context.pieces(each, changed)
        yield from _whole(each, text, lines)


def _lines_shown(group: Group) -> Mapping[RepoPath, frozenset[int]]:
    shown: dict[RepoPath, frozenset[int]] = {}
    for part in group.parts:
        shown[part.file.path] = shown.get(part.file.path, frozenset()) | _numbers(part.hunks)
    return shown


def _numbers(hunks: Iterable[Hunk]) -> frozenset[int]:
    return frozenset(line.number for hunk in hunks for line in hunk.lines if line.kind != "-")


def _whole(definition: ChangedDefinition, text: FileText, shown: frozenset[int]) -> Iterator[Piece]:
    """Yield a changed definition in full, unless the hunks show all of it."""
    first, last = definition.symbol.lines
    if definition.is_removed or last - first >= _LONGEST_WHOLE or not text.is_whole:
        return
    if not shown.issuperset(range(first, last + 1)):
        lines = numbered(text, definition.symbol.lines, definition.changed)
        title = f"{definition.path}, {definition.full_name}:"
        yield Piece(WHOLE, (f"{title}\n{lines}",), f"whole {definition.path} {first}")

"""[io] How much of a file the prompt shows: all of it, or its outline with the definitions that matter.

One rule for all who show files. Up to a size, a file is shown whole, in one piece. Of a larger one the first
answer is an outline with whole definitions; to a model that asks for it again, it is shown from end to end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from chat.conversation.conversation import ShownFile, Span, digest_of
from chat.conversation.excerpts import Block, choose_spans, merge_spans, show, whole_definitions
from chat.model import RepoPath
from chat.state.tokens import count
from chat.state.workspace import Workspace

if TYPE_CHECKING:
    from repomap import Index

PART_TOKENS = 5_000
"""The most that the first answer shows of a file that is too large to be shown whole."""
_OUTLINE_TOKENS = 100_000
"""Enough for the definitions of any file; the index wants a budget."""
_WHOLE_KINDS = ("function", "method", "constructor", "property", "macro", "test")
"""Definitions that are shown whole although they contain others."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file that is to be shown."""

    path: RepoPath
    spans: tuple[Span, ...] = ()
    """These lines in particular; in order, not touching."""
    _: KW_ONLY
    whole_tokens: int
    """A file of up to this size is shown whole."""
    request: str = ""
    """What says which definitions of a larger one matter."""
    shown: ShownFile | None = None
    """How the prompt shows it, or showed an earlier version."""


@dataclass(frozen=True, slots=True)
class FileExcerpt:
    """What the prompt gets of a file."""

    file: ShownFile
    """What the model knows of the file once it has the text."""
    text: str


def choose_excerpt(
    workspace: Workspace, wanted: WantedFile, turn: int, *, read_only: bool = False, by_user: bool = False
) -> FileExcerpt | None:
    """Choose what to show of a file; None for one that is gone or binary."""
    content, text = workspace.read(wanted.path), workspace.text(wanted.path)
    if content is None or text is None:
        return None
    digest = digest_of(content)
    spans, all_spans = _spans(workspace, wanted, text, digest)
    file = ShownFile(
        wanted.path,
        digest=digest,
        tokens=count(show(wanted.path, text, all_spans or None)),
        used_turn=turn,
        spans=all_spans,
        read_only=read_only,
        by_user=by_user,
        shown_digest=digest,
    )
    return FileExcerpt(file, show(wanted.path, text, spans or None))


def _spans(
    workspace: Workspace, wanted: WantedFile, text: str, digest: str
) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The lines to show, and those that the prompt shows then; () for all lines."""
    shown = wanted.shown
    is_again = shown is not None and shown.shown_digest == digest
    if count(text) <= wanted.whole_tokens or (is_again and not wanted.spans):
        return (), ()
    blocks, ranked = _blocks_of(workspace, wanted)
    if shown is None or not is_again:
        spans = choose_spans(text, blocks, wanted.spans, ranked, _part_tokens(wanted), count)
        return spans, spans
    spans = _more_spans(wanted, text, blocks)
    return spans, merge_spans(shown.spans, spans)


def _part_tokens(wanted: WantedFile) -> int:
    return min(PART_TOKENS, wanted.whole_tokens * 5 // 8)


def _more_spans(wanted: WantedFile, text: str, blocks: Sequence[Block]) -> tuple[Span, ...]:
    """The lines asked for of a file that is shown in part: from the first to the last, if that is not much."""
    budget = _part_tokens(wanted)
    spans = merge_spans([whole_definitions(span, text, blocks, budget, count) for span in wanted.spans])
    lines = text.split("\n")[spans[0][0] - 1 : spans[-1][1]]
    return ((spans[0][0], spans[-1][1]),) if count("\n".join(lines)) <= budget else spans


def _blocks_of(workspace: Workspace, wanted: WantedFile) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The definitions of a file in order, and the same by their rank for the request; none without a grammar."""
    from repomap import RepoMapError

    try:
        return workspace.ask(lambda index: _blocks(index, wanted.path, wanted.request))
    except RepoMapError:
        return (), ()


def _blocks(index: "Index", path: RepoPath, request: str) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The definitions of a file in order, and the same by their rank for the request, best first."""
    from repomap import Focus

    symbols = index.outline(path, _OUTLINE_TOKENS, members=False).items
    spans = {symbol.lines for symbol in symbols}
    blocks = tuple(
        Block(
            *symbol.lines,
            signature_last=symbol.lines[0] + symbol.signature.count("\n"),
            inner=symbol.kind not in _WHOLE_KINDS and _contains_another(symbol.lines, spans),
        )
        for symbol in symbols
    )
    ranking = index.ranking(Focus(request=request))
    ranked_file = next((file for file in ranking if file.path == path), None)
    scores = {symbol.lines[0]: symbol.score for symbol in ranked_file.definitions} if ranked_file else {}
    ranked = sorted(blocks, key=lambda block: (-scores.get(block.first, 0.0), block.first))
    return blocks, tuple(ranked)


def _contains_another(span: Span, spans: Iterable[Span]) -> bool:
    return any(span[0] < first and last <= span[1] for first, last in spans)

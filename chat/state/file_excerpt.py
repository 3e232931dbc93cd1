"""[io] How much of a file the prompt shows: all of it, or its outline with the definitions that matter.

What the prompt shows already, and as it is now, is not shown again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.conversation.already_shown import known_lines, without_known
from chat.conversation.context_requests import FileRequest
from chat.conversation.conversation import ShownFile, Span, digest_of
from chat.conversation.excerpts import Block, around, choose_spans, merge_spans, show
from chat.model import Message, RepoPath
from chat.state.tokens import count
from chat.state.workspace import Workspace

if TYPE_CHECKING:
    from repomap import Index

_WHOLE_TOKENS = 5_000
"""A file of up to this size is shown whole; a larger one by its outline and some bodies."""
PART_TOKENS = 4_000
"""The budget of what is shown of a larger one."""
_WHOLE_AGAIN_FACTOR = 8
"""A file of up to this many times the size is shown whole to a model that asks for it a second time."""
_MIN_KNOWN_TOKENS = 1_000
"""A smaller file is shown whole even where the prompt shows some of it already."""
_OUTLINE_TOKENS = 100_000
"""Enough for the definitions of any file; the index wants a budget."""


@dataclass(frozen=True, slots=True)
class FileExcerpt:
    """What the prompt gets of a file."""

    file: ShownFile
    """What the model knows of the file once it has the text."""
    text: str


def choose_excerpt(
    workspace: Workspace,
    wanted: FileRequest,
    request: str,
    turn: int,
    *,
    shown: ShownFile | None = None,
    messages: Sequence[Message] = (),
    read_only: bool = False,
    by_user: bool = False,
) -> FileExcerpt | None:
    """Choose what to show of a file; None for one that is gone or binary.

    ``request`` says which definitions matter, ``shown`` how the file was shown before. Lines that ``messages``
    show as they are now are left out.
    """
    content, text = workspace.read(wanted.path), workspace.text(wanted.path)
    if content is None or text is None:
        return None
    digest, total = digest_of(content), len(text.removesuffix("\n").split("\n"))
    repeated = shown if shown is not None and shown.shown_digest == digest else None
    known = known_lines(messages, wanted.path, text) if count(text) >= _MIN_KNOWN_TOKENS else ()
    spans: tuple[Span, ...] = ((1, total),)
    all_spans: tuple[Span, ...] = ()
    if not _is_shown_whole(wanted, text, is_repeated=repeated is not None):
        is_known = repeated is not None or bool(known)
        spans = _spans_of_large(workspace, wanted, text, request, is_known=is_known)
        all_spans = merge_spans(repeated.spans if repeated else (), known, spans)
    new = without_known(spans, known, total)
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
    return FileExcerpt(file, show(wanted.path, text, None if new == ((1, total),) else new, known))


def _is_shown_whole(wanted: FileRequest, text: str, *, is_repeated: bool) -> bool:
    """Whether a file is shown from end to end: a small one, or a larger one that is asked for as a whole again."""
    if not is_repeated:
        return count(text) <= _WHOLE_TOKENS
    return wanted.span is None and count(text) <= _WHOLE_AGAIN_FACTOR * _WHOLE_TOKENS


def _spans_of_large(
    workspace: Workspace, wanted: FileRequest, text: str, request: str, *, is_known: bool
) -> tuple[Span, ...]:
    """The lines to show of a large file: those asked for and, the first time, what else matters."""
    from repomap import RepoMapError

    total = text.count("\n") + (not text.endswith("\n"))
    if is_known and wanted.span:
        return (around(wanted.span, total),)
    try:
        blocks, ranked = workspace.ask(lambda index: _blocks(index, wanted.path, request))
    except RepoMapError:
        blocks, ranked = (), ()
    asked_for = [wanted.span] if wanted.span else []
    return choose_spans(text, blocks, asked_for, ranked, PART_TOKENS, count) or ((1, total),)


def _blocks(index: "Index", path: RepoPath, request: str) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The definitions of a file in order, and the same by their rank for the request, best first."""
    from repomap import Focus

    symbols = index.outline(path, _OUTLINE_TOKENS).items
    spans = {symbol.lines for symbol in symbols}
    blocks = tuple(Block(*symbol.lines, inner=_contains_another(symbol.lines, spans)) for symbol in symbols)
    ranking = index.ranking(Focus(request=request))
    ranked_file = next((file for file in ranking if file.path == path), None)
    scores = {symbol.lines[0]: symbol.score for symbol in ranked_file.definitions} if ranked_file else {}
    ranked = sorted(blocks, key=lambda block: (-scores.get(block.first, 0.0), block.first))
    return blocks, tuple(ranked)


def _contains_another(span: Span, spans: Iterable[Span]) -> bool:
    return any(span[0] < first and last <= span[1] for first, last in spans)

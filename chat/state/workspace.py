"""[io] The files of the root and the index over them, as a turn needs them: read, shown, planned, written.

The index is opened in the background, since listing and parsing a repository may take longer than
typing the first request; whoever asks first waits for it.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from chat.conversation.already_shown import known_lines, without_known
from chat.conversation.context_requests import FileRequest, Lookup, PathTable
from chat.conversation.conversation import ShownFile, Span, digest_of
from chat.conversation.excerpts import Block, around, choose_spans, merge_spans, show
from chat.model import Message, RepoPath
from chat.state.tokens import count

if TYPE_CHECKING:
    from edits import DiskTree, FileChange, ParsedReply, Plan, Rules, SyntaxGate
    from repomap import Index

Result = TypeVar("Result")

LOOKUP_TOKENS = 800
"""Of one answer to a question of the model's."""
FULL_TOKENS = 5_000
"""A file of up to so many tokens is shown whole; a larger one by its outline and some bodies."""
PART_TOKENS = 4_000
_LEAST_ELIDED_TOKENS = 1_000
"""A file below this is shown whole even where the prompt shows some of it already."""
_MOST_FULL = 8
"""A file up to so many times that size is shown in full to a model that asks twice."""
IMAGES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".ico", ".tiff", ".pdf"))
_BINARY_PROBE = 8_000


@dataclass(frozen=True, slots=True)
class ShownText:
    """A file as it enters the prompt."""

    file: ShownFile
    text: str


class Workspace:
    """The folder that the chat works in."""

    def __init__(self, root: Path, *, history: bool = True) -> None:
        self.root = root
        self._history = history
        self._lock = threading.RLock()
        self._index: Future[Index] | None = None
        self._table: tuple[tuple[RepoPath, ...], PathTable] | None = None
        self._symbols: tuple[str, ...] | None = None

    # The index

    def warm_up(self) -> None:
        """Opens the index in the background, once."""
        self._opening()

    def _opening(self) -> "Future[Index]":
        with self._lock:
            if self._index is None:
                self._index = Future()
                threading.Thread(target=self._open, args=(self._index,), name="index", daemon=True).start()
            return self._index

    def _open(self, future: "Future[Index]") -> None:
        try:
            from repomap import Index, IndexOptions

            index = Index(self.root, IndexOptions(history=self._history))
            index.refresh()
            future.set_result(index)
        except BaseException as error:
            with self._lock:
                self._index = None  # the next question tries again: there may be a first file by then
            future.set_exception(error)

    def ask(self, question: "Callable[[Index], Result]", *, refresh: bool = False) -> Result:
        """What the index answers; one question at a time. Raises RepoMapError."""
        opening = self._opening()
        is_old = opening.done()
        index = opening.result()
        with self._lock:
            if refresh and is_old:
                index.refresh()
            return question(index)

    def is_ready(self) -> bool:
        """Whether a question would be answered without waiting for the index."""
        opening = self._index
        return opening is not None and opening.done() and opening.exception() is None

    def symbols(self) -> tuple[str, ...]:
        """Every name that the repository defines, sorted."""
        if self._symbols is None:
            self._symbols = self.ask(_names_defined)
        return self._symbols

    def paths(self, *, refresh: bool = False) -> tuple[RepoPath, ...]:
        """Every file of the repository, sorted; none where there is none yet. ``refresh`` looks again."""
        from repomap import NotMappable

        try:
            return self.ask(lambda index: tuple(index.data.corpus.paths), refresh=refresh)
        except NotMappable:
            return ()

    def table(self) -> PathTable:
        """The files, by what a model or a user may call them."""
        paths = self.paths()
        if self._table is None or self._table[0] != paths:
            self._table = (paths, PathTable(paths))
        return self._table[1]

    # Files

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a file below the root, or None."""
        return self._tree().read(path)

    def is_file(self, path: RepoPath) -> bool:
        """Whether there is a regular file of this name below the root."""
        tree = self._tree()
        return tree.has(path) and not tree.unreadable(path)

    def _tree(self) -> "DiskTree":
        from edits import DiskTree

        return DiskTree(str(self.root))

    def text(self, path: RepoPath) -> str | None:
        """The text of a file; None for one that is gone or no text."""
        content = self.read(path)
        if content is None or b"\0" in content[:_BINARY_PROBE]:
            return None
        return content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")

    def show(
        self,
        ask: FileRequest,
        request: str,
        turn: int,
        seen: ShownFile | None = None,
        said: Sequence[Message] = (),
        *,
        read_only: bool = False,
        by_user: bool = False,
    ) -> ShownText | None:
        """A file for the prompt: whole where it is small or asked for again, else the part that matters.

        What the messages ``said`` show as it is now is not shown again. None where there is no text to show.
        """
        content, text = self.read(ask.path), self.text(ask.path)
        if content is None or text is None:
            return None
        digest, total = digest_of(content), len(text.removesuffix("\n").split("\n"))
        before = seen is not None and seen.shown_digest == digest
        tokens = count(text)
        known = known_lines(said, ask.path, text) if tokens >= _LEAST_ELIDED_TOKENS else ()
        whole = tokens <= (_MOST_FULL if before else 1) * FULL_TOKENS and not (before and ask.span)
        wanted = ((1, total),) if whole else self._wanted(ask, text, request, is_known=before or bool(known))
        new = without_known(wanted, known, total)
        earlier = seen.spans if before and seen is not None else ()
        spans = () if whole else merge_spans(earlier, known, wanted)
        visible = show(ask.path, text, spans or None)
        shown = show(ask.path, text, None if new == ((1, total),) else new, known)
        file = ShownFile(
            ask.path,
            digest=digest,
            tokens=count(visible),
            used_turn=turn,
            spans=spans,
            read_only=read_only,
            by_user=by_user,
            shown_digest=digest,
        )
        return ShownText(file, shown)

    def _wanted(self, ask: FileRequest, text: str, request: str, *, is_known: bool) -> tuple[Span, ...]:
        """The lines to show of a large file: those asked for, and the first time what else matters."""
        from repomap import RepoMapError

        total = text.count("\n") + (not text.endswith("\n"))
        if is_known and ask.span:
            return (around(ask.span, total),)
        try:
            blocks, ranked = self.ask(lambda index: _blocks(index, ask.path, request))
        except RepoMapError:
            blocks, ranked = (), ()
        wanted = [ask.span] if ask.span else []
        return choose_spans(text, blocks, wanted, ranked, PART_TOKENS, count) or ((1, total),)

    def answer(self, lookup: Lookup, tokens: int = LOOKUP_TOKENS) -> str:
        """The answer to a question of the model's, or what was wrong with it, within a budget."""
        from repomap import RepoMapError

        try:
            return self.ask(lambda index: _answer(index, lookup, tokens))
        except RepoMapError as error:
            return str(error)

    # Edits

    def plan(
        self,
        reply: "ParsedReply",
        pending: "Mapping[RepoPath, FileChange]",
        rules: "Rules",
    ) -> "Plan":
        """What a reply does to the files, on top of what is held back already."""
        from edits import ChangedTree, plan_edits

        disk = self._tree()
        return plan_edits(reply, ChangedTree(disk, pending.values()) if pending else disk, rules)

    def write(self, changes: "Sequence[FileChange]") -> tuple[RepoPath, ...]:
        """Writes a whole plan or none of it. Raises EditError."""
        from edits import write_changes

        return write_changes(changes, str(self.root))

    def clear_after_kill(self, paths: Iterable[RepoPath]) -> None:
        """Removes what a killed write of these files left beside them, lest it be taken for files of the user."""
        from edits import remove_leftovers

        remove_leftovers(paths, str(self.root))


def join_changes(
    first: "Mapping[RepoPath, FileChange]", then: "Iterable[FileChange]"
) -> "dict[RepoPath, FileChange]":
    """Two plans, the second made on top of the first, as one."""
    from edits import FileChange

    joined = dict(first)
    for change in then:
        old = joined.get(change.path)
        before = old.before if old else change.before
        origin = (old.moved_from if old else None) or change.moved_from
        joined[change.path] = FileChange(change.path, before, change.after, origin)
    return {path: change for path, change in joined.items() if change.before != change.after}


def syntax_gate() -> "SyntaxGate":
    """The check that a file still parses."""
    from repomap import parses_cleanly

    return parses_cleanly


def _blocks(index: "Index", path: RepoPath, request: str) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The definitions of a file in order, and those that matter to the request, best first."""
    from repomap import Focus

    symbols = index.outline(path, 100_000).items
    outer = {symbol.lines for symbol in symbols}
    blocks = tuple(Block(*symbol.lines, inner=_holds_others(symbol.lines, outer)) for symbol in symbols)
    shown = next((file for file in index.ranking(Focus(request=request)) if file.path == path), None)
    scores = {one.lines[0]: one.score for one in shown.definitions} if shown else {}
    ranked = sorted(blocks, key=lambda block: (-scores.get(block.first, 0.0), block.first))
    return blocks, tuple(ranked)


def _names_defined(index: "Index") -> tuple[str, ...]:
    corpus = index.data.corpus
    return tuple(sorted({corpus.words[name] for name in set(corpus.doc_name.tolist())} - {""}))


def _holds_others(lines: Span, all_lines: Iterable[Span]) -> bool:
    return any(lines[0] < first and last <= lines[1] for first, last in all_lines)


def _answer(index: "Index", lookup: Lookup, tokens: int) -> str:
    from repomap import Focus

    match lookup.kind:
        case "find":
            return index.find(lookup.argument, tokens).text
        case "refs":
            return index.references(lookup.argument, tokens).text
        case "show":
            return index.source(lookup.argument, 4 * tokens, numbered=False).text
        case "map":
            return index.map(Focus(request=lookup.argument), tokens).text
        case "past":
            return ""

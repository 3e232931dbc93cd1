"""A repository kept open: its files, symbols and graph, refreshed by what changed.

The command, the chat and the server share this class. `LiveData` keeps what it knows up to date; between
refreshes every question is answered from memory.
"""

import copy
import functools
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repomap.arrays.texts import distinct
from repomap.corpus.corpus import NO_KIND
from repomap.errors import BadRequest
from repomap.files.collector import encode_path
from repomap.index.live_data import LiveData
from repomap.index.options import IndexOptions, Refreshed
from repomap.mapping.make import make_map, whole_ranking
from repomap.mapping.tokens import count_tokens
from repomap.model import (
    DEFAULT_TOKENS,
    GRAPH_LIMIT,
    IMPACT_DEPTH,
    IMPACT_LIMIT,
    LEAST_TOKENS,
    LOOKUP_TOKENS,
    CountTokens,
    Focus,
    Progress,
    ReadFile,
    RepoMap,
    RepoPath,
    ShownFile,
)
from repomap.ranking.index_data import IndexData
from repomap.safety.regular_file import read_if_regular

if TYPE_CHECKING:
    import networkx as nx

    from repomap.impact.definitions import ChangedDefinition
    from repomap.impact.map_diff import FileChange
    from repomap.impact.uses import Users
    from repomap.impact.values import Impact
    from repomap.lookup.answers import Answer, Excerpt, Hit, Symbol, Use

LARGEST_LOOKUP_BYTES = 4_000_000
"""Of a file that a lookup reads."""


class Index:
    """The map of one folder, kept open across calls. Not thread-safe."""

    def __init__(self, root: Path, options: IndexOptions | None = None) -> None:
        """Open nothing yet: the first question does so with a refresh."""
        self.root = root
        self.options = options or IndexOptions()
        self._live = LiveData(root, self.options)

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Save what is unsaved, and end the workers and the watch. The index can be used again."""
        self._live.close()

    @property
    def data(self) -> IndexData:
        """What all questions are answered from, as of the last refresh."""
        return self._live.data

    def as_it_is(self) -> "Index":
        """Return what the index knows now, for questions in one thread while another one refreshes it.

        It stays as it is: whatever it holds is replaced by a refresh and never changed.
        """
        view = copy.copy(self)
        view._live = self._live.as_it_is()
        return view

    def partly(self) -> "Index | None":
        """Return what the index knows before its first refresh has ended; None if that is nothing.

        Files that were not read yet are known by their path alone. Any thread may call this.
        """
        live = self._live.partly()
        if live is None:
            return None
        view = copy.copy(self)
        view._live = live
        return view

    def refresh(self, on_progress: Progress | None = None) -> Refreshed:
        """Bring the index up to date with the folder.

        Raises NotMappable if there is nothing to map, GitFailed if git refuses for a reason that the
        user can fix, WorkersFailed if nothing can be parsed.
        """
        return self._live.refresh(on_progress)

    def map(
        self,
        focus: Focus | None = None,
        tokens: int = DEFAULT_TOKENS,
        count: CountTokens = count_tokens,
        *,
        within: RepoPath = "",
        hidden: Collection[RepoPath] = (),
    ) -> RepoMap:
        """Make the map for a focus, whose text has at most ``tokens`` tokens as ``count`` counts.

        ``within`` limits it to the files below a folder; "" is the root; files ``hidden`` are not shown.
        Raises BadRequest for a budget below `LEAST_TOKENS`.
        """
        if tokens < LEAST_TOKENS:
            raise BadRequest(
                f"A budget of {tokens} tokens is too small for a path; give at least {LEAST_TOKENS}."
            )
        return make_map(self.data, focus or Focus(), tokens, count, within, hidden)

    def ranking(self, focus: Focus | None = None) -> tuple[ShownFile, ...]:
        """List every file with all its definitions, best first."""
        return whole_ranking(self.data, focus or Focus())

    def export(self, form: str, files: Sequence[ShownFile]) -> str:
        """Write the files of a map or of the ranking in one of the formats `exports.names.EXPORTS`.

        Formats that are graphs have the dependencies between these files.
        """
        from repomap.exports.formats import written
        from repomap.exports.values import export_of

        title = os.path.basename(os.path.realpath(self.root))
        return written(form, export_of(self.data, title, files))

    def page(self, focuses: Sequence[Focus] = (), on_progress: Progress | None = None) -> str:
        """Write the repository as one HTML file to look at, without network: `repomap.page`.

        A ranking is computed ahead for each focus, besides the overview and those with one file in hand.
        """
        from repomap.page.html import to_html
        from repomap.page.make import page_of

        title = os.path.basename(os.path.realpath(self.root))
        return to_html(page_of(self.data, title, focuses, on_progress))

    def why(self, target: str, focus: Focus | None = None) -> str:
        """Explain the rank of `PATH`, `PATH:NAME` or `NAME`. Raises NotInRepository."""
        from repomap.lookup.explain import explain

        return explain(self.data, focus or Focus(), target)

    def paths(self) -> tuple[RepoPath, ...]:
        """List all files, ascending, but for links to what is not listed itself: git may ignore it."""
        paths = self.data.corpus.paths
        return tuple(path for path in paths if path not in self._live.blind) if self._live.blind else paths

    def names(self) -> tuple[str, ...]:
        """List all distinct names that the files define, ascending."""
        corpus = self.data.corpus
        word_ids = distinct(corpus.doc_name[corpus.doc_kind != NO_KIND])
        return tuple(sorted({corpus.words[word_id] for word_id in word_ids.tolist()} - {""}))

    def graph(self) -> "nx.DiGraph[RepoPath]":
        """Return who uses whom: nodes are all paths, edges run from the user to the definer.

        The `weight` of an edge sums up the mentions: per name, the square root of how often it is used,
        divided by the number of files that may be meant.
        """
        return self.data.graph.to_networkx(self.data.corpus.paths)

    # Lookups answer within a budget and raise BadRequest for one below `LEAST_TOKENS`. With ``skip`` they go on
    # where an earlier answer ended, after that many items: lines, for uses and sources. Their modules are
    # imported late, since most runs make a map and nothing else.

    def find(
        self,
        pattern: str,
        tokens: int = LOOKUP_TOKENS,
        count: CountTokens = count_tokens,
        within: str = "",
        *,
        skip: int = 0,
    ) -> "Answer[Hit]":
        """Find the lines that contain a text or match `/a regular expression/`.

        ``within`` limits the search to a folder, a file or a glob such as `*.py`. Raises
        NotInRepository if it matches no file.
        """
        from repomap.lookup.search import find

        return find(self.data, pattern, self._file_reader(), tokens, count, within=within, skip=skip)

    def symbol(
        self, name: str, tokens: int = LOOKUP_TOKENS, count: CountTokens = count_tokens, *, skip: int = 0
    ) -> "Answer[Symbol]":
        """Find the definitions of a name, best first. Raises NotInRepository."""
        from repomap.lookup.symbols import symbol

        return symbol(self.data, name, self._file_reader(), tokens, count, skip=skip)

    def references(
        self, name: str, tokens: int = LOOKUP_TOKENS, count: CountTokens = count_tokens, *, skip: int = 0
    ) -> "Answer[Use]":
        """Find the places whose code uses a name. Raises NotInRepository."""
        from repomap.lookup.references import references

        return references(self.data, name, self._file_reader(), tokens, count, skip=skip)

    def outline(
        self,
        path: str,
        tokens: int = LOOKUP_TOKENS,
        count: CountTokens = count_tokens,
        *,
        members: bool = True,
        skip: int = 0,
    ) -> "Answer[Symbol]":
        """Show the definitions of a file, in source order. Raises NotInRepository.

        With ``members``, the file is parsed again, and fields and values of enums are shown, too.
        """
        from repomap.lookup.symbols import outline

        read = self._file_reader() if members else None
        return outline(self.data, path, read, tokens, count, skip=skip)

    def source(
        self,
        target: str,
        tokens: int = LOOKUP_TOKENS,
        count: CountTokens = count_tokens,
        *,
        numbered: bool = True,
        skip: int = 0,
    ) -> "Answer[Excerpt]":
        """Show the text of `PATH`, `PATH:FROM-TO`, `PATH:NAME` or a symbol. Raises NotInRepository."""
        from repomap.lookup.symbols import source

        read = self._file_reader()
        return source(self.data, target, read, tokens, count, numbered=numbered, skip=skip)

    def impact(
        self,
        diff: str = "",
        tokens: int = LOOKUP_TOKENS,
        count: CountTokens = count_tokens,
        *,
        targets: Sequence[str] = (),
        limit: int = IMPACT_LIMIT,
        depth: int = IMPACT_DEPTH,
        skip: int = 0,
    ) -> "Impact":
        """Find what a change touches: definitions, callers, tests to run, files that change with it.

        The change is a unified diff, before or after it is applied, or all of the ``targets``: `PATH`,
        `PATH:NAME` or `NAME`. Each list has at most ``limit`` items; callers are followed for ``depth``
        steps. Raises BadRequest for a text that is no diff, NotInRepository for an unknown target.
        """
        from repomap.impact.impact import impact_of_diff, impact_of_targets

        if targets:
            return impact_of_targets(
                self.data, targets, limit=limit, depth=depth, budget_tokens=tokens, count=count, skip=skip
            )
        folder = os.path.realpath(self.root).replace(os.sep, "/")
        return impact_of_diff(
            *(self.data, diff, self._file_reader(), folder),
            limit=limit,
            depth=depth,
            budget_tokens=tokens,
            count=count,
            skip=skip,
        )

    def users(
        self, definition: "ChangedDefinition", tokens: int = LOOKUP_TOKENS, count: CountTokens = count_tokens
    ) -> "Users":
        """Find who uses a changed or removed definition and which tests do, with the lines of their uses.

        ``tokens`` limits the lines that are read.
        """
        from repomap.impact.uses import users_of_change

        return users_of_change(self.data, definition, self._file_reader(), tokens, count)

    def ask_graph(
        self,
        question: str,
        *targets: str,
        depth: int = 1,
        limit: int = GRAPH_LIMIT,
        tokens: int = LOOKUP_TOKENS,
        count: CountTokens = count_tokens,
        skip: int = 0,
    ) -> "Answer[Any]":
        """Ask one of `graph_queries.questions.QUESTIONS`; `deps`, `rdeps` and `path` are about targets.

        Raises NotInRepository for an unknown target, BadRequest for an unknown question.
        """
        from repomap.graph_queries.questions import Question, ask

        asked = Question(question, targets, depth, limit, skip)
        return ask(self.data, asked, tokens, count)

    def map_diff(
        self,
        revision: str,
        tokens: int = LOOKUP_TOKENS,
        count: CountTokens = count_tokens,
        *,
        skip: int = 0,
    ) -> "Answer[FileChange]":
        """Find what changed in the map since a revision: files, definitions, signatures, ranks.

        The files that changed are parsed as they were then. Raises BadRequest where there is no such revision or
        too much changed, GitFailed, WorkersFailed.
        """
        from repomap.impact.map_diff import map_diff
        from repomap.index.revision import tags_at

        corpus = self.data.corpus
        then = tags_at(self.root, revision, corpus.paths, self.options)
        return map_diff(self.data, then, tokens, count, skip=skip)

    def _file_reader(self) -> ReadFile:
        """Make a function that reads files of the index, but no links and nothing below one.

        A file or folder may have been replaced by a link since the index was refreshed.
        """
        root = os.path.realpath(self.root)
        listed = frozenset(self.data.corpus.paths)

        @functools.cache
        def is_real(folder: str) -> bool:
            return os.path.normcase(os.path.realpath(folder)) == os.path.normcase(folder)

        def read(path: RepoPath) -> bytes | None:
            folder = os.path.normpath(os.path.join(root, path.rpartition("/")[0]))
            if path not in listed or not is_real(folder) or not self.options.may_show(path):
                return None
            return read_if_regular(os.fsencode(root) + b"/" + encode_path(path), LARGEST_LOOKUP_BYTES)

        return read


def build_map(root: Path, focus: Focus | None = None, tokens: int = DEFAULT_TOKENS) -> RepoMap:
    """Make the map of a folder that is read once. Use `Index` for more than one question.

    Raises what `Index.refresh` and `Index.map` raise.
    """
    return Index(root).map(focus, tokens)

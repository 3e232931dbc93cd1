"""[io] The folder that a chat works in: its files, and the index over them.

The index is opened in the background, because listing and parsing a repository can take longer than typing the
first request; the first question waits for it.
"""

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from chat.conversation.context_requests import Lookup, PathTable
from chat.errors import InputError
from chat.model import RepoPath
from chat.safety.masks import Masks
from chat.safety.running import writing_in
from chat.state.conventions import Encodings, ProjectConventions
from chat.state.outside_files import read_outside

if TYPE_CHECKING:
    from edits import DiskTree, FileChange, ParsedReply, Plan, Rules
    from repomap import Index

Result = TypeVar("Result")

LOOKUP_TOKENS = 800
"""The budget of one answer to a lookup."""
_SOURCE_TOKENS = 4 * LOOKUP_TOKENS
"""The budget of a definition or of lines that were asked for: they are what is edited next."""
_SLASH = re.compile("/")
_IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".ico", ".tiff", ".pdf")


def is_image(path: RepoPath) -> bool:
    """Return whether a path is that of an image, by its suffix.

    >>> is_image("docs/Logo.PNG"), is_image("logo.py")
    (True, False)
    """
    return path.lower().endswith(_IMAGE_SUFFIXES)


class Workspace:
    """The folder that the chat works in."""

    def __init__(
        self,
        root: Path,
        *,
        history: bool = True,
        encodings: Encodings = (),
        masks: Masks | None = None,
        store: str = "",
    ) -> None:
        self.root = root
        self._store = store
        """The URL of a store of parsed files; empty for none."""
        self._masks = masks or Masks()
        self.conventions = ProjectConventions(root, encodings)
        self._history = history
        """Whether the ranking may read the git history."""
        self._outside: frozenset[RepoPath] = frozenset()
        """Absolute paths of the user's own files, which are only read."""
        self._created: dict[RepoPath, Sequence[Path]] = {}
        """The files that were made here, each with the folders that were made for it, the innermost first."""
        self._lock = threading.RLock()
        self._index: Future[Index] | None = None
        self._table: tuple[tuple[RepoPath, ...], PathTable] | None = None
        self._symbols: tuple[str, ...] | None = None
        self._may_show: Callable[[RepoPath], bool] = lambda path: True  # noqa: ARG005

    # The index

    def warm_up(self) -> None:
        """Open the index in the background, once."""
        self._opening()

    def _opening(self) -> "Future[Index]":
        with self._lock:
            if self._index is None:
                self._index = Future()
                threading.Thread(target=self._open, args=(self._index,), name="index", daemon=True).start()
            return self._index

    def _open(self, future: "Future[Index]") -> None:
        try:
            from repomap import Index, IndexOptions, open_store

            stores = (open_store(self._store),) if self._store else ()
            options = IndexOptions(history=self._history, may_show=self._is_shown, stores=stores)
            index = Index(self.root, options)
            index.refresh()
            future.set_result(index)
        except BaseException as error:
            with self._lock:
                self._index = None  # the next question tries again: there may be a first file then
            future.set_exception(error)

    def ask(self, question: "Callable[[Index], Result]", *, refresh: bool = False) -> Result:
        """Return what the index answers, one question at a time; ``refresh`` looks at the disk first.

        Raises RepoMapError.
        """
        opening = self._opening()
        was_open = opening.done()  # an index that was just opened has looked at the disk already
        index = opening.result()
        with self._lock:
            if refresh and was_open:
                index.refresh()
            return question(index)

    def is_ready(self) -> bool:
        """Return whether a question would be answered without waiting for the index."""
        opening = self._index
        return opening is not None and opening.done() and opening.exception() is None

    def symbols(self) -> tuple[str, ...]:
        """Return every name that the repository defines, sorted."""
        if self._symbols is None:
            self._symbols = self.ask(lambda index: index.names())
        return self._symbols

    def paths(self, *, refresh: bool = False) -> tuple[RepoPath, ...]:
        """Return every file of the repository, sorted; none for an empty one. ``refresh`` looks at the disk."""
        from repomap import NotMappable

        try:
            return self.ask(lambda index: index.paths(), refresh=refresh)
        except NotMappable:
            return ()

    def path_table(self) -> PathTable:
        """Return the files of the repository by what a model or a user may call them."""
        paths = self.paths()
        if self._outside:
            paths = (*paths, *sorted(self._outside))
        if self._table is None or self._table[0] != paths:
            self._table = (paths, PathTable(paths))
        return self._table[1]

    def look_up(self, lookup: Lookup) -> str:
        """Return the index's answer to a lookup within its budget, or what was wrong with the question."""
        from repomap import RepoMapError

        try:
            return self.ask(lambda index: _look_up(index, lookup))
        except RepoMapError as error:
            return str(error)

    # Files

    def read(self, path: RepoPath) -> bytes | None:
        """Return the bytes of a file below the root, or of one outside that the user named; None if there is none."""
        return read_outside(path) if path in self._outside else self._tree().read(path)

    def allow_outside(self, paths: Iterable[RepoPath]) -> None:
        """Let these files outside the root be read, as absolute paths; the others of ``paths`` change nothing."""
        self._outside |= {path for path in paths if os.path.isabs(path)}

    def create(self, path: RepoPath) -> None:
        """Make an empty file below the root. Raises InputError where there may be none, or there is one."""
        reason = self._tree().forbidden(path)
        if reason:
            raise InputError(f"{path} was not created: {reason}.")
        full = self.root / path
        folders = [folder for folder in full.parents if not folder.exists()]
        try:
            full.parent.mkdir(parents=True, exist_ok=True)
            full.open("xb").close()
        except OSError as error:
            raise InputError(f"{path} was not created: {error.strerror}.") from error
        self._created[path] = folders

    def take_back_blank(self) -> tuple[RepoPath, ...]:
        """Remove the files that `create` made and that are still empty, with folders made for them; return them."""
        blank = tuple(path for path in self._created if self.is_blank(path))
        for path in blank:
            with suppress(OSError):  # somebody else may be faster, or have put a file into the folder
                (self.root / path).unlink()
                for folder in self._created.pop(path):
                    folder.rmdir()
        return blank

    def _is_shown(self, path: RepoPath) -> bool:
        return self._may_show(path)

    def show_only(self, may_show: Callable[[RepoPath], bool]) -> None:
        """Let lookups show lines of those files only for which this is true."""
        self._may_show = may_show

    def is_blank(self, path: RepoPath) -> bool:
        """Return whether a file was made by `create` and is still empty, so that it holds nothing of the user's."""
        return path in self._created and self.read(path) == b""

    def is_file(self, path: RepoPath) -> bool:
        """Return whether there is a readable regular file of this name, below the root or named by the user."""
        if path in self._outside:
            return read_outside(path) is not None
        tree = self._tree()
        return tree.has(path) and not tree.unreadable(path)

    def _tree(self) -> "DiskTree":
        from edits import DiskTree

        return DiskTree(str(self.root))

    def text(self, path: RepoPath) -> str | None:
        """Return the text of a file with LF line ends; None if there is no file or it is binary."""
        content = self.read(path)
        text = None if content is None else self.conventions.text(path, content)
        if text is not None:
            self._masks.learn_file(path, text)
        return text

    # Edits

    def plan(self, reply: "ParsedReply", held: "Mapping[RepoPath, FileChange]", rules: "Rules") -> "Plan":
        """Return what a reply does to the files, on top of changes that are held and not written yet."""
        from edits import ChangedTree, plan_edits

        disk = self._tree()
        plan = plan_edits(reply, ChangedTree(disk, held.values()) if held else disk, rules)
        for path in sorted({result.path for result in plan.results if result.path}):
            self._learn(path, disk.read(path))
        for change in plan.changes:
            self._learn(change.path, change.after)
        return plan

    def _learn(self, path: RepoPath, content: bytes | None) -> None:
        if content:
            self._masks.learn_file(path, content.decode("utf-8", "replace"))

    def write(self, changes: "Sequence[FileChange]") -> tuple[RepoPath, ...]:
        """Write all changes or none. Raises EditError."""
        from edits import write_changes

        fulls = (os.path.realpath(self.root / change.path) for change in changes)
        with writing_in(os.path.dirname(full) for full in fulls):
            return write_changes(changes, str(self.root))

    def remove_leftovers(self, paths: Iterable[RepoPath]) -> None:
        """Remove the temporary files of a killed write, which would pass for the user's files."""
        from edits import remove_leftovers

        remove_leftovers(paths, str(self.root))


def _look_up(index: "Index", lookup: Lookup) -> str:
    from repomap import Focus

    match lookup.kind:
        case "find":
            return index.find(lookup.argument, LOOKUP_TOKENS).text
        case "refs":
            return index.references(lookup.argument, LOOKUP_TOKENS).text
        case "show":
            return index.source(lookup.argument, _SOURCE_TOKENS, numbered=False).text
        case "map":
            folder, words = folder_and_words(lookup.argument, index.paths())
            return index.map(Focus(request=words), LOOKUP_TOKENS, within=folder).text
        case "past":
            return ""  # the index knows no conversation


def folder_and_words(argument: str, paths: Iterable[RepoPath]) -> tuple[RepoPath, str]:
    """Read what a map is asked for: a folder that it is limited to, "" for none, and words.

    The folder comes first, by its path or by the end of one that no other folder has.

    >>> folder_and_words("src/shop/ session cookie", ["src/shop/session.py"])
    ('src/shop', 'session cookie')
    >>> folder_and_words("session cookie", ["src/shop/session.py"])
    ('', 'session cookie')
    """
    folders = {path[: at.start()] for path in paths for at in _SLASH.finditer(path)}
    first, _, rest = argument.strip().partition(" ")
    for name, words in ((argument.strip(), ""), (first, rest.strip())):
        folder = name.strip("`\"'").replace("\\", "/").removeprefix("./").strip("/")
        if folder in folders:
            return folder, words
        ends = [path for path in folders if path.endswith(f"/{folder}")] if folder else []
        if len(ends) == 1 and (not words or "/" in name):
            return ends[0], words
    return "", argument

"""[io] The files of the chat: added by what a user calls them, dropped, listed."""

import os
import posixpath
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from chat.conversation.context_requests import PathTable
from chat.conversation.conversation import ShownFile, Span
from chat.conversation.file_patterns import is_named, select, similar
from chat.errors import InputError
from chat.model import RepoPath
from chat.prompt.next_prompt import with_waiting_files
from chat.results import ChatFile
from chat.safety.small_file import is_below
from chat.state.outside_files import files_outside, outside_name
from chat.state.state import State
from chat.state.workspace import is_image


class ChatFiles:
    """The files of one chat, which the prompt shows and edits may change."""

    def __init__(self, state: State, folder: RepoPath = "") -> None:
        self._state = state
        self._folder = folder
        """The folder that the chat was started in; patterns are relative to it, else to the root."""

    def add(self, patterns: Sequence[str], *, read_only: bool = False) -> tuple[RepoPath, ...]:
        """Add files: paths, folders, globs, `path:from-to`; returns the new ones.

        Files outside the root can only be read. Raises InputError; then none was added.
        """
        conversation = self._state.conversation
        files: dict[RepoPath, ShownFile] = {}
        for pattern in patterns:
            for path, span in self._selected(pattern, read_only):
                if is_image(path):
                    raise InputError(
                        f"{path} is an image, which cannot be shown to the model here. Nothing was added."
                    )
                known = conversation.file(path)
                if known is not None and known.read_only is read_only and not span:
                    files |= {} if known.by_user else {path: replace(known, by_user=True)}
                else:
                    files[path] = ShownFile(
                        path,
                        used_turn=conversation.turn,
                        spans=(span,) if span else (),
                        read_only=read_only,
                        by_user=True,
                    )
        self._state.writer.put(conversation.with_files(files.values()))
        return tuple(files)

    def named(self, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
        """Return the files below the root that these patterns mean, in the chat or not. Raises InputError."""
        paths: dict[RepoPath, None] = {}
        for pattern in patterns:
            try:
                paths |= {path: None for path, _ in self._selected(pattern, read_only=False)}
            except InputError as error:
                raise InputError(f"There is no file {pattern} below {self._state.ports.root}.") from error
        return tuple(paths)

    def is_new(self, name: str) -> bool:
        """Return whether a name is that of a file below the root which could be made: there is none of that name.

        Raises InputError for one that git has and keeps off the disk: an empty file would take its place.
        """
        if name.endswith(("/", os.sep)) or set(name) & set("*?[:"):
            return False
        try:
            self._selected(name, read_only=False)
        except InputError:
            if outside_name(name, self._state.ports.root, self._folder):
                return False
        else:
            return False
        for path in {posixpath.normpath(posixpath.join(folder, name)) for folder in (self._folder, "")}:
            if reason := self._state.ports.left_out(path):
                raise InputError(f"{name} was not added: {reason}.")
        return True

    def similar(self, name: str) -> str:
        """Return a sentence with the files that may be meant by a name that is none's; "" if none is near."""
        return similar(name, self._state.ports.workspace.paths())

    def create(self, path: str, *, from_root: bool = False) -> RepoPath:
        """Make an empty file and add it; it is named from the folder of the chat, or from the root.

        Raises InputError.
        """
        name = os.path.join("" if from_root else self._folder, os.path.expanduser(path))
        if os.path.isabs(name):
            name = os.path.relpath(os.path.realpath(name), os.path.realpath(self._state.ports.root))
        full = os.path.normpath(name).replace(os.sep, "/")
        self._state.ports.workspace.create(full)
        self._state.writer.put(
            self._state.conversation.with_files(
                [ShownFile(full, used_turn=self._state.conversation.turn, by_user=True)]
            )
        )
        return full

    def take_back_blank(self) -> tuple[RepoPath, ...]:
        """Remove the files that `create` made and that are still empty, from the disk and the chat; return them."""
        paths = self._state.ports.workspace.take_back_blank()
        if paths:
            self._state.writer.put(self._state.conversation.without_files(paths))
        return paths

    def _selected(self, pattern: str, read_only: bool) -> tuple[tuple[RepoPath, Span | None], ...]:
        workspace, root = self._state.ports.workspace, self._state.ports.root
        if full := outside_name(pattern, root, self._folder):
            if not read_only:
                raise InputError(
                    f"{pattern} is outside {root}. Nothing was added; --read or /read-only shows the model a file "
                    "from there, which it cannot edit."
                )
            paths = files_outside(full)
            workspace.allow_outside(paths)
            return tuple((path, None) for path in paths)
        below = bool(self._folder) and not os.path.isabs(pattern)
        here = f"{self._folder}/{pattern}" if below else pattern
        for name in dict.fromkeys((here, pattern)):
            if workspace.is_file(name):
                return select(name, root, (), PathTable(()), workspace.is_file)
        if target := _target_outside(root, here):
            raise InputError(
                f"{pattern} is a link that leads out of {root}. Nothing was added; /read-only {target} shows the model "
                "the file."
            )
        paths, table = workspace.paths(), workspace.path_table()
        if here != pattern:
            with suppress(InputError):
                return select(here, root, paths, table, workspace.is_file)
        return select(pattern, root, paths, table, workspace.is_file)

    def drop(self, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
        """Drop the files that these patterns match, or all without a pattern; returns the dropped ones.

        The model is told of those that it was shown.
        """
        files = self._matching(self._state.conversation.files, patterns)
        dropped = tuple(file.path for file in files)
        conversation = self._state.conversation.without_files(dropped)
        shown = [file.path for file in files if file.digest]
        if shown:
            note = f"({', '.join(shown)}: no longer in the chat; do not edit.)"
            conversation = conversation.with_note(note)
        self._state.writer.put(conversation)
        return dropped

    def listed(self) -> tuple[ChatFile, ...]:
        """Return the files of the chat, in the order in which they were added, as the next prompt shows them."""
        files = self._state.conversation.files
        if not all(file.digest for file in files):
            shown = with_waiting_files(self._state)
            files = tuple(shown.file(file.path) or file for file in files)
        return tuple(ChatFile(file.path, file.read_only, file.tokens, bool(file.spans)) for file in files)

    def paths(self) -> tuple[RepoPath, ...]:
        """Return the files of the chat by their paths alone, at once."""
        return tuple(file.path for file in self._state.conversation.files)

    def editable(self, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
        """Return the editable files that these patterns match, or all without a pattern."""
        files = [file for file in self._state.conversation.files if not file.read_only]
        return tuple(file.path for file in self._matching(files, patterns))

    def _matching(self, files: Sequence[ShownFile], patterns: Sequence[str]) -> list[ShownFile]:
        if not patterns:
            return list(files)
        return [file for file in files if any(is_named(file.path, pattern) for pattern in patterns)]


def _target_outside(root: Path, path: str) -> str:
    """Return where a link below the root leads; "" where it is none, or leads to something below the root."""
    full = os.path.join(root, os.path.expanduser(path))
    target = os.path.realpath(full)
    leads_out = os.path.exists(target) and not is_below(target, os.path.realpath(root))
    return target if os.path.islink(full) and leads_out else ""

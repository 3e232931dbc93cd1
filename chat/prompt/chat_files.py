"""[io] The files of the chat: added by what a user calls them, dropped, listed."""

import os
from collections.abc import Sequence
from contextlib import suppress

from chat.conversation.context_requests import PathTable
from chat.conversation.conversation import ShownFile, Span
from chat.conversation.file_patterns import is_named, select
from chat.errors import InputError
from chat.model import RepoPath
from chat.results import ChatFile
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

        Raises InputError; then none was added.
        """
        conversation = self._state.conversation
        files: dict[RepoPath, ShownFile] = {}
        for pattern in patterns:
            for path, span in self._selected(pattern):
                if is_image(path):
                    raise InputError(
                        f"{path} is an image, which cannot be shown to the model here. Nothing was added."
                    )
                known = conversation.file(path)
                if known is None or known.read_only != read_only or span:
                    files[path] = ShownFile(
                        path,
                        used_turn=conversation.turn,
                        spans=(span,) if span else (),
                        read_only=read_only,
                        by_user=True,
                    )
        self._state.writer.put(conversation.with_files(files.values()))
        return tuple(files)

    def _selected(self, pattern: str) -> tuple[tuple[RepoPath, Span | None], ...]:
        workspace, root = self._state.ports.workspace, self._state.ports.root
        below = bool(self._folder) and not os.path.isabs(pattern)
        here = f"{self._folder}/{pattern}" if below else pattern
        for name in dict.fromkeys((here, pattern)):
            if workspace.is_file(name):
                return select(name, root, (), PathTable(()), workspace.is_file)
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
        """Return the files of the chat, in the order in which they were added."""
        return tuple(
            ChatFile(file.path, file.read_only, file.tokens, bool(file.spans))
            for file in self._state.conversation.files
        )

    def editable(self, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
        """Return the editable files that these patterns match, or all without a pattern."""
        files = [file for file in self._state.conversation.files if not file.read_only]
        return tuple(file.path for file in self._matching(files, patterns))

    def _matching(self, files: Sequence[ShownFile], patterns: Sequence[str]) -> list[ShownFile]:
        if not patterns:
            return list(files)
        return [file for file in files if any(is_named(file.path, pattern) for pattern in patterns)]

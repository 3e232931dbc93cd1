"""The files of the chat: taken in by what a user calls them, let go, listed."""

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
from chat.state.workspace import IMAGES


def add(
    state: State, patterns: Sequence[str], below: RepoPath, *, read_only: bool = False
) -> tuple[RepoPath, ...]:
    """Takes files into the chat: paths, folders, globs, `path:from-to`; gives the new ones.

    Patterns are relative to ``below``, the folder that the chat was started in, else to the root.
    Raises InputError; then none was added.
    """
    conversation = state.conversation
    files: dict[RepoPath, ShownFile] = {}
    for pattern in patterns:
        for path, span in _selected(state, pattern, below):
            if path.lower().endswith(tuple(IMAGES)):
                raise InputError(f"{path}: the model cannot be shown images here; nothing was added.")
            known = conversation.file(path)
            if known is None or known.read_only != read_only or span:
                files[path] = ShownFile(
                    path,
                    used_turn=conversation.turn,
                    spans=(span,) if span else (),
                    read_only=read_only,
                    by_user=True,
                )
    state.put(conversation.with_files(files.values()))
    return tuple(files)


def _selected(state: State, pattern: str, below: RepoPath) -> tuple[tuple[RepoPath, Span | None], ...]:
    workspace = state.workspace
    here = f"{below}/{pattern}" if below and not os.path.isabs(pattern) else pattern
    for name in dict.fromkeys((here, pattern)):
        if workspace.is_file(name):
            return select(name, state.root, (), PathTable(()), workspace.is_file)
    paths, table = workspace.paths(), workspace.table()
    if here != pattern:
        with suppress(InputError):
            return select(here, state.root, paths, table, workspace.is_file)
    return select(pattern, state.root, paths, table, workspace.is_file)


def drop(state: State, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
    """Takes files out of the chat, and tells the model of those that it was shown; gives them."""
    gone = [
        seen for seen in state.conversation.files if any(is_named(seen.path, pattern) for pattern in patterns)
    ]
    conversation = state.conversation.without_files(seen.path for seen in gone)
    shown = [seen.path for seen in gone if seen.digest]
    if shown:
        conversation = conversation.with_note(f"({', '.join(shown)}: no longer in the chat; do not edit.)")
    state.put(conversation)
    return tuple(seen.path for seen in gone)


def listed(state: State) -> tuple[ChatFile, ...]:
    """The files of the chat, in the order in which they came."""
    return tuple(
        ChatFile(seen.path, seen.read_only, seen.tokens, bool(seen.spans))
        for seen in state.conversation.files
    )


def named(state: State, patterns: Sequence[str]) -> tuple[RepoPath, ...]:
    """The editable files of the chat that these patterns name; all of them without a pattern."""
    inside = state.conversation.editable
    return (
        tuple(path for path in inside if any(is_named(path, each) for each in patterns))
        if patterns
        else inside
    )

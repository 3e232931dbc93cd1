"""[io] The first message of a turn: the request, after the files that the user added or that have changed."""

from dataclasses import replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.conversation import Conversation, Span, digest_of
from chat.model import RepoPath
from chat.state.state import State
from chat.turn.granting import choose_excerpts


def begin_turn_prompt(state: State, request: str) -> tuple[Conversation, str]:
    """Return the conversation with the files that the request brings, and the text to send with it."""
    conversation = _without_changed(state, state.conversation)
    parts: list[str] = []
    for read_only, heading in ((True, prompts.READ_ONLY), (False, prompts.FILES_ADDED)):
        wanted = _not_shown_yet(conversation, read_only=read_only)
        excerpts = choose_excerpts(state, wanted, request, conversation, read_only=read_only, by_user=True)
        if excerpts:
            conversation = conversation.with_files(excerpt.file for excerpt in excerpts)
            parts.append("\n\n".join([heading, *(excerpt.text for excerpt in excerpts)]))
    conversation = _without_binary(state, conversation)
    return conversation, "\n\n".join([*parts, request])


def _not_shown_yet(conversation: Conversation, *, read_only: bool) -> dict[RepoPath, tuple[Span, ...]]:
    return {
        file.path: file.spans
        for file in conversation.files
        if not file.digest and file.read_only is read_only
    }


def _without_binary(state: State, conversation: Conversation) -> Conversation:
    """Drop the files of which there was nothing to show."""
    paths: list[RepoPath] = [file.path for file in conversation.files if not file.digest]
    for path in paths:
        state.ports.notice(f"{path} is not a text file, so the model is not shown it.", "warning")
    return conversation.without_files(paths)


def _without_changed(state: State, conversation: Conversation) -> Conversation:
    """Forget files that changed since the model knew them, and note that for the model.

    Those that the user added are shown again; the others are one request away.
    """
    for file in conversation.files:
        content = state.ports.workspace.read(file.path) if file.digest else None
        if not file.digest or (content is not None and digest_of(content) == file.digest):
            continue
        if content is not None and file.by_user:
            conversation = conversation.with_files([replace(file, digest="")])
            conversation = conversation.with_note(f"({file.path} has changed; its current text follows.)")
            continue
        note = f"({file.path} has changed since it was shown. Ask for it again if you need it.)"
        if content is None:
            note = f"({file.path} no longer exists.)"
        conversation = conversation.without_files([file.path]).with_note(note)
    return conversation

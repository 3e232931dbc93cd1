"""[io] What the model knows of files that it edits: those that it has to see again, and what it knows by its edits."""

from collections.abc import Sequence
from dataclasses import replace

from chat.conversation.conversation import Conversation, ShownFile, digest_of
from chat.model import RepoPath
from chat.prompt.budget import fits, whole_file_tokens
from chat.state.file_excerpt import WantedFile, choose_excerpt
from chat.state.state import State
from chat.state.tokens import count
from edits import FileChange


def show_again(
    state: State, paths: Sequence[RepoPath], request: str, *, anyway: Sequence[RepoPath]
) -> tuple[Conversation, list[str]]:
    """Return texts that show these files, and the conversation with them.

    Those that were shown whole and as they are now are left out, unless they are to be shown ``anyway``.
    """
    conversation = state.conversation
    texts: list[str] = []
    for path in paths:
        file, content = conversation.file(path), state.ports.workspace.read(path)
        is_known = file is not None and not file.spans and file.digest == digest_of(content or b"")
        if content is None or (is_known and path not in anyway):
            continue
        limit = whole_file_tokens(state.active)
        wanted = WantedFile(path, whole_tokens=limit, request=request, shown=file)
        excerpt = choose_excerpt(state.ports.workspace, wanted, conversation.turn)
        if excerpt is not None and fits(state.active, conversation, sum(map(count, [*texts, excerpt.text]))):
            conversation = conversation.with_files([excerpt.file])
            texts.append(excerpt.text)
    return conversation, texts


def with_edits(conversation: Conversation, changes: Sequence[FileChange]) -> Conversation:
    """Return the conversation once the model knows the files as its edits left them."""
    turn = conversation.turn
    for change in changes:
        file = conversation.file(change.path)
        if change.after is None:
            conversation = conversation.without_files([change.path])
        elif file is not None:
            tokens = file.tokens if file.spans else _tokens(change.after)
            digest = digest_of(change.after)
            conversation = conversation.with_files(
                [replace(file, digest=digest, tokens=tokens, used_turn=turn)]
            )
        elif change.before is None:
            digest = digest_of(change.after)
            new = ShownFile(
                change.path,
                digest=digest,
                tokens=_tokens(change.after),
                used_turn=turn,
                shown_digest=digest,
            )
            conversation = conversation.with_files([new])
    return conversation


def _tokens(content: bytes) -> int:
    return count(content.decode("utf-8", "replace"))

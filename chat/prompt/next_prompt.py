"""[io] The next prompt: the request, after the files that the user added or that have changed, and a map.

A turn begins with it, and whatever shows the user what will be sent makes it in the same way, on a draft of
the chat that is thrown away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chat.conversation import prompt_texts as prompts
from chat.conversation.conversation import Conversation, Span, digest_of
from chat.model import Prompt, RepoPath
from chat.prompt.budget import whole_file_tokens
from chat.prompt.maps import request_map
from chat.prompt.rules import prepare
from chat.prompt.trimming import trim
from chat.state.file_excerpt import FileExcerpt, WantedFile, choose_excerpt
from chat.state.state import PromptMap, State


def make_ready(state: State, request: str) -> None:
    """Make the beginning of the prompt where there is none, and let go of what the request does not need."""
    prepare(state)
    trim(state, request)


def begin_request(state: State, request: str) -> PromptMap:
    """Put a request into the conversation, with the files that it brings; returns the map to send with it."""
    conversation, text = _with_files(state, state.conversation, request)
    state.writer.put(conversation.with_request(text))
    return request_map(state, request)


@dataclass(frozen=True, slots=True)
class NextPrompt:
    """What a request would send."""

    conversation: Conversation
    request_map: PromptMap

    @property
    def prompt(self) -> Prompt:
        """The prompt, whether it fits or not."""
        return self.conversation.prompt(self.request_map.text)


def next_prompt(state: State, request: str) -> NextPrompt:
    """Return what a request would send now; the chat stays as it is.

    A compaction that is due is left out, since it calls a model.
    """
    draft = state.draft()
    make_ready(draft, request)
    prompt_map = begin_request(draft, request)
    return NextPrompt(draft.conversation, prompt_map)


def with_waiting_files(state: State) -> Conversation:
    """Return the conversation with the files as the next prompt shows them; the chat stays as it is."""
    draft = state.draft()
    conversation, _ = _with_files(draft, draft.conversation, "")
    return conversation


def _with_files(state: State, before: Conversation, request: str) -> tuple[Conversation, str]:
    """The conversation with the files that the request brings, and the text to send with it."""
    conversation = _without_changed(state, before)
    parts: list[str] = []
    for read_only, heading in ((True, prompts.READ_ONLY), (False, prompts.FILES_ADDED)):
        wanted = _not_shown_yet(conversation, read_only=read_only)
        excerpts = choose_excerpts(state, wanted, request, conversation, read_only=read_only, by_user=True)
        if excerpts:
            conversation = conversation.with_files(excerpt.file for excerpt in excerpts)
            parts.append("\n\n".join([heading, *(excerpt.text for excerpt in excerpts)]))
    conversation = _without_binary(state, conversation)
    return conversation, "\n\n".join([*parts, request])


def choose_excerpts(
    state: State,
    wanted: Mapping[RepoPath, tuple[Span, ...]],
    request: str,
    conversation: Conversation,
    *,
    read_only: bool = False,
    by_user: bool = False,
) -> list[FileExcerpt]:
    """Choose what to show of these files, of each the lines that are wanted in particular."""
    limit = whole_file_tokens(state.active)
    excerpts: list[FileExcerpt] = []
    for path, spans in wanted.items():
        known = conversation.file(path)
        shown = known if known is not None and known.digest else None
        excerpt = choose_excerpt(
            state.ports.workspace,
            WantedFile(path, spans, whole_tokens=limit, request=request, shown=shown),
            conversation.turn,
            read_only=read_only or bool(known and known.read_only),
            by_user=by_user,
        )
        excerpts += [excerpt] if excerpt else []
    return excerpts


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

"""[io] The two maps of a prompt, which share one budget: the overview map and the request map.

The overview map knows no request. It is near the beginning of the prompt, where the provider caches it.
The request map is made for one request and follows the last message of one call only, so that the prompt
before it stays what it was.
"""

from chat.conversation.conversation import Conversation
from chat.conversation.prompt_texts import MAP_HEADING, MORE_HEADING, OVERVIEW_HEADING
from chat.model import RepoPath
from chat.prompt.budget import ceiling, map_budget
from chat.state.state import PromptMap, State
from chat.state.tokens import count

_MIN_TOKENS = 64
"""A smaller map shows too little to be worth a heading."""
_OVERVIEW_SHARE = 4
"""The overview map gets one part in this many of the maps' budget."""
_MIN_REQUEST_SHARE = 0.5
"""Files of the chat make the request map smaller, down to this share of what the overview map leaves."""
_LINE_END_TOKENS = 2
"""What the line ends around a heading may cost."""
_HEADING_TOKENS = 1 + _LINE_END_TOKENS
"""The same, and the blank line after the last message."""


def overview_map(state: State) -> PromptMap:
    """Return the map for the beginning of the prompt."""
    budget = map_budget(state.active) // _OVERVIEW_SHARE - count(OVERVIEW_HEADING) - _LINE_END_TOKENS
    return _with_heading(OVERVIEW_HEADING, _map(state, "", (), budget))


def overview_tokens(conversation: Conversation) -> int:
    """Return what the overview map takes of the maps' budget."""
    text = conversation.base[0].text if conversation.base else ""
    start = text.find(OVERVIEW_HEADING)
    return count(text[start:]) if start >= 0 else 0


def request_map(state: State, request: str, *, share: float = 1.0) -> PromptMap:
    """Return the map for a request, within what the overview map leaves.

    Where the settings keep a map for longer than one request, it is the one that was made last.
    """
    chat_paths = _chat_paths(state)
    last_map = state.prompt.request_map
    if last_map is not None and not is_new_map_due(state, chat_paths):
        return last_map
    return state.prompt.keep_map(_new_request_map(state, request, share), chat_paths)


def is_new_map_due(state: State, files: tuple[RepoPath, ...]) -> bool:
    """Return whether the settings ask for a new map, with these files in the chat."""
    match state.settings.map_refresh:
        case "manual":
            return False
        case "files":
            return state.prompt.request_map is None or state.prompt.map_files != files
        case _:
            return True


def _new_request_map(state: State, request: str, share: float) -> PromptMap:
    left = map_budget(state.active) - overview_tokens(state.conversation)
    filled = sum(file.tokens for file in state.conversation.files) / max(1, ceiling(state.active))
    budget = int(left * share * max(_MIN_REQUEST_SHARE, 1 - filled)) - count(MAP_HEADING) - _HEADING_TOKENS
    return _with_heading(MAP_HEADING, _map(state, request, _chat_paths(state), budget))


def widened_map(state: State, request: str, shown: frozenset[RepoPath]) -> PromptMap:
    """Return more paths for a request than the maps have shown: the best ranked that fit, sorted."""
    from repomap import Focus

    left = map_budget(state.active) - overview_tokens(state.conversation)
    budget = left - count(MORE_HEADING) - _HEADING_TOKENS
    focus = Focus(request=request, chat=_chat_paths(state))
    paths: list[RepoPath] = []
    for file in state.ports.workspace.ask(lambda index: index.ranking(focus)):
        if file.path in shown:
            continue
        budget -= count(file.path) + 1
        if budget < 0:
            break
        paths.append(file.path)
    return _with_heading(
        MORE_HEADING, PromptMap("".join(f"{path}\n" for path in sorted(paths)), tuple(paths))
    )


def _chat_paths(state: State) -> tuple[RepoPath, ...]:
    return tuple(file.path for file in state.conversation.files)


def _map(state: State, request: str, chat_paths: tuple[RepoPath, ...], budget_tokens: int) -> PromptMap:
    from repomap import Focus, RepoMapError

    if budget_tokens < _MIN_TOKENS:
        return PromptMap()
    focus = Focus(request=request, chat=chat_paths)
    try:
        repo_map = state.ports.workspace.ask(lambda index: index.map(focus, budget_tokens), refresh=True)
    except RepoMapError as error:
        state.ports.notice(f"No map: {error}", "warning")
        return PromptMap()
    return PromptMap(repo_map.text, tuple(file.path for file in repo_map.files))


def _with_heading(heading: str, prompt_map: PromptMap) -> PromptMap:
    return PromptMap(f"{heading}\n{prompt_map.text}", prompt_map.paths) if prompt_map.text else prompt_map

"""What stands around the conversation: the rules, the pinned facts, the two maps; and whether it all fits.

Two maps share one budget. The stable one knows no request and stands near the beginning, where the
provider caches it. The focus map is made for this very request, stands at the end, and is sent in
one call only, so that the prompt before it stays what it was.
"""

from chat.conversation.prompt_texts import MAP_HEADING, MORE_HEADING, STABLE_HEADING, system_text
from chat.errors import PromptTooLarge
from chat.model import Message, ModelRole, Prompt, RepoPath
from chat.state.state import PromptMap, State
from chat.state.tokens import count, prompt_tokens

LEAST_MAP_TOKENS = 64
MOST_MAP_TOKENS, FEWEST_MAP_TOKENS = 4096, 1024
STABLE_SHARE = 4
"""The stable map takes one part in so many of the budget."""
_REPLY_RESERVE = 4096
_GUESS_MARGIN = 0.9
"""Our count of tokens is not every model's, so a window is filled up to this share."""
_DEFAULT_FORMAT = "diff"


def edit_format(state: State) -> str:
    """How the model is to write its edits."""
    chosen = state.settings.edit_format
    return _DEFAULT_FORMAT if chosen == "auto" else chosen


def ceiling(state: State) -> int:
    """The most tokens that a prompt may have: what the user says, else what the window leaves for it."""
    if state.settings.context_tokens:
        return state.settings.context_tokens
    window = state.model.window(ModelRole.MAIN)
    reserve = min(window.output_tokens or _REPLY_RESERVE, _REPLY_RESERVE, window.input_tokens // 4)
    return int(window.input_tokens * _GUESS_MARGIN) - reserve


def map_budget(state: State) -> int:
    """The tokens for all that a prompt says of files that are not in the chat."""
    asked = state.settings.map_tokens
    if asked is not None:
        return asked
    return max(FEWEST_MAP_TOKENS, min(MOST_MAP_TOKENS, ceiling(state) // 32))


def base(state: State, *, stable_map: bool) -> tuple[Message, ...]:
    """What stands before the log: the rules, the pinned facts, the stable map."""
    settings = state.settings
    parts = [system_text(edit_format(state), state.conversation.mode, settings.chat_language)]
    parts += [f"# {title}\n{text}" for title, text in state.prompt.pinned]
    if stable_map:
        budget = map_budget(state) // STABLE_SHARE - count(STABLE_HEADING) - 2
        shown = _map(state, "", budget)
        parts += [f"{STABLE_HEADING}\n{shown.text}"] if shown.text else []
    return (Message("system", "\n\n".join(part.strip("\n") for part in parts)),)


def stable_tokens(state: State) -> int:
    """What the stable map takes of the maps' budget."""
    text = state.conversation.base[0].text if state.conversation.base else ""
    at = text.find(STABLE_HEADING)
    return count(text[at:]) if at >= 0 else 0


def focus(state: State, request: str, *, share: float = 1.0) -> PromptMap:
    """The map for a request, within what the stable map leaves; files of the chat make it smaller.

    Where the settings keep a map for longer than a request, it is the one that was made last.
    """
    files = tuple(seen.path for seen in state.conversation.files)
    parts = state.prompt
    if parts.request_map is None or is_new_map_due(state, files):
        parts.request_map, parts.map_files = _focus(state, request, share), files
    return parts.request_map


def is_new_map_due(state: State, files: tuple[RepoPath, ...]) -> bool:
    """Whether the map that was made last is one for other files, or is to be made for each request."""
    match state.settings.map_refresh:
        case "manual":
            return False
        case "files":
            return state.prompt.request_map is None or state.prompt.map_files != files
        case _:
            return True


def _focus(state: State, request: str, share: float) -> PromptMap:
    budget = map_budget(state) - stable_tokens(state)
    filled = sum(seen.tokens for seen in state.conversation.files) / max(1, ceiling(state))
    return _headed(
        MAP_HEADING, _map(state, request, int(budget * share * max(0.5, 1 - filled)) - count(MAP_HEADING) - 3)
    )


def more(state: State, request: str, shown: frozenset[RepoPath]) -> PromptMap:
    """Paths that the maps before did not show, best first in the choice, sorted as they are listed."""
    from repomap import Focus

    budget = map_budget(state) - stable_tokens(state) - count(MORE_HEADING) - 3
    asked = Focus(request=request, chat=tuple(seen.path for seen in state.conversation.files))
    taken: list[RepoPath] = []
    for file in state.ports.workspace.ask(lambda index: index.ranking(asked)):
        if file.path in shown:
            continue
        budget -= count(file.path) + 1
        if budget < 0:
            break
        taken.append(file.path)
    return _headed(MORE_HEADING, PromptMap("".join(f"{path}\n" for path in sorted(taken)), tuple(taken)))


def _map(state: State, request: str, budget_tokens: int) -> PromptMap:
    from repomap import Focus, RepoMapError

    if budget_tokens < LEAST_MAP_TOKENS:
        return PromptMap()
    inside = tuple(seen.path for seen in state.conversation.files) if request else ()
    try:
        made = state.ports.workspace.ask(
            lambda index: index.map(Focus(request=request, chat=inside), budget_tokens), refresh=True
        )
    except RepoMapError as error:
        state.ports.notice(f"no map: {error}", "warning")
        return PromptMap()
    return PromptMap(made.text, tuple(file.path for file in made.files))


def _headed(heading: str, tail: PromptMap) -> PromptMap:
    return PromptMap(f"{heading}\n{tail.text}", tail.paths) if tail.text else tail


def checked(state: State, prompt: Prompt) -> Prompt:
    """The prompt, if it fits; without its tail, if that makes it fit. Raises PromptTooLarge."""
    limit = ceiling(state)
    if prompt_tokens(prompt) <= limit:
        return prompt
    bare = Prompt(prompt.messages)
    if prompt_tokens(bare) <= limit:
        return bare
    raise PromptTooLarge(
        f"the prompt has {prompt_tokens(bare)} tokens and the limit is {limit}; nothing was sent. "
        "Take files out with /drop, start afresh with /clear, or raise --context-tokens."
    )


def fits(state: State, more_tokens: int) -> bool:
    """Whether so many tokens more can be sent."""
    return prompt_tokens(state.conversation.prompt()) + more_tokens <= ceiling(state)

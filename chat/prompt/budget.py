"""How many tokens a prompt may have, how many of them its maps, and whether a prompt fits. Pure."""

from chat.conversation.conversation import Conversation
from chat.errors import PromptTooLarge
from chat.model import ModelRole, Prompt
from chat.state.active_settings import ActiveSettings
from chat.state.tokens import prompt_tokens

MIN_MAP_TOKENS, MAX_MAP_TOKENS = 1024, 4096
"""The bounds of the maps' budget where no setting names one."""
_MAP_SHARE = 32
"""Within them, the maps get one part in this many of the ceiling."""
_REPLY_RESERVE_TOKENS = 4096
_RESERVE_SHARE = 4
"""The reserve for the reply is at most one part in this many of the window."""
_WHOLE_FILE_TOKENS = 8_000
_WHOLE_FILE_SHARE = 10
"""A file of up to this many tokens, or one part in this many of the window, is shown whole."""
_GUESS_MARGIN = 0.9
"""Our token count is not every model's, so a window is filled up to this share."""


def ceiling(active: ActiveSettings) -> int:
    """Return the most tokens that a prompt may have: as set, else what the window leaves beside a reply."""
    if active.settings.context_tokens:
        return active.settings.context_tokens
    window = active.model.window(ModelRole.MAIN)
    reserve = min(
        window.output_tokens or _REPLY_RESERVE_TOKENS,
        _REPLY_RESERVE_TOKENS,
        window.input_tokens // _RESERVE_SHARE,
    )
    return int(window.input_tokens * _GUESS_MARGIN) - reserve


def whole_file_tokens(active: ActiveSettings) -> int:
    """Return the size up to which a file is shown whole at once, however the model came to ask for it."""
    share = active.model.window(ModelRole.MAIN).input_tokens // _WHOLE_FILE_SHARE
    return min(max(_WHOLE_FILE_TOKENS, share), ceiling(active) // 2)


def map_budget(active: ActiveSettings) -> int:
    """Return the tokens for both maps: as set, else by the ceiling."""
    budget = active.settings.map_tokens
    if budget is not None:
        return budget
    return max(MIN_MAP_TOKENS, min(MAX_MAP_TOKENS, ceiling(active) // _MAP_SHARE))


def within_ceiling(active: ActiveSettings, prompt: Prompt) -> Prompt:
    """Return the prompt if it fits, else without its request map. Raises PromptTooLarge if that is too long."""
    limit = ceiling(active)
    if prompt_tokens(prompt) <= limit:
        return prompt
    without_map = Prompt(prompt.messages)
    tokens = prompt_tokens(without_map)
    if tokens <= limit:
        return without_map
    raise PromptTooLarge(
        f"The prompt has {tokens} tokens and the limit is {limit}; nothing was sent. "
        "Drop files with /drop, start over with /clear, or raise --context-tokens."
    )


def fits(active: ActiveSettings, conversation: Conversation, more_tokens: int) -> bool:
    """Return whether a conversation and this many more tokens fit the ceiling."""
    return prompt_tokens(conversation.prompt()) + more_tokens <= ceiling(active)

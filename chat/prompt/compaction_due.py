"""When a prompt is due to be compacted: it is over its threshold, or carrying the log costs more than a summary."""

from chat.conversation.conversation import Conversation
from chat.conversation.excerpts import shows
from chat.prompt.budget import ceiling
from chat.state.active_settings import ActiveSettings
from chat.state.tokens import count, prompt_tokens

_LOG_SHARE = 16
"""From one part in this many of the ceiling on, the log is summarised where that pays."""
_CALLS_PER_TURN = 3
_CACHED_PRICE = 0.1
"""The price of cached tokens, as a share of that of others."""


def threshold(active: ActiveSettings) -> int:
    """Return the tokens above which a prompt is compacted; 0 for never."""
    setting = active.settings.compact_at
    return int(setting * ceiling(active)) if setting <= 1 else int(setting)


def is_due(active: ActiveSettings, conversation: Conversation) -> bool:
    """Return whether the prompt is over its threshold, or its log costs more than a summary would."""
    limit = threshold(active)
    if not limit or not conversation.entries:
        return False
    return prompt_tokens(conversation.prompt()) > limit or _is_costly(active, conversation)


def _is_costly(active: ActiveSettings, conversation: Conversation) -> bool:
    """Whether the log since the last compaction has cost about as much as a compaction does.

    Each call sends the log at the price of cached tokens, and it grew from nothing: on average, half of it.
    A compaction sends it once to be summarised, and everything else uncached.
    """
    log_tokens = _log_tokens(conversation)
    turns = len({entry.turn for entry in conversation.entries})
    carried = log_tokens / 2 * turns * _CALLS_PER_TURN * _CACHED_PRICE
    is_large = log_tokens > ceiling(active) // _LOG_SHARE
    return is_large and carried > prompt_tokens(conversation.prompt())


def _log_tokens(conversation: Conversation) -> int:
    """The tokens of the log, without the files that were shown."""
    user_paths = [file.path for file in conversation.files if file.by_user]
    texts = [entry.message.text for entry in conversation.entries if entry.kind != "context"]
    return sum(count(text) for text in texts if not any(shows(text, path) for path in user_paths))

"""What the main prompt gets of an agent's work: a heading with its cost, and its result within a cap. Pure."""

from collections.abc import Callable

from chat.conversation import prompt_texts as prompts
from chat.display.amounts import token_count, usd
from chat.model import Usage
from chat.safety.printable import on_one_line

_TASK_CHARS = 100
_WORDS_OF_TOKEN = 0.6
"""So many words of English a token is, with room for paths."""
_LEAST_TOKENS = 40

Shorten = Callable[[str, int], str]
"""(text, tokens) → the text within this many tokens."""


def spent(usage: Usage) -> str:
    """Say what an agent has taken.

    >>> spent(Usage(3, 12_000, 0, 340, 0.0123))
    '3 replies, 12k tokens, $0.01'
    """
    replies = "1 reply" if usage.calls == 1 else f"{usage.calls} replies"
    parts = [replies, f"{token_count(usage.tokens)} tokens"]
    return ", ".join([*parts, *([usd(usage.cost_usd)] if usage.cost_usd else [])])


def report(
    name: str,
    task: str,
    result: str,
    usage: Usage,
    max_tokens: int,
    shorten: Shorten,
    count: Callable[[str], int],
) -> str:
    """Return what the prompt gets of a result."""
    head = prompts.AGENT_REPORT.format(name=name, task=on_one_line(task, _TASK_CHARS), spent=spent(usage))
    return _within(head, result.strip() or "(It said nothing.)", max_tokens, shorten, count)


def failure(
    name: str,
    task: str,
    reason: str,
    said: str,
    usage: Usage,
    max_tokens: int,
    shorten: Shorten,
    count: Callable[[str], int],
) -> str:
    """Return what the prompt gets of an agent that did not finish, with what it said last."""
    head = prompts.AGENT_FAILED.format(
        name=name,
        task=on_one_line(task, _TASK_CHARS),
        spent=spent(usage),
        reason=on_one_line(reason, 4 * _TASK_CHARS),
    )
    return _within(head, f"It said last:\n{said.strip()}" if said.strip() else "", max_tokens, shorten, count)


def _within(head: str, text: str, max_tokens: int, shorten: Shorten, count: Callable[[str], int]) -> str:
    left = max(_LEAST_TOKENS, max_tokens - count(head) - 4)
    return "\n\n".join(filter(None, (head, shorten(text, left) if text else "")))


def words_within(max_tokens: int) -> int:
    """Return how many words an agent is asked for at most.

    >>> words_within(1000)
    600
    """
    return int(max_tokens * _WORDS_OF_TOKEN) // 10 * 10

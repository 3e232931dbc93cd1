"""Decides whether a reply arrived complete; one that did not is never used.

Pure. What counts as proof of a reply's end:

- Every provider that litellm reaches over its HTTP clients with events, JSON lines or plain JSON
  (OpenAI and all that speak its API, Anthropic, Gemini, Vertex, Ollama, Cohere, …): the end was read
  from the bytes themselves, and every piece of the stream could be read. See `stream_end`.
- Binary streams (Bedrock, whose frames litellm checks by their checksums) and clients that cannot be
  watched: litellm's record of the end that the provider sent, and never the `stop` that it reports
  where none was sent. Without such a record a streamed reply does not count.
- A plain reply: its body was complete by HTTP's own rules, and valid.
"""

import unicodedata
from collections.abc import Sequence
from typing import Literal

from chat.llm import failures
from chat.llm.call import CallFailed
from chat.llm.failures import short_detail
from chat.llm.replies.stream_end import Finish, HttpExchange, finish_of


def check_complete(
    exchange: HttpExchange, received_finish: str, text: str, secrets: Sequence[str] = ()
) -> Literal["stop", "length"]:
    """Return how a reply ended. Raises CallFailed if its end was not seen, or if it is not a reply.

    ``received_finish`` is the end that litellm has on record as sent by the provider, "" for none.
    """
    end = how_it_ended(exchange, received_finish)
    if exchange.kind == "unknown" and exchange.bytes_read and not text:
        raise CallFailed(failures.NOT_A_MODEL, short_detail(exchange.content_type))
    if end == "filtered":
        raise CallFailed(failures.FILTERED, short_detail(exchange.finish))
    if end not in ("stop", "length"):
        named = f"the server ended it with {exchange.finish!r}" if exchange.finish else ""
        raise CallFailed(failures.CUT, short_detail(exchange.damage or named, secrets))
    if not has_visible_text(text):
        raise CallFailed(failures.EMPTY if end == "stop" else failures.EMPTY_AT_LIMIT)
    return end


def has_visible_text(text: str) -> bool:
    """Whether a text holds more than white space, control and formatting characters.

    >>> has_visible_text("Yes."), has_visible_text(" \\u200b\\ufeff\\n")
    (True, False)
    """
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)


def how_it_ended(exchange: HttpExchange, received_finish: str) -> Finish:
    """Return how a reply ended by the best proof that there is, "" if its end was not seen."""
    if exchange.damage:
        return "broken"
    if exchange.kind in ("events", "lines", "json"):
        return exchange.ended
    return finish_of(received_finish) if received_finish else ""

"""Makes one attempt at a call through litellm: the call in, a complete `Reply` or `CallFailed` out."""

import warnings
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from chat.errors import Unreachable
from chat.events import Emit, ReasoningChunk, TextChunk
from chat.llm import failures
from chat.llm.call import Call, CallFailed
from chat.llm.failures import Failure, advise, short_detail
from chat.llm.options import CONNECT_S
from chat.llm.processes.call_thread import CallThread, TimedOut, Timeouts
from chat.llm.processes.litellm_loader import Library
from chat.llm.replies.completeness import check_complete
from chat.llm.replies.http_watch import watched
from chat.llm.replies.stream_end import HttpExchange
from chat.llm.replies.thinking import ThinkingSplitter
from chat.llm.replies.usage import usage_by_own_count, usage_of_server
from chat.llm.server_words import server_words
from chat.model import Reply, Usage

MAX_REPLY_CHARS = 8 << 20
"""No model writes as much, so whatever does is not a model."""


@dataclass(frozen=True, slots=True)
class ReplyPiece:
    """The content of one chunk of a reply."""

    text: str = ""
    reasoning: str = ""
    usage: Any = None
    received_finish: str = ""
    """The end that litellm has on record, if it is one that the provider sent."""


@dataclass(slots=True)
class PartialReply:
    """A reply as far as it has come; ``emit`` gets each part of it at once."""

    emit: Emit
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    usage: Any = None
    received_finish: str = ""
    chars: int = 0
    _splitter: ThinkingSplitter = field(default_factory=ThinkingSplitter)

    def take(self, piece: ReplyPiece) -> None:
        """Take in the next piece. Raises CallFailed if the reply is longer than any can be."""
        self.usage = piece.usage or self.usage
        self.received_finish = piece.received_finish or self.received_finish
        self.chars += len(piece.text) + len(piece.reasoning)
        if self.chars > MAX_REPLY_CHARS:
            raise CallFailed(failures.TOO_LONG)
        reasoning, text = self._splitter.take(piece.text)
        self._add(piece.reasoning + reasoning, text)

    def end(self) -> None:
        """Take in what the splitter held back: there are no more pieces."""
        self._add(*self._splitter.rest())

    def _add(self, reasoning: str, text: str) -> None:
        if reasoning:
            self.reasoning.append(reasoning)
            self.emit(ReasoningChunk(reasoning))
        if text:
            self.text.append(text)
            self.emit(TextChunk(text))


class Attempt:
    """One attempt at a call, by the library that makes it."""

    def __init__(self, call: Call, library: Library) -> None:
        self.call = call
        self.exchange = HttpExchange()
        """The HTTP exchange so far."""
        self._library = library
        self._streams = bool(call.arguments["stream"])

    def reply(self, emit: Emit) -> Reply:
        """Return the complete reply. Raises CallFailed."""
        try:
            return self._reply(emit)
        except CallFailed as failure:
            failure.retry_after = self.exchange.retry_after
            raise

    def _reply(self, emit: Emit) -> Reply:
        self.exchange, partial = HttpExchange(), PartialReply(emit)
        try:
            timeouts = Timeouts(self.call.deadline, CONNECT_S, self.call.stall_s)
            with closing(iter(CallThread(self._pieces, self.exchange, timeouts))) as pieces:
                for piece in pieces:
                    partial.take(piece)
            partial.end()
        except TimedOut as timeout:
            raise CallFailed(_TIMEOUTS[timeout.phase]) from timeout
        except TimeoutError as error:
            raise CallFailed(failures.OUT_OF_TIME) from error
        except CallFailed:
            raise
        except Exception as error:
            raise self._failure(error) from error
        if self.exchange.kind == "json" and self._streams and not partial.text:
            self._streams = False  # the server does not stream, whatever it is asked for
            return self._reply(emit)
        return self._checked(partial)

    def _arguments(self) -> dict[str, Any]:
        arguments = dict(self.call.arguments)
        if not self._streams:
            arguments.pop("stream_options", None)
        return arguments | {"stream": self._streams}

    def _pieces(self) -> Iterator[ReplyPiece]:
        """Yield the reply as litellm gives it; runs in the call's own thread."""
        litellm = self._library.get(self.call.deadline)
        if self.call.own_entries:
            litellm.register_model(dict(self.call.own_entries))
        warnings.filterwarnings("ignore", module=r"(litellm|openai|pydantic|httpx)\b")  # for their authors
        with watched(self.exchange):
            answer = litellm.completion(**self._arguments())
            if not self._streams:
                yield _whole(answer)
                return
            for chunk in answer:
                yield _piece(chunk)
            yield ReplyPiece(received_finish=str(getattr(answer, "received_finish_reason", None) or ""))

    def _failure(self, error: Exception) -> CallFailed:
        exchange, causes = self.exchange, list(_chain(error))
        said = exchange.location or server_words(exchange.refusal) or exchange.damage or str(error)
        detail = short_detail(said, self.call.secrets)
        failure = Failure(
            frozenset(base.__name__ for cause in causes for base in type(cause).__mro__),
            status=0 if exchange.status == 200 else exchange.status,
            detail=f"{said}\n{error}",
            unconnected=exchange.sent and not exchange.connected,
            answered=exchange.status == 200,
        )
        advice = advise(failure)
        if advice.error is Unreachable:  # litellm says no more than "connection error"
            detail = short_detail(str(causes[-1]))
        return CallFailed(advice, detail)

    def _checked(self, partial: PartialReply) -> Reply:
        """The reply, if it arrived complete. Raises CallFailed."""
        text, reasoning = "".join(partial.text), "".join(partial.reasoning)
        end = check_complete(self.exchange, partial.received_finish, text, self.call.secrets)
        usage = self._usage(partial.usage, text + reasoning)
        return Reply(text, end, usage, self.call.route.model, reasoning)

    def _usage(self, usage: Any, written: str) -> Usage:
        is_reported = self.exchange.reports_usage or self.exchange.kind in ("binary", "unknown")
        reported = usage if is_reported else None
        counts = usage_of_server(reported, usage_by_own_count(self.call.prompt_tokens, written))
        return replace(counts, cost_usd=self._cost_usd(counts, reported))

    def _cost_usd(self, counts: Usage, reported: Any) -> float | None:
        """Return the cost by litellm's own table and rules, or None if the model has no price there.

        What the server reported may add to it, such as writes to a cache, but not take from it.
        """
        if self.call.route.free:
            return 0.0
        by_count = self._price(
            prompt_tokens=counts.prompt_tokens,
            completion_tokens=counts.completion_tokens,
            cache_read_input_tokens=counts.cached_tokens,
        )
        if by_count is None or reported is None or reported.prompt_tokens != counts.prompt_tokens:
            return by_count
        return max(by_count, self._price(usage_object=reported) or 0.0)

    def _price(self, **tokens: Any) -> float | None:
        if self.call.priced:
            with suppress(Exception):  # litellm raises plain ones for models without a price
                return float(sum(self._library.get().cost_per_token(model=self.call.route.model, **tokens)))
        return None


_TIMEOUTS = {
    "connect": failures.UNCONNECTED,
    "stall": failures.STALLED,
    "deadline": failures.OUT_OF_TIME,
}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _piece(chunk: Any) -> ReplyPiece:
    """One chunk of a stream from litellm."""
    delta = chunk.choices[0].delta if chunk.choices else None
    return ReplyPiece(
        str(getattr(delta, "content", None) or ""),
        str(getattr(delta, "reasoning_content", None) or ""),
        getattr(chunk, "usage", None),
    )


def _whole(answer: Any) -> ReplyPiece:
    """A reply that came at once. Its end is litellm's, which is right if the body was complete."""
    choice = answer.choices[0]
    return ReplyPiece(
        str(choice.message.content or ""),
        str(getattr(choice.message, "reasoning_content", None) or ""),
        getattr(answer, "usage", None),
        str(choice.finish_reason or ""),
    )

"""Makes one call through litellm: the arguments in, a complete `Reply` or `Failed` out.

What is known of a reply's end:

- Every provider that litellm reaches over its HTTP clients with events, JSON lines or plain JSON
  (OpenAI and all that speak its API, Anthropic, Gemini, Vertex, Ollama, Cohere, …): the end was read
  from the bytes themselves, and every piece of the stream could be read. See `chat.wire`.
- Binary streams (Bedrock, whose frames litellm checks by their sums) and clients that cannot be
  watched: litellm's record of the end that the provider sent, and never the `stop` that it reports
  where none was sent. Without such a record a streamed reply does not count.
- A plain reply: its body was whole, as HTTP tells, and valid.
"""

import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any

from chat.errors import ModelError, Unreachable
from chat.events import Emit, ReasoningChunk, TextChunk
from chat.llm import failures as advices
from chat.llm.call_thread import Attempt, Limits, Silent
from chat.llm.failures import Advice, Failure, advise, plain_words, worded
from chat.llm.http_watch import watched
from chat.llm.litellm_loader import Library
from chat.llm.local_servers import why_unreachable
from chat.llm.options import Route
from chat.llm.stream_end import Finish, Wire, finish_of
from chat.llm.thinking import Thinking
from chat.llm.usage import counted, told
from chat.model import Reply, Usage

CONNECT_S = 4.0
"""Until a connection is made; less than what the thread allows, so that it is this that decides."""
MAX_REPLY_CHARS = 8 << 20
"""No model writes as much: what does is no model."""


class Failed(Exception):
    """A call gave no complete reply; what to make of it stands in ``advice``."""

    def __init__(self, advice: Advice, words: str = "") -> None:
        self.advice = advice
        self.words = words
        self.retry_after = ""
        """As the server wrote it: when it wants to be asked again."""
        super().__init__(advice, words)  # as given, so that it can be pickled

    def __str__(self) -> str:
        return self.advice.what


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a reply brought."""

    text: str = ""
    reasoning: str = ""
    usage: Any = None
    finish: str = ""
    """The end that litellm has on record, where it is one that the provider sent."""


@dataclass(slots=True)
class Heard:
    """A reply as far as it has come; all of it is told to ``emit`` at once."""

    emit: Emit
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    usage: Any = None
    finish: str = ""
    chars: int = 0
    _thinking: Thinking = field(default_factory=Thinking)

    def take(self, piece: Piece) -> None:
        """The next piece. Raises Failed where the reply is longer than any."""
        self.usage, self.finish = piece.usage or self.usage, piece.finish or self.finish
        self.chars += len(piece.text) + len(piece.reasoning)
        if self.chars > MAX_REPLY_CHARS:
            raise Failed(advices.TOO_LONG)
        thought, text = self._thinking.take(piece.text)
        self._tell(piece.reasoning + thought, text)

    def end(self) -> None:
        """There are no more pieces."""
        self._tell(*self._thinking.rest())

    def _tell(self, reasoning: str, text: str) -> None:
        if reasoning:
            self.reasoning.append(reasoning)
            self.emit(ReasoningChunk(reasoning))
        if text:
            self.text.append(text)
            self.emit(TextChunk(text))


@dataclass(frozen=True, slots=True)
class Call:
    """A reply to be made: what is sent, and what all its tries share."""

    route: Route
    arguments: Mapping[str, Any]
    """Of `litellm.completion`."""
    prompt_tokens: int
    """By our own count."""
    own_entries: Mapping[str, Mapping[str, Any]]
    """What the user says of models, in the form of litellm's table."""
    priced: bool
    """Whether anybody knows what the model costs."""
    deadline: float
    """On the clock of `time.monotonic`."""
    stall_s: float
    secrets: tuple[str, ...] = ()

    def error(self, failed: Failed, tries: int) -> ModelError:
        """What the user is told when no other try is made."""
        return worded(
            failed.advice,
            model=self.route.model,
            where=self.route.where,
            words=failed.words,
            key=self.route.key_name,
            tries=tries,
        )


def reach(call: Call) -> None:
    """Looks for the call's server: one that is not there need not wait until litellm is loaded. Raises Failed."""
    if call.route.api_base:
        begun = time.monotonic()
        if why := why_unreachable(call.route.api_base, CONNECT_S):
            slow = time.monotonic() - begun > CONNECT_S / 2
            raise Failed(advices.UNCONNECTED if slow else advices.REFUSED, plain_words(why))


class Try:
    """One try of a call, by the library that makes it."""

    def __init__(self, call: Call, library: Library) -> None:
        self.call = call
        self.wire = Wire()
        """What it has seen so far."""
        self._library = library
        self._streams = bool(call.arguments["stream"])

    def reply(self, emit: Emit) -> Reply:
        """The complete reply. Raises Failed."""
        try:
            return self._reply(emit)
        except Failed as failed:
            failed.retry_after = self.wire.retry_after
            raise

    def _reply(self, emit: Emit) -> Reply:
        self.wire, heard = Wire(), Heard(emit)
        try:
            limits = Limits(self.call.deadline, CONNECT_S, self.call.stall_s)
            with closing(iter(Attempt(self._pieces, self.wire, limits))) as pieces:
                for piece in pieces:
                    heard.take(piece)
            heard.end()
        except Silent as silence:
            raise Failed(_SILENCES[silence.phase]) from silence
        except TimeoutError as error:
            raise Failed(advices.OUT_OF_TIME) from error
        except Failed:
            raise
        except Exception as error:
            raise self._failed(error) from error
        if self.wire.kind == "json" and self._streams and not heard.text:
            self._streams = False  # the server does not stream, whatever it is asked for
            return self._reply(emit)
        return self._complete(heard)

    def _arguments(self) -> dict[str, Any]:
        stated = dict(self.call.arguments)
        if not self._streams:
            stated.pop("stream_options", None)
        return stated | {"stream": self._streams}

    def _pieces(self) -> Iterator[Piece]:
        """The reply as litellm gives it; runs in the call's own thread."""
        litellm = self._library.get(self.call.deadline)
        if self.call.own_entries:
            litellm.register_model(dict(self.call.own_entries))
        warnings.filterwarnings("ignore", module=r"(litellm|openai|pydantic|httpx)\b")  # for their authors
        with watched(self.wire):
            answer = litellm.completion(**self._arguments())
            if not self._streams:
                yield _whole(answer)
                return
            for chunk in answer:
                yield _piece(chunk)
            yield Piece(finish=str(getattr(answer, "received_finish_reason", None) or ""))

    def _failed(self, error: Exception) -> Failed:
        wire, causes = self.wire, list(_chain(error))
        words = plain_words(wire.location or wire.damage or str(error), self.call.secrets)
        failure = Failure(
            frozenset(base.__name__ for cause in causes for base in type(cause).__mro__),
            0 if wire.status == 200 else wire.status,
            words,
            unconnected=wire.sent and not wire.connected,
            begun=wire.status == 200,
        )
        advice = advise(failure)
        if advice.error is Unreachable:  # litellm says no more than "connection error"
            words = plain_words(str(causes[-1]))
        return Failed(advice, words)

    def _complete(self, heard: Heard) -> Reply:
        """The reply, where its end was seen. Raises Failed."""
        text, reasoning = "".join(heard.text), "".join(heard.reasoning)
        end = self._end(heard)
        if self.wire.kind == "unknown" and self.wire.bytes_read and not text:
            raise Failed(advices.NOT_A_MODEL, plain_words(self.wire.content_type))
        if end == "filtered":
            raise Failed(advices.FILTERED, plain_words(self.wire.finish))
        if end not in ("stop", "length"):
            named = f"the server ended it with {self.wire.finish!r}" if self.wire.finish else ""
            raise Failed(advices.CUT, plain_words(self.wire.damage or named, self.call.secrets))
        if not text.strip() and end == "stop":
            raise Failed(advices.EMPTY)
        return Reply(text, end, self._usage(heard.usage, text + reasoning), self.call.route.model, reasoning)

    def _end(self, heard: Heard) -> Finish:
        wire = self.wire
        if wire.damage:
            return "broken"
        if wire.kind in ("events", "lines", "json"):
            return wire.ended
        return finish_of(heard.finish) if heard.finish else ""

    def _usage(self, usage: Any, written: str) -> Usage:
        theirs = self.wire.counted or self.wire.kind in ("binary", "unknown")
        found = told(usage, None) if theirs else None
        ours = found or counted(self.call.prompt_tokens, written, None)
        return Usage(
            1, ours.prompt_tokens, ours.cached_tokens, ours.completion_tokens, self._cost(found, usage, ours)
        )

    def _cost(self, found: Usage | None, usage: Any, ours: Usage) -> float | None:
        """By litellm's own table and rules, or None where the model has no price there."""
        if self.call.route.free:
            return 0.0
        litellm = self._library.get()
        counts: Mapping[str, Any] = (
            {"usage_object": usage}
            if found
            else {"prompt_tokens": ours.prompt_tokens, "completion_tokens": ours.completion_tokens}
        )
        if self.call.priced:
            with suppress(Exception):  # litellm raises plain ones for models without a price
                return float(sum(litellm.cost_per_token(model=self.call.route.model, **counts)))
        return None


_SILENCES = {
    "connect": advices.UNCONNECTED,
    "stall": advices.STALLED,
    "deadline": advices.OUT_OF_TIME,
}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _piece(chunk: Any) -> Piece:
    """One chunk of a stream as litellm gives it."""
    delta = chunk.choices[0].delta if chunk.choices else None
    return Piece(
        str(getattr(delta, "content", None) or ""),
        str(getattr(delta, "reasoning_content", None) or ""),
        getattr(chunk, "usage", None),
    )


def _whole(answer: Any) -> Piece:
    """A reply that came at once. Its end is litellm's, which holds where the body was whole."""
    choice = answer.choices[0]
    return Piece(
        str(choice.message.content or ""),
        str(getattr(choice.message, "reasoning_content", None) or ""),
        getattr(answer, "usage", None),
        str(choice.finish_reason or ""),
    )

"""Replies through the real litellm over real HTTP on loopback: what counts as one, and what does not."""

import _thread
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processes import until
from scripted_model import Answer, Request, ScriptedModel, failure, redirect, text_of, too_long, usage

from chat.errors import (
    BadCall,
    ModelError,
    NoModel,
    OutOfTime,
    Overloaded,
    ReplyCut,
    Unauthorized,
    UnknownModel,
    Unreachable,
    WindowExceeded,
)
from chat.events import Event, Notice, ReasoningChunk, ReplyEnded, ReplyStarted, Retrying, TextChunk
from chat.llm.lite_model import LiteModel
from chat.llm.options import ModelOptions
from chat.llm.processes.litellm_loader import LITELLM
from chat.model import Message, ModelRole, Prompt, Reply, Window

ROOT = Path(__file__).parents[3]
HI = Prompt((Message("system", "Be brief."), Message("user", "Hi")))
Start = Callable[..., ScriptedModel]
Make = Callable[..., LiteModel]


def ask(model: LiteModel, prompt: Prompt = HI) -> tuple[Reply, list[Event]]:
    """The reply of the main model, and what was told on the way."""
    events: list[Event] = []
    return model.reply(prompt, ModelRole.MAIN, events.append), events


def texts(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextChunk))


PROVIDERS = {
    "openai": ("openai/scripted", "/v1"),
    "anthropic": ("anthropic/claude-sonnet-4-5", ""),
    "gemini": ("gemini/gemini-2.5-flash", ""),
    "ollama": ("ollama_chat/scripted", ""),
}


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The name of a model and the path below which its provider answers."""
    return PROVIDERS[request.param]


def test_a_reply_streams_and_comes_whole(scripted: Start, lite: Make) -> None:
    """What was told piece by piece is what is handed back, with the call before and the reply after it."""
    server = scripted("Grüße aus der Maschine.")

    reply, events = ask(lite(server.base_url))

    assert (reply.text, reply.finish) == ("Grüße aus der Maschine.", "stop")
    assert texts(events) == reply.text
    assert sum(isinstance(event, TextChunk) for event in events) > 1
    assert isinstance(events[0], ReplyStarted)
    assert events[-1] == ReplyEnded(reply, ModelRole.MAIN)


def test_every_provider_gives_its_reply(scripted: Start, lite: Make, provider: tuple[str, str]) -> None:
    """The end is seen in each of the dialects."""
    server = scripted(Answer("one two three four", usage=None), Answer("five", finish="length"))
    name, path = provider
    model = lite(server.url + path, name)

    assert ask(model)[0].text == "one two three four"
    assert ask(model)[0].finish == "length"


def test_no_provider_invents_an_end(scripted: Start, lite: Make, provider: tuple[str, str]) -> None:
    """litellm says `stop` for all of these, and its caller would apply half a reply."""
    server = scripted(lambda request: Answer("a text that [DONE] ends nowhere", finish=None, done=False))
    name, path = provider

    with pytest.raises(ReplyCut, match="broke off"):
        ask(lite(server.url + path, name))


def test_an_unreadable_piece_makes_the_reply_void(
    scripted: Start, lite: Make, provider: tuple[str, str]
) -> None:
    """Some of litellm's readers skip what they cannot read, and the text has a hole that nobody sees."""
    server = scripted(Answer("one two three four five", garbage_after_chunks=2), "whole")
    name, path = provider

    reply, events = ask(lite(server.url + path, name))

    assert reply.text == "whole"
    assert any(isinstance(event, Retrying) for event in events)


EDIT = "a.py\n```python\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2 # ünï\n>>>>>>> REPLACE\n```\n"
REPLIES = (
    Answer(EDIT),
    Answer(EDIT * 3, chunk_chars=40, usage=usage(10, 20)),
    Answer("Done. [DONE]", done=False),
    Answer(EDIT, reasoning="Let me think.", chunk_chars=3),
    Answer("日本語のテキスト" * 5, piece_bytes=7),
)


def truncations(reply: Answer, points: int, *, clean: bool) -> list[Answer]:
    """The reply cut at so many places over all of its body up to its end; the last cuts off that end."""
    import dataclasses

    import scripted_dialects

    events = scripted_dialects.of("/chat/completions").events(reply, {"stream": True}, "")  # type: ignore[union-attr]
    before_end = b"".join(events).index(b'"finish_reason": "stop"') + len('"finish_reason": "sto')
    return [
        dataclasses.replace(reply, cut_after_bytes=1 + before_end * n // points, clean_end=clean)
        for n in range(points)
    ]


def check_truncations(server: ScriptedModel, lite: Make, points: int) -> None:
    model = lite(server.base_url)
    for _ in range(points * len(REPLIES)):
        with pytest.raises(ReplyCut):
            ask(model)
    assert server.overrun is False


def cut_four_times(points: int) -> Callable[[Request], Answer]:
    """A script that sends each cut to all four tries of a call."""
    cuts = [cut for n, reply in enumerate(REPLIES) for cut in truncations(reply, points, clean=n % 2 == 0)]
    repeated = iter([cut for cut in cuts for _ in range(4)])
    return lambda request: next(repeated)


def test_no_truncated_reply_is_a_reply(scripted: Start, lite: Make) -> None:
    """Wherever a stream is cut, with the connection broken or politely closed."""
    check_truncations(scripted(cut_four_times(8)), lite, 8)


@pytest.mark.slow
def test_no_truncated_reply_of_a_thousand_is_a_reply(scripted: Start, lite: Make) -> None:
    """The same at 200 places of each reply."""
    check_truncations(scripted(cut_four_times(200)), lite, 200)


def test_what_ends_as_it_may_is_a_reply(scripted: Start, lite: Make) -> None:
    """No `[DONE]`, one byte at a time, characters split between reads, SSE under another content type."""
    odd = [
        Answer("Grüße", done=False),
        Answer("Grüße", piece_bytes=1),
        Answer("Grüße", piece_bytes=3),
        Answer("Grüße", content_type="text/plain"),
    ]
    server = scripted(*odd)
    model = lite(server.base_url)

    assert [ask(model)[0].text for _ in odd] == ["Grüße"] * len(odd)
    assert len(server.calls) == len(odd)


def test_a_server_that_names_no_ends_at_all_may_end_with_done(scripted: Start, lite: Make) -> None:
    """Where no piece so much as leaves room for a reason, `[DONE]` is the only end there is."""
    pieces = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in ("Hel", "lo")]
    body = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
    server = scripted(Answer(body=body.encode(), content_type="text/event-stream"))

    assert ask(lite(server.base_url))[0].text == "Hello"


@pytest.mark.parametrize("finish", ["abort", "error", "never_heard_of"])
def test_an_end_by_failure_is_no_end(scripted: Start, lite: Make, finish: str) -> None:
    """litellm maps each of these to `stop`."""
    server = scripted(lambda request: Answer("half a reply", finish=finish))

    with pytest.raises(ReplyCut, match=finish):
        ask(lite(server.base_url))


def test_a_cut_reply_is_asked_again_as_a_whole(scripted: Start, lite: Make) -> None:
    """What had streamed is void, and is said to be."""
    server = scripted(Answer("first try", cut_after_bytes=300), "second try")

    reply, events = ask(lite(server.base_url))

    assert reply.text == "second try"
    assert [event.attempt for event in events if isinstance(event, Retrying)] == [1]


def test_a_plain_reply(scripted: Start, lite: Make) -> None:
    """Without streaming, the end stands in the one body."""
    server = scripted(Answer("whole", usage=usage(5, 1)), Answer("half", finish=None), "whole")
    model = lite(server.base_url, stream=False)

    assert ask(model)[0].text == "whole"
    assert ask(model)[0].text == "whole"
    assert "stream_options" not in server.calls[0].body


def test_a_server_that_cannot_stream_is_asked_without(scripted: Start, lite: Make) -> None:
    """It answers with JSON whatever it is asked for."""

    def plain(request: Request) -> Answer:
        choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
        return Answer(body=json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]}).encode())

    reply, _ = ask(lite(scripted(plain).base_url))

    assert reply.text == "Hello"


def test_reasoning_is_apart(scripted: Start, lite: Make) -> None:
    """Whether a server names it so or the text begins with it."""
    server = scripted(Answer("Yes.", reasoning="Let me see."), "<think>\nLet me see.\n</think>\n\nYes.")
    model = lite(server.base_url)

    for _ in range(2):
        reply, events = ask(model)
        assert (reply.text, reply.reasoning.strip()) == ("Yes.", "Let me see.")
        assert texts(events) == "Yes."
        assert any(isinstance(event, ReasoningChunk) for event in events)


def test_usage_is_the_servers(scripted: Start, lite: Make) -> None:
    """With what it had cached, at the price that litellm's table has."""
    server = scripted(Answer("Hello", usage=usage(1000, 100, cached=400)))

    used = ask(lite(server.base_url, "openai/gpt-4o"))[0].usage

    assert (used.calls, used.prompt_tokens, used.cached_tokens, used.completion_tokens) == (1, 1000, 400, 100)
    assert used.cost_usd == pytest.approx(600 * 2.5e-6 + 400 * 1.25e-6 + 100 * 1e-5)


@pytest.mark.parametrize(
    "reported",
    [
        usage(0, 0),
        usage(1, 1),
        usage(-1_000_000, -1_000_000),
        usage(-1_000_000, 2_000_000),
        usage(10**30, 10**30),
        usage(1, 1, cached=10**9),
        usage(1, 1, cached=1000),
        usage(1, 1, cached=-(10**9)),
    ],
)
def test_no_usage_is_believed_below_what_was_counted_here(
    scripted: Start, lite: Make, reported: dict[str, Any]
) -> None:
    """Else a server could take a session past every limit on tokens and US dollars."""
    text = "word " * 500
    counted = ask(lite(scripted(text).base_url, "openai/gpt-4o"))[0].usage

    used = ask(lite(scripted(Answer(text, usage=reported)).base_url, "openai/gpt-4o"))[0].usage

    assert counted.cost_usd
    assert used.cost_usd
    assert used.prompt_tokens == counted.prompt_tokens
    assert 0 <= used.cached_tokens <= used.prompt_tokens
    assert used.completion_tokens >= counted.completion_tokens == 501
    assert used.cost_usd >= 0.99 * counted.cost_usd


def test_usage_that_a_server_keeps_to_itself_is_counted(scripted: Start, lite: Make) -> None:
    """And a model that nobody knows has no price, instead of none to pay."""
    used = ask(lite(scripted("Hello there").base_url))[0].usage

    assert used.prompt_tokens == 4
    assert used.completion_tokens == 2
    assert used.cost_usd is None


def test_a_price_of_the_users_own(scripted: Start, lite: Make, tmp_path: Path) -> None:
    """The metadata file names window and price of a model that litellm does not know."""
    entry = {"max_input_tokens": 5000, "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    file = tmp_path / "models.json"
    file.write_text(json.dumps({"openai/my-own": entry}), encoding="utf-8")
    server = scripted(Answer("Hello", usage=usage(1000, 100)))
    model = lite(server.base_url, "openai/my-own", metadata_file=file)

    assert ask(model)[0].usage.cost_usd == pytest.approx(0.0012)
    assert model.window(ModelRole.MAIN).input_tokens == 5000


@pytest.mark.parametrize(
    ("answer", "error", "calls"),
    [
        (failure(401, "bad key"), Unauthorized, 1),
        (failure(403, "not yours"), Unauthorized, 1),
        (failure(404, "The model `x` does not exist", code="model_not_found"), UnknownModel, 1),
        (failure(400, "temperature must be positive"), BadCall, 1),
        (failure(402, "Payment required"), BadCall, 1),
        (failure(429, "You exceeded your current quota", code="insufficient_quota"), BadCall, 1),
        (too_long(), WindowExceeded, 1),
        (failure(413, "too large"), WindowExceeded, 1),
        (failure(429, "slow down"), Overloaded, 4),
        (failure(500), Overloaded, 4),
        (failure(502), Overloaded, 4),
        (failure(503), Overloaded, 4),
        (failure(529, "overloaded"), Overloaded, 4),
        (Answer(content_type="text/html", body=b"<html>hello</html>"), BadCall, 1),
        (Answer("x", finish="content_filter"), BadCall, 1),
        (Answer(""), ReplyCut, 2),
        (Answer("\u200b\n"), ReplyCut, 2),
        (Answer("", reasoning="Hm.", finish="length"), ReplyCut, 1),
    ],
)
def test_errors_by_class(
    scripted: Start, lite: Make, answer: Answer, error: type[ModelError], calls: int
) -> None:
    """Each failure has its class, and only what may pass is tried again."""
    server = scripted(lambda request: answer)

    with pytest.raises(error) as raised:
        ask(lite(server.base_url))

    assert type(raised.value) is error
    assert len(server.calls) == calls


ROLES = "Conversation roles must alternate user/assistant/user/assistant/..."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"detail": "Model is warming up for tenant 7"}, "Model is warming up for tenant 7"),
        (
            {"detail": [{"loc": ["body", "top_p"], "msg": "must be at most 1"}]},
            "body.top_p: must be at most 1",
        ),
        ({"errors": ["quota of team blue", "ask Ada"]}, "quota of team blue; ask Ada"),
        ({"errors": {"message": "no such deployment"}}, "no such deployment"),
        ({"msg": "tokens must be integers"}, "tokens must be integers"),
        ({"error": "the template knows no system role"}, "the template knows no system role"),
        ({"object": "error", "message": ROLES, "type": "BadRequestError", "param": None, "code": 400}, ROLES),
        ({"error": {"message": "", "reason": "slot 3 is busy"}}, "slot 3 is busy"),
        ("The gateway wants a badge.", "The gateway wants a badge."),
        (
            "<html><head><title>Blocked by policy 12</title></head><body>…</body></html>",
            "Blocked by policy 12",
        ),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_the_words_of_a_server_reach_the_user(
    scripted: Start, lite: Make, body: object, words: str, stream: bool
) -> None:
    """In whatever field it puts them."""
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = "application/json" if not isinstance(body, str) else "text/plain"
    server = scripted(lambda request: Answer(status=400, body=data, content_type=kind))

    with pytest.raises(ModelError) as raised:
        ask(lite(server.base_url, stream=stream))

    assert f"({words})" in str(raised.value)


@pytest.mark.parametrize("host", ["{host}", "http://{host}/"])
def test_the_address_of_ollama_is_taken_from_the_environment(
    scripted: Start, lite: Make, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """With a model that was named, too; an address that was given counts more."""
    server = scripted("It works.")
    monkeypatch.setenv("OLLAMA_HOST", host.format(host=server.url.removeprefix("http://")))

    model = lite("", "ollama/llama3")

    assert model.route(ModelRole.MAIN).api_base == server.url
    assert lite("http://127.0.0.1:9", "ollama/llama3").route(ModelRole.MAIN).api_base == "http://127.0.0.1:9"
    assert lite("", "openai/gpt-4o").route(ModelRole.MAIN).api_base == ""


def test_a_message_says_where_what_and_what_next_and_no_key(scripted: Start, lite: Make) -> None:
    """Three parts, on one line, whatever the server wrote."""
    server = scripted(failure(401, "Incorrect API key\x1b[31m provided: sk-scripted-0123456789"))

    with pytest.raises(Unauthorized) as raised:
        ask(lite(server.base_url))

    message = str(raised.value)
    assert message.startswith(f"openai/scripted at {server.base_url}: the key is missing or refused")
    assert "OPENAI_API_KEY" in message
    assert "0123456789" not in message
    assert message.isprintable()


def test_waits_grow_and_keep_to_what_the_server_asks(scripted: Start, lite: Make, waits: list[float]) -> None:
    """Full jitter over a doubling bound; Retry-After is waited in full."""
    server = scripted(failure(500), failure(500), failure(429, retry_after="9"), "there")

    ask(lite(server.base_url))

    assert waits == [0.5, 1.0, 9 + 2.0]


def test_a_server_that_wants_too_long_a_wait_is_told_of(
    scripted: Start, lite: Make, waits: list[float]
) -> None:
    """Nobody sits through ten minutes of silence without having been asked."""
    server = scripted(failure(429, "slow down", retry_after="600"))

    with pytest.raises(Overloaded, match="slow down"):
        ask(lite(server.base_url))

    assert waits == []


def test_a_server_that_is_not_there(lite: Make, waits: list[float]) -> None:
    """Two quick tries more, and then it is said."""
    with pytest.raises(Unreachable, match=r"no server answers after 3 tries \(.*refused"):
        ask(lite("http://127.0.0.1:9/v1"))

    assert sum(waits) < 2


def test_a_name_that_leads_nowhere(lite: Make, capsys: pytest.CaptureFixture[str]) -> None:
    """No provider, no address: said without a try, and without what litellm says or prints about it."""
    with pytest.raises(UnknownModel, match=r"known provider; .*openai/nobodys-model") as caught:
        ask(lite("", "nobodys-model"))

    assert "litellm" not in str(caught.value).lower()
    assert capsys.readouterr() == ("", "")


def test_a_missing_key(lite: Make) -> None:
    """Named as the variable that would hold it."""
    with pytest.raises(Unauthorized, match="ANTHROPIC_API_KEY"):
        ask(lite("", "anthropic/claude-sonnet-4-5", api_key=""))


def test_a_redirect_is_not_followed(scripted: Start, lite: Make) -> None:
    """A prompt and a key go to the address that was given and to no other."""
    other = scripted("caught")
    server = scripted(redirect(f"{other.base_url}/chat/completions"))

    with pytest.raises(BadCall, match="redirects"):
        ask(lite(server.base_url))

    assert other.requests == []


def test_one_deadline_for_a_reply_that_trickles(scripted: Start, lite: Make) -> None:
    """A byte now and then passes every time-out for a single read."""
    server = scripted(Answer("slow" * 50, piece_bytes=1, pause_s=0.02))
    model = lite(server.base_url, timeout_s=0.6)
    LITELLM.get()  # so that the short deadline is not spent on its import

    begun = time.monotonic()
    with pytest.raises(OutOfTime, match="--timeout"):
        ask(model)

    assert time.monotonic() - begun < 20  # all of it would take minutes


def test_silence_ends_by_itself(scripted: Start, lite: Make) -> None:
    """A server that stops in the middle of a reply is asked again."""
    server = scripted(Answer("Hello there", stall_after_bytes=300), "Hello again")

    reply, events = ask(lite(server.base_url, stall_s=0.3))

    assert reply.text == "Hello again"
    assert "silent" in next(event.reason for event in events if isinstance(event, Retrying))


def test_ctrl_c_is_answered_at_once(scripted: Start, lite: Make) -> None:
    """Also while the server says nothing; and the connection is closed, so that it may stop too."""
    server = scripted("warm", Answer("Hello there", stall_after_bytes=400))
    model = lite(server.base_url)
    ask(model)
    pressed = [0.0]

    def press() -> None:
        until(lambda: len(server.requests) > 1)
        time.sleep(0.3)
        pressed[0] = time.monotonic()
        _thread.interrupt_main()

    threading.Thread(target=press).start()
    with pytest.raises(KeyboardInterrupt):
        ask(model)

    assert time.monotonic() - pressed[0] < 5


def test_leaving_while_a_piece_is_shown_ends_the_call(scripted: Start, lite: Make) -> None:
    """Ctrl-C may fall into the terminal's own work; the server is not left writing."""
    server = scripted(Answer("word " * 2000, pause_s=0.01))

    def interrupted(event: Event) -> None:
        if isinstance(event, TextChunk):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lite(server.base_url).reply(HI, ModelRole.MAIN, interrupted)

    assert gone("trigpoint-call")


def gone(name: str) -> bool:
    """Whether every thread of a name ends soon."""
    until(lambda: all(thread.name != name for thread in threading.enumerate()))
    return True


def test_a_reply_of_fifty_megabytes_is_refused(scripted: Start, lite: Make) -> None:
    """It is no reply, and it is not held in memory to find that out."""
    server = scripted(lambda request: Answer("x" * 50_000_000, chunk_chars=1_000_000))

    with pytest.raises(ReplyCut, match="longer than any model writes"):
        ask(lite(server.base_url))

    assert len(server.calls) == 1


def test_the_tail_follows_the_last_message(scripted: Start, lite: Make) -> None:
    """In one text where a provider takes plain text, neighbours of one role joined."""
    server = scripted("ok")
    prompt = Prompt((*HI.messages, Message("user", "More")), request_map="FOCUS")

    ask(lite(server.base_url), prompt)

    assert server.calls[0].messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi\n\nMore\n\nFOCUS"},
    ]


def test_cache_markers_stand_before_the_tail(scripted: Start, lite: Make) -> None:
    """Claude's provider caches up to a marker: the system and the last message have one, the request map is behind."""
    server = scripted("ok")

    ask(lite(server.url, "anthropic/claude-sonnet-4-5"), Prompt(HI.messages, request_map="FOCUS"))

    (message,) = server.calls[0].messages
    assert [("cache_control" in block, block["text"]) for block in message["content"]] == [
        (True, "Hi"),
        (False, "FOCUS"),
    ]
    assert "cache_control" in server.calls[0].body["system"][0]
    assert text_of(message) == "HiFOCUS"


def test_ollama_is_told_its_window(scripted: Start, lite: Make) -> None:
    """Its own default cuts prompts silently: what `window` says is what the server opens."""
    shown = {"model_info": {"llama.context_length": 131072}, "parameters": "num_ctx    12000\nstop x"}
    server = scripted("ok", gets={"/api/show": shown})
    model = lite(server.url, "ollama/llama3")

    ask(model)

    assert model.window(ModelRole.MAIN) == Window(12000, 3000, known=True)
    assert server.calls[0].body["options"]["num_ctx"] == 12000


@pytest.mark.parametrize(
    ("gets", "expected"),
    [
        ({"/v1/models": {"data": [{"id": "scripted", "max_model_len": 6000}]}}, 6000),
        ({"/props": {"default_generation_settings": {"n_ctx": 7000}}}, 7000),
        ({"/api/v0/models/scripted": {"loaded_context_length": 8000, "max_context_length": 99}}, 8000),
    ],
)
def test_a_local_server_says_how_much_it_reads(
    scripted: Start, lite: Make, gets: dict[str, object], expected: int
) -> None:
    """vLLM, llama.cpp and LM Studio each in its own way."""
    server = scripted(gets=gets)

    assert lite(server.base_url).window(ModelRole.MAIN) == Window(expected, expected // 4, known=True)


def test_a_window_that_nobody_knows_is_a_guess(lite: Make) -> None:
    """And says so; what the user says goes before everything."""
    model = lite("http://127.0.0.1:9/v1")

    assert model.window(ModelRole.MAIN).known is False
    assert lite("", "openai/gpt-4o").window(ModelRole.MAIN) == Window(128000, 16384)
    assert lite("", "openai/gpt-4o", context_tokens=9000).window(ModelRole.MAIN).input_tokens == 9000


def test_each_role_has_its_model(scripted: Start, lite: Make) -> None:
    """The address and the key are for the main model's provider; a role without a model has the main one."""
    server = scripted("ok")
    models = {ModelRole.MAIN: "openai/big", ModelRole.WEAK: "openai/small", ModelRole.EDITOR: "deepseek/chat"}
    model = lite(server.base_url, models=models, api_keys={"deepseek": "theirs"})

    model.reply(HI, ModelRole.WEAK, lambda event: None)

    assert server.calls[0].body["model"] == "small"
    assert model.name(ModelRole.EDITOR) == "deepseek/chat"
    assert model.route(ModelRole.EDITOR).api_base == ""
    assert model.route(ModelRole.EDITOR).api_key == "theirs"
    assert lite(server.base_url).name(ModelRole.WEAK) == "openai/scripted"


def test_a_bare_name_at_an_address_speaks_openai(scripted: Start, lite: Make) -> None:
    """Nobody should have to know of prefixes to use the server on their own machine, nor have a key."""
    server = scripted("ok")

    ask(lite(server.base_url, "qwen/qwen3-coder", api_key=""))

    assert server.calls[0].body["model"] == "qwen/qwen3-coder"


def test_no_model_is_an_error_at_once() -> None:
    """Before anything is loaded."""
    with pytest.raises(NoModel, match="--model"):
        LiteModel(ModelOptions({}))


GONE = """
import sys
from chat.errors import Unreachable
from chat.llm.lite_model import LiteModel
from chat.model import Message, ModelRole, Prompt
from chat.llm.options import ModelOptions
model = LiteModel(ModelOptions({ModelRole.MAIN: "openai/x"}, api_base="http://127.0.0.1:9/v1"))
try:
    model.reply(Prompt((Message("user", "Hi"),)), ModelRole.MAIN, lambda event: None)
except Unreachable as error:
    print("litellm" in sys.modules, error)
"""


def test_a_server_that_is_not_there_need_not_wait_for_litellm() -> None:
    """The error comes in two seconds, not after an import of three to fifteen."""
    ran = subprocess.run([sys.executable, "-c", GONE], capture_output=True, text=True, timeout=60, cwd=ROOT)

    assert ran.stdout.startswith("False openai/x at http://127.0.0.1:9/v1: no server answers after 3 tries")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"thinking_tokens": 8000}, "so --thinking-tokens has no effect."),
        ({"reasoning_effort": "high"}, "so --reasoning-effort has no effect."),
        ({"thinking_tokens": 0}, ""),
        ({}, ""),
    ],
)
def test_what_a_model_does_not_take_is_said_once(
    scripted: Start, lite: Make, options: dict[str, Any], said: str
) -> None:
    """litellm drops it without a word."""
    model = lite(scripted("Hello.", "Hello.").base_url, "openai/gpt-4o-mini", **options)
    notices = [event.text for _ in range(2) for event in ask(model)[1] if isinstance(event, Notice)]
    assert [text.endswith(said) for text in notices] == ([True] if said else [])


def test_a_model_that_thinks_gets_its_budget(scripted: Start, lite: Make) -> None:
    """And nobody is told anything."""
    model = lite(scripted("Hello.").base_url, "openai/scripted", thinking_tokens=8000)
    assert not [event for event in ask(model)[1] if isinstance(event, Notice)]

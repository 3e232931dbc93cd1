"""One request for a script: the real program, with only the model scripted."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted_model import Answer, Request, ScriptedModel, text_of
from whole_chat import ModelScripts, Program, block, calls_of, last_text

SCHEMA = '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}'

Scripted = Callable[..., ScriptedModel]


def test_the_value_stands_alone_on_standard_output(trigpoint: Program, scripted: Scripted) -> None:
    """And the model knows the schema."""
    server = scripted(ModelScripts('I counted.\n```json\n{"n": 3}\n```'))

    done = trigpoint(server.base_url, "-p", "count", "--json-schema", SCHEMA)

    assert (done.code, done.stdout, done.stderr) == (0, '{"n": 3}\n', "")
    assert SCHEMA in text_of(calls_of(server)[0].messages[0])


def test_the_result_has_the_value(trigpoint: Program, scripted: Scripted) -> None:
    """Beside the answer in words."""
    server = scripted(ModelScripts('Three: {"n": 3}'))

    done = trigpoint(server.base_url, "-p", "count", "--json-schema", SCHEMA, "--output-format", "json")
    result = json.loads(done.stdout)

    assert (result["structured_output"], result["result"]) == ({"n": 3}, 'Three: {"n": 3}')


def test_an_answer_that_does_not_fit_is_corrected_once(trigpoint: Program, scripted: Scripted) -> None:
    """In one turn more, which is told what is wrong."""
    server = scripted(ModelScripts('{"n": "three"}', '{"n": 3}'))

    done = trigpoint(server.base_url, "-p", "count", "--json-schema", SCHEMA)

    assert (done.code, done.stdout) == (0, '{"n": 3}\n')
    assert "$.n: 'three' is not of type 'integer'" in last_text(calls_of(server)[1])


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_answer_that_never_fits_is_a_failure(trigpoint: Program, scripted: Scripted, form: str) -> None:
    """With the errors, after two calls; standard output holds no answer that a program could take."""
    server = scripted(ModelScripts("I do not know."))

    done = trigpoint(server.base_url, "-p", "count", "--json-schema", SCHEMA, "--output-format", form)

    assert (done.code, len(calls_of(server))) == (1, 2)
    assert "The answer holds no JSON." in done.stderr
    if form == "text":
        assert done.stdout == ""
    else:
        result = json.loads(done.stdout)
        assert (result["structured_output"], result["num_turns"], result["is_error"]) == (None, 2, True)
        assert "holds no JSON" in result["error"]


@pytest.mark.parametrize("schema", ['{"type": "objekt"}', "absent.json"])
def test_a_schema_that_cannot_be_used_costs_nothing(
    trigpoint: Program, scripted: Scripted, schema: str
) -> None:
    """It is refused before any call, with a result object as ever."""
    server = scripted(ModelScripts('{"n": 3}'))

    done = trigpoint(server.base_url, "-p", "count", "--json-schema", schema, "--output-format", "json")

    assert (done.code, server.calls) == (42, [])
    assert "Nothing was sent" in json.loads(done.stdout)["error"]


def test_a_resumed_session_takes_another_schema_or_none(trigpoint: Program, scripted: Scripted) -> None:
    """The id of a result continues its session; the rules name the schema of this run only."""
    server = scripted(ModelScripts('{"n": 3}', '{"m": 3}', "Three."))
    as_json = ("--output-format", "json")
    first = json.loads(trigpoint(server.base_url, "-p", "count", "--json-schema", SCHEMA, *as_json).stdout)
    resume = ("--resume", first["session_id"], *as_json)

    other = SCHEMA.replace('"n"', '"m"')
    second = json.loads(trigpoint(server.base_url, "-p", "again", "--json-schema", other, *resume).stdout)
    third = json.loads(trigpoint(server.base_url, "-p", "in words", *resume).stdout)

    assert {each["session_id"] for each in (first, second, third)} == {first["session_id"]}
    assert second["structured_output"] == {"m": 3}
    rules = [text_of(call.messages[0]) for call in calls_of(server)]
    assert [(SCHEMA in text, other in text) for text in rules] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_the_prompt_is_shown_with_the_schema(trigpoint: Program, scripted: Scripted) -> None:
    """As it would be sent; nothing is."""
    server = scripted(ModelScripts("Hello."))

    done = trigpoint(server.base_url, "-p", "count", "--json-schema", SCHEMA, "--show-prompts")

    assert (done.code, server.calls) == (0, [])
    assert SCHEMA in done.stdout


def test_a_text_is_appended_to_the_rules(trigpoint: Program, scripted: Scripted) -> None:
    """After the project's own, also of a bare run; a resumed session keeps only what its own run appends."""
    server = scripted(ModelScripts("Yes."))
    Path("AGENTS.md").write_text("Use tabs.\n", encoding="utf-8")
    append = ("--append-system-prompt", "Answer {briefly}.")
    first = trigpoint(server.base_url, "-p", "one", *append, "--output-format", "json")
    trigpoint(server.base_url, "-p", "two", "--resume", json.loads(first.stdout)["session_id"])
    trigpoint(server.base_url, "-p", "three", *append, "--bare")

    rules = [text_of(call.messages[0]) for call in calls_of(server)]
    text = "# Also, from the user\nAnswer {briefly}."
    assert rules[0].index("Use tabs.") < rules[0].index(text)
    assert [text in each for each in rules] == [True, False, True]


STREAM = ("--input-format", "stream-json", "--output-format")


def message(text: str) -> str:
    """A line of the input."""
    return json.dumps({"type": "user", "message": {"role": "user", "content": text}})


def test_messages_are_answered_one_after_the_other(
    trigpoint: Program, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one conversation, each with a result of its own; a broken line has one, too."""
    server = scripted(ModelScripts("First.", "Second."))
    monkeypatch.setattr(trigpoint, "given", "\n".join((message("/one"), "broken", message("two"))))

    done = trigpoint(server.base_url, *STREAM, "json")
    results = [json.loads(line) for line in done.stdout.splitlines()]

    assert [
        (each["result"], each["num_turns"], each["exit_code"]) for each in results if not each["is_error"]
    ] == [
        ("First.", 1, 0),
        ("Second.", 1, 0),
    ]
    assert [each["exit_code"] for each in results] == [0, 42, 0]
    assert done.code == 42
    assert len({each["session_id"] for each in results}) == 1
    assert "First." in str(calls_of(server)[1].messages)


def test_each_message_is_held_against_the_schema(
    trigpoint: Program, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a value belongs to its own message only."""
    server = scripted(ModelScripts('{"n": 1}', "No.", "No.", '{"n": 3}'))
    monkeypatch.setattr(trigpoint, "given", "\n".join(map(message, ("one", "two", "three"))))

    done = trigpoint(server.base_url, *STREAM, "json", "--json-schema", SCHEMA)
    results = [json.loads(line) for line in done.stdout.splitlines()]

    assert [each["structured_output"] for each in results] == [{"n": 1}, None, {"n": 3}]
    assert [each["num_turns"] for each in results] == [1, 2, 1]


@pytest.mark.parametrize(
    ("arguments", "given", "code"),
    [
        ((*STREAM, "text"), message("one"), 2),
        ((*STREAM, "json", "-p", "one"), message("two"), 2),
        ((*STREAM, "json"), "", 42),
    ],
)
def test_messages_need_results_and_nothing_beside_them(
    trigpoint: Program,
    scripted: Scripted,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    given: str,
    code: int,
) -> None:
    """What cannot be meant is refused before any call."""
    server = scripted(ModelScripts("First."))
    monkeypatch.setattr(trigpoint, "given", given)

    done = trigpoint(server.base_url, *arguments)

    assert (done.code, server.calls) == (code, [])
    assert "Nothing was sent" in done.stderr


def test_a_bare_run_saves_no_session(trigpoint: Program, scripted: Scripted) -> None:
    """Unless a flag asks for it, or continues one; then the id of its result leads on."""
    server = scripted(ModelScripts("Yes."))
    bare = ("-p", "hello", "--bare", "--output-format", "json")
    lost = json.loads(trigpoint(server.base_url, *bare).stdout)["session_id"]
    kept = json.loads(trigpoint(server.base_url, *bare, "--session-persistence").stdout)["session_id"]
    resumed = trigpoint(server.base_url, *bare, "--resume", kept)

    assert (lost, json.loads(resumed.stdout)["session_id"]) == ("", kept)
    assert "Yes." in str(calls_of(server)[2].messages)


def test_the_cost_of_each_model_is_told(trigpoint: Program, scripted: Scripted) -> None:
    """Their sum is the usage of the run; here the weak model writes the subject of a commit."""
    edit = block("shop/new.py", "", "NEW = 1\n")
    server = scripted(ModelScripts(edit))

    done = trigpoint(server.base_url, "-m", "add it", "--output-format", "json")
    result = json.loads(done.stdout)

    taken = result["modelUsage"]
    assert set(taken) == {"openai/main", "openai/weak"}
    assert sum(each["outputTokens"] for each in taken.values()) == result["usage"]["output_tokens"]


@pytest.mark.parametrize(("settings", "code"), [('max-turns = "x"\n', 2), (None, 42)])
def test_settings_that_cannot_be_read_have_a_result(
    trigpoint: Program, scripted: Scripted, settings: str | None, code: int
) -> None:
    """Though no chat was opened for the request."""
    server = scripted(ModelScripts("Yes."))
    if settings:
        Path("bad.toml").write_text(settings, encoding="utf-8")

    done = trigpoint(server.base_url, "-p", "hi", "--config", "bad.toml", "--output-format", "json")
    result = json.loads(done.stdout)

    assert (done.code, result["exit_code"], result["is_error"]) == (code, code, True)
    assert result["error"] in done.stderr


def test_a_reply_ends_where_the_limit_of_tokens_does(trigpoint: Program, scripted: Scripted) -> None:
    """A model that would write on is cut by its server, is not asked to go on, and the limit holds."""

    def endless(request: Request) -> Answer:
        prompt_tokens = sum(len(text_of(message).split()) for message in request.messages)
        usage = {"prompt_tokens": prompt_tokens, "completion_tokens": request.body["max_tokens"]}
        return Answer("on and on", finish="length", usage=usage)

    server = scripted(endless)
    done = trigpoint(
        *(server.base_url, "-p", "tell me all", "--max-tokens-total", "4500", "--map-tokens", "0"),
        *("--output-format", "json"),
    )

    result = json.loads(done.stdout)
    assert done.code == 54, done.stderr
    assert len(calls_of(server)) == 1
    assert 1_000 <= calls_of(server)[0].body["max_tokens"] < 4_500
    assert result["usage"]["input_tokens"] + result["usage"]["output_tokens"] <= 4_500


def test_nothing_ends_a_reply_where_there_is_no_limit(trigpoint: Program, scripted: Scripted) -> None:
    """Nor where what is left is more than the model can write: servers refuse a larger number than that."""
    server = scripted(ModelScripts("Well."))
    for more in ([], ["--max-tokens-total", "900000"]):
        assert trigpoint(server.base_url, "-p", "how are you", *more).code == 0
    assert all("max_tokens" not in call.body for call in server.calls)

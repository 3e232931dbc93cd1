"""Files that a model asks for: whole and in one piece where they can be, and never for ever."""

import re
from pathlib import Path
from random import Random

import pytest
from chat_fakes import ScriptedModel, fake_state
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from texts import source

from chat.conversation.conversation import Span
from chat.conversation.excerpts import Block, choose_spans, whole_definitions
from chat.model import Prompt
from chat.prompt.budget import whole_file_tokens
from chat.settings.table import Settings, changed
from chat.state.state import State
from chat.state.tokens import count
from chat.turn.turn import take_turn

ASK = "I need to see this:\n\n`{name}`\n"
GAP = "left out ⋮"
pytestmark = pytest.mark.usefixtures("lasting_workers")


LIMIT = 1_000


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files on either side of the limit, which is made small, so that they are parsed and counted at once."""
    monkeypatch.setattr("chat.prompt.budget._WHOLE_FILE_TOKENS", LIMIT)
    for name, definitions in (("small", 5), ("middle", 28), ("large", 70)):
        (tmp_path / f"{name}.py").write_text(source(name, definitions))
    return tmp_path


def opened(root: Path, *script: str, **settings: int) -> tuple[State, ScriptedModel]:
    model = ScriptedModel(*script)
    model.input_tokens = 8_000
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    state, _ = fake_state(root, model, settings=changed(Settings(), named, "test"))
    return state, model


def last(prompt: Prompt) -> str:
    return prompt.messages[-1].text


def listings(prompt: Prompt, path: str) -> list[str]:
    text = "\n".join(message.text for message in prompt.messages if message.role == "user")
    return re.findall(rf"^{re.escape(path)}\n```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def ended_in_vain(state: State, model: ScriptedModel, request: str = "what does it return") -> int:
    """Take a turn whose model never stops to ask; return the number of calls."""
    result = take_turn(state, request)
    assert not result.ok
    assert result.unanswered
    return len(model.prompts)


@pytest.mark.parametrize("name", ["small", "middle"])
@pytest.mark.parametrize("ask", ["`{0}.py`", "show: {0}.py:40-60", "show: {0}.py:1-9\nshow: {0}.py:80-95"])
def test_a_file_up_to_the_limit_is_shown_whole_at_the_first_asking(root: Path, name: str, ask: str) -> None:
    """In one piece, whatever lines of it were asked for."""
    state, model = opened(root, "I need to see:\n" + ask.format(name), "Seen.")

    take_turn(state, f"what does {name}_7 return")

    assert count((root / "middle.py").read_text()) > LIMIT // 2
    assert listings(model.prompts[-1], f"{name}.py") == [(root / f"{name}.py").read_text()]


def test_a_window_raises_the_limit_and_a_small_one_lowers_it(tmp_path: Path) -> None:
    """About 8,000 tokens or a tenth of the window, and never more than half of what a prompt may have."""
    state, model = opened(tmp_path)
    limits: list[int] = []
    for model.input_tokens in (8_000, 32_000, 100_000, 1_000_000):
        limits.append(whole_file_tokens(state.active))

    assert limits == [2_600, 8_000, 10_000, 100_000]


def test_a_larger_file_is_outlined_and_then_shown_in_one_piece(root: Path) -> None:
    """The second time from end to end, although some of it is in the prompt already."""
    ask = ASK.format(name="large.py")
    state, model = opened(root, ask, ask, "Seen.")

    take_turn(state, "what does large_37 return")
    first, second = (last(prompt) for prompt in model.prompts[1:])

    assert GAP in first
    assert "def large_37(argument):\n    given = argument + 37\n    return large_total(given)\n" in first
    assert (root / "large.py").read_text() in second
    assert GAP not in second


def test_where_the_whole_file_would_not_fit_beside_what_was_shown_of_it_that_leaves(root: Path) -> None:
    """So that a file which fits by itself can always be had."""
    ask = ASK.format(name="large.py")
    whole = (root / "large.py").read_text()
    state, model = opened(root, ask, ask, "Seen.", context_tokens=count(whole) + 1_400, map_tokens=0)

    take_turn(state, "what does large_37 return")

    assert [GAP in listed for listed in listings(model.prompts[1], "large.py")] == [True]
    assert listings(model.prompts[2], "large.py") == [whole]
    assert "large.py was shown here in part" in model.prompts[2].messages[-3].text


def test_an_excerpt_cuts_no_definition(root: Path) -> None:
    """Each is there with all its lines, or with its signature alone."""
    state, model = opened(root, ASK.format(name="large.py"), "show: large.py:202-203\n", "Seen.")

    take_turn(state, "what does large_37 return")

    pieces = [piece for listed in listings(model.prompts[-1], "large.py") for piece in listed.split("⋮")]
    for piece in pieces:
        definitions = re.split(r"^(?=def )", piece, flags=re.MULTILINE)
        assert all(part.rstrip().count("\n") in (0, 2) for part in definitions if part.startswith("def "))
        assert not any(part.startswith("    ") for part in definitions)
    assert "given = argument + 40" in last(model.prompts[-1])


def test_lines_of_a_file_shown_in_part_come_in_one_piece(root: Path) -> None:
    """Those asked for and what is between them."""
    asked = "show: large.py:200-204\nshow: large.py:220-224\n"
    state, model = opened(root, ASK.format(name="large.py"), asked, "Seen.")

    take_turn(state, "what does large_70 return")

    pieces = [piece for piece in last(model.prompts[-1]).split("\n⋮") if "def " in piece]
    assert len(pieces) == 1
    assert "large_40" in pieces[0]
    assert "large_44" in pieces[0]


@pytest.mark.parametrize(("name", "calls"), [("small", 4), ("large", 4)])
def test_the_third_asking_for_a_file_says_what_to_do_and_the_fourth_ends_the_turn(
    root: Path, name: str, calls: int
) -> None:
    """The file is not sent again, and the turn does not count as done."""
    state, model = opened(root, *[ASK.format(name=f"{name}.py")] * calls)

    assert ended_in_vain(state, model) == calls

    assert "asking for the same once more ends it" in last(model.prompts[-1])
    assert model.script == []
    whole = (root / f"{name}.py").read_text()
    assert sum(listed == whole for listed in listings(model.prompts[-1], f"{name}.py")) == 1


def test_what_was_asked_for_in_vain_is_answered_once_it_is_new(root: Path) -> None:
    """A model that was told twice where the file is may still ask for another one."""
    small = ASK.format(name="small.py")
    state, _ = opened(root, small, small, ASK.format(name="middle.py"), small, "Seen.")

    assert take_turn(state, "what does small_7 return").text == "Seen."


@pytest.mark.parametrize(
    "replies",
    [
        ["find: small_total\n"],
        ["find: nowhere_{n}\n"],
        ["show: small.py:{n}-{n}\n"],
        [ASK.format(name="small.py"), ASK.format(name="middle.py")],
        ["I cannot see where this lives."],
        ["map: small\n", "refs: small_total\n", ASK.format(name="large.py")],
        ["find: small_{n}\n"],
    ],
)
def test_asking_comes_to_an_end(root: Path, replies: list[str]) -> None:
    """Whatever a model repeats, and even if each of its questions is a new one."""
    script = [replies[n % len(replies)].format(n=n + 1) for n in range(20)]
    state, model = opened(root, *script)

    assert ended_in_vain(state, model) <= 17


def test_a_model_that_sees_nothing_gets_what_it_was_shown_in_part(root: Path) -> None:
    """Once, even if it does not name the file again."""
    blind = "I still cannot see the file that I asked for."
    state, model = opened(root, ASK.format(name="large.py"), blind, "Seen.")

    take_turn(state, "what does large_37 return")

    assert (root / "large.py").read_text() in last(model.prompts[-1])


def test_a_file_that_has_changed_is_shown_as_it_is_now(root: Path) -> None:
    """In one piece, although the prompt holds an older version."""
    ask = ASK.format(name="middle.py")
    state, model = opened(root, ask, "Seen.", ask, "Seen.")
    take_turn(state, "look at middle")
    changed_text = (root / "middle.py").read_text().replace("argument + 15\n", "argument * 15\n")
    (root / "middle.py").write_text(changed_text)

    take_turn(state, "look at middle, once more")

    assert listings(Prompt(model.prompts[-1].messages[-1:]), "middle.py") == [changed_text]


def test_what_exceeds_the_limit_of_a_turn_is_refused_with_what_to_ask_for(root: Path) -> None:
    """Lines and definitions are still to be had."""
    state, model = opened(root, ASK.format(name="middle.py"), "show: middle_7\n", "Seen.", grant_tokens=500)

    take_turn(state, "what does middle_7 return")

    assert "limit is reached: middle.py. Ask for lines" in last(model.prompts[1])
    assert "given = argument + 7" in last(model.prompts[2])


ASKS = (
    *(ASK.format(name=f"{name}.py") for name in ("small", "middle", "large")),
    "show: small.py:3-9\nshow: middle.py:2-4\nshow: middle.py:90-99\n",
    "show: large.py:100-110\n",
    "find: middle_total\n",
    "I cannot see where this lives.",
)


@pytest.mark.parametrize("seed", range(3))
def test_no_prompt_holds_a_file_in_more_than_one_piece(root: Path, seed: int) -> None:
    """In whatever order it is asked for, over several turns, unless it is larger than the limit."""
    chance = Random(seed)
    state, model = opened(root)
    for _ in range(3):
        model.script[:] = [*chance.choices(ASKS, k=3), "Seen."]
        take_turn(state, "what does middle_7 return")

    for prompt in model.prompts:
        for name in ("small.py", "middle.py"):
            assert listings(prompt, name) in ([], [(root / name).read_text()])
        assert sum(GAP not in listed for listed in listings(prompt, "large.py")) <= 1


SPANS = st.lists(st.tuples(st.integers(1, 90), st.integers(0, 12)), max_size=25)


@given(SPANS, st.lists(st.tuples(st.integers(1, 90), st.integers(0, 9)), max_size=3), st.integers(20, 400))
@examples(60)
def test_no_gap_begins_inside_a_definition(
    definitions: list[tuple[int, int]], asked: list[tuple[int, int]], budget: int
) -> None:
    """Whatever the file, the budget and the lines asked for: what is cut is not shown, or only its signature."""
    blocks: list[Block] = []
    for first, more in sorted(definitions):
        if not blocks or first > blocks[-1].last:
            blocks.append(Block(first, first + more))
    text = "".join(f"line {row}\n" for row in range(1, 104))
    wanted: list[Span] = [(first, first + more) for first, more in asked]

    spans = choose_spans(text, blocks, wanted, reversed(blocks), budget, lambda line: len(line) // 4)

    shown = {row for first, last in spans or ((1, 103),) for row in range(first, last + 1)}
    grown = [whole_definitions(span, text, blocks, budget, lambda line: len(line) // 4) for span in wanted]
    forced = {row for first, last in grown for row in range(first, last + 1)}
    for block in blocks:
        rows = set(range(block.first + 1, block.last + 1))
        assert rows <= shown or not rows & shown or rows & forced
    assert forced <= shown

"""What earlier turns showed leaves the prompt, comes back in part, and makes room for what is needed now."""

from pathlib import Path

import pytest
from chat_fakes import ScriptedModel, fake_state

from chat.conversation.already_shown import shows
from chat.conversation.conversation import ShownFile
from chat.model import Prompt
from chat.prompt.compaction import compact
from chat.prompt.compaction_due import is_due
from chat.prompt.trimming import trim
from chat.settings.table import Settings, changed
from chat.state.state import State
from chat.turn.commit_message import summarised_diff
from chat.turn.turn import take_turn

ASK = "I need to see this:\n\n`{name}`\n"
OTHER_REQUEST = "say hello when the greeter is called by somebody from another country"


def source(name: str, definitions: int = 150) -> str:
    return "".join(
        f"def {name}_{n}(argument):\n    given = argument + {n}\n    return {name}_total(given)\n\n\n"
        for n in range(definitions)
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("one", "two", "six"):
        (tmp_path / f"{name}.py").write_text(source(name))
    for n in range(9):
        (tmp_path / f"greeter_{n}.py").write_text(f"def greet_{n}(country):\n    return {n}\n")
    return tmp_path


def edit(name: str, n: int, lines: int = 1) -> str:
    new = "".join(f"    given = argument - {n + more}\n" for more in range(lines))
    search = f"def {name}_{n}(argument):\n    given = argument + {n}\n"
    first = search.splitlines(keepends=True)[0]
    return (
        f"Now it subtracts.\n\n{name}.py\n```python\n<<<<<<< SEARCH\n{search}=======\n{first}{new}"
        ">>>>>>> REPLACE\n```\n"
    )


def said(state: State) -> str:
    return "\n".join(message.text for message in state.conversation.prompt().messages)


def last(prompt: Prompt) -> str:
    return prompt.messages[-1].text


def test_a_turn_that_leaves_is_what_was_asked_and_what_was_said(root: Path) -> None:
    """No files, no edits, no asking for files; what is gone is told."""
    state, _ = fake_state(root, ScriptedModel(ASK.format(name="one.py"), edit("one", 7, 40)))
    take_turn(state, "subtract in the seventh of one")

    trim(state, OTHER_REQUEST)

    assert "subtract in the seventh of one" in said(state)
    assert "Now it subtracts." in said(state)
    assert "I need to see this" not in said(state)
    assert "given = argument" not in said(state)
    assert "have left the conversation" in said(state)
    assert "What was shown here has left" in said(state)
    assert state.conversation.files == ()


def test_what_the_user_added_stays_with_all_that_was_done_to_it(root: Path) -> None:
    """The model knows such a file by what was shown and by its own edits since."""
    model = ScriptedModel(edit("one", 7, 40), ASK.format(name="two.py"), "Seen.")
    state, _ = fake_state(root, model)
    state.writer.put(state.conversation.with_files([ShownFile("one.py", by_user=True)]))
    take_turn(state, "subtract in the seventh of one")
    take_turn(state, "look at two")

    trim(state, OTHER_REQUEST)

    assert "given = argument - 40" in said(state)
    assert "def two_9" not in said(state)
    assert [seen.path for seen in state.conversation.files] == ["one.py"]


@pytest.mark.parametrize(("request_", "stays"), [("and the next one too", True), ("fix Greeter.call", False)])
def test_a_request_that_says_little_goes_on_with_the_last_turn(
    root: Path, request_: str, stays: bool
) -> None:
    """One that names code speaks for itself, however short."""
    state, _ = fake_state(root, ScriptedModel(ASK.format(name="one.py"), "Seen."))
    take_turn(state, "look at one")

    trim(state, request_)

    assert ("def one_7" in said(state)) is stays


def test_an_exploration_still_knows_where_it_began(root: Path) -> None:
    """Although messages before it have left."""
    model = ScriptedModel(ASK.format(name="one.py"), edit("one", 7), "It is called nowhere.")
    state, _ = fake_state(root, model)
    take_turn(state, "subtract in the seventh of one")
    state.writer.put(state.conversation.with_exploration("who calls it"))
    take_turn(state, "who calls the seventh of one, and with what?")
    trim(state, OTHER_REQUEST)

    state.writer.put(state.conversation.with_conclusion("nobody"))

    assert "Now it subtracts." in said(state)
    assert "It is called nowhere." not in said(state)


def test_a_file_that_is_asked_for_again_is_shown_where_it_is_new(root: Path) -> None:
    """In a later turn, and although it has changed; what the mark stands for is in the prompt."""
    model = ScriptedModel(ASK.format(name="one.py"), "Seen.", ASK.format(name="one.py"), "Seen.")
    (root / "one.py").write_text(source("one", 100))
    state, _ = fake_state(root, model)
    take_turn(state, "look at one")
    (root / "one.py").write_text(source("one", 100).replace("argument + 50\n", "argument * 50\n"))

    take_turn(state, "look at one, once more")
    shown = last(model.prompts[-1])

    assert "argument * 50" in shown
    assert "def one_9(" not in shown
    assert "as shown above" in shown
    assert "def one_9(" in said(state)


def test_a_large_file_that_is_asked_for_again_is_shown_to_its_end(root: Path) -> None:
    """The second time the rest of it; the third time, since something may be missing at the seams, all of it."""
    (root / "one.py").write_text(source("one", 250))
    ask = ASK.format(name="one.py")
    model = ScriptedModel(ask, ask, ask, "Seen.")
    state, _ = fake_state(root, model)

    take_turn(state, "what does one_7 return")
    first, second, third = (last(prompt) for prompt in model.prompts[1:])

    for n in range(250):
        assert f"argument + {n}\n" in first + second
    assert "left out" in first
    assert "as shown above" in second
    assert source("one", 250) in third


def test_what_was_shown_in_pieces_is_shown_whole_to_a_model_that_does_not_see_it(root: Path) -> None:
    """Once; it need not name the file again."""
    (root / "one.py").write_text(source("one", 250))
    ask, lost = ASK.format(name="one.py"), "I still cannot see the file that I asked for."
    model = ScriptedModel(ask, ask, lost, lost)
    state, _ = fake_state(root, model)

    take_turn(state, "what does one_7 return")
    shown = [source("one", 250) in last(prompt) for prompt in model.prompts]

    assert shown == [False, False, False, True]


def test_what_does_not_fit_makes_older_files_leave(root: Path) -> None:
    """Those of turns before; what this turn showed stays."""
    asks = [ASK.format(name=f"{name}.py") for name in ("one", "two", "six")]
    model = ScriptedModel(asks[0], "Seen.", asks[1], asks[2], "Seen.")
    sizes = {"context-tokens": 9_000, "grant-tokens": 20_000, "map-tokens": 0, "compact-at": 0}
    settings = changed(Settings(), sizes, "test")
    state, _ = fake_state(root, model, settings=settings)
    take_turn(state, "what does one_7 return")

    assert take_turn(state, "and what does six_7 of the files around it return?").ok

    assert shows(said(state), "six.py")
    assert shows(said(state), "two.py")
    assert not shows(said(state), "one.py")


def test_what_was_said_is_summarised_when_it_has_cost_as_much(root: Path) -> None:
    """Not before, and not where the user wants no rebuild."""
    model = ScriptedModel(*["A word about it. " * 40] * 30)
    state, _ = fake_state(
        root, model, settings=changed(Settings(), {"context-tokens": 16_000, "map-tokens": 0}, "test")
    )
    due = []
    for turn in range(30):
        take_turn(state, f"question {turn}")
        due.append(is_due(state.active, state.conversation))

    assert not any(due[:6])
    assert due[-1]
    assert sorted(due) == due
    state.active.use(changed(state.settings, {"compact-at": 0}, "test"))
    assert not is_due(state.active, state.conversation)


def test_a_commit_message_is_written_from_changed_lines_of_all_files() -> None:
    """Without what stands around them; a long file does not hide a short one."""
    long = "diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ -1,9 +1,9 @@ def f\n around\n"
    long += "".join(f"+line {n}\n" for n in range(1000))
    short = "diff --git a/b.py b/b.py\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-old\n+new\n"

    told = summarised_diff(long + short, 600)

    assert len(told) < 700
    assert "@@ -1,9 +1,9 @@ def f\n+line 0\n+line 1\n" in told
    assert told.endswith("diff --git a/b.py b/b.py\n@@ -1 +1 @@\n-old\n+new")
    assert "around" not in told


def test_a_rebuild_keeps_an_exploration_and_what_the_user_added(root: Path) -> None:
    """Where it began is found again among the turns that are left, and a conclusion leaves those before it."""
    model = ScriptedModel("First.", "It is called nowhere.", weak="Done: nothing yet.")
    state, _ = fake_state(root, model)
    state.writer.put(state.conversation.with_files([ShownFile("one.py", by_user=True)]))
    take_turn(state, "what is one?")
    state.writer.put(state.conversation.with_exploration("who calls it"))
    take_turn(state, "who calls the seventh of one, and with what?")

    compact(state)
    assert "def one_149(" in said(state)
    state.writer.put(state.conversation.with_conclusion("nobody"))

    assert "First." in said(state)
    assert "It is called nowhere." not in said(state)
    assert [seen.path for seen in state.conversation.files] == ["one.py"]

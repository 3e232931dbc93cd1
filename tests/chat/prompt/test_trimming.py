"""What earlier turns showed leaves the prompt, and makes room for what is needed now."""

from pathlib import Path

import pytest
from chat_fakes import ScriptedModel, fake_state, log_of
from texts import source

from chat.conversation.conversation import ShownFile
from chat.conversation.excerpts import shows
from chat.model import Prompt
from chat.prompt.trimming import trim
from chat.sessions.goal_progress import GoalTaken
from chat.settings.table import Settings, changed
from chat.state.spending import Limits
from chat.turn.turn import take_turn

APP = "def greet(name):\n    print('Hello')\n"
ASK = "I need to see this:\n\n`{name}`\n"
OTHER_REQUEST = "say hello when the greeter is called by somebody from another country"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("one", "two", "six"):
        (tmp_path / f"{name}.py").write_text(source(name, 150))
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


def last(prompt: Prompt) -> str:
    return prompt.messages[-1].text


def test_a_trimmed_turn_keeps_the_request_and_the_prose(root: Path) -> None:
    """No files, no edits, no requests for files; notes say what is gone."""
    state, _ = fake_state(root, ScriptedModel(ASK.format(name="one.py"), edit("one", 7, 40)))
    take_turn(state, "subtract in the seventh of one")

    trim(state, OTHER_REQUEST)

    assert "subtract in the seventh of one" in log_of(state)
    assert "Now it subtracts." in log_of(state)
    assert "I need to see this" not in log_of(state)
    assert "given = argument" not in log_of(state)
    assert "have left the conversation" in log_of(state)
    assert "What was shown here has left" in log_of(state)
    assert state.conversation.files == ()


def test_a_file_that_the_user_added_stays_with_its_edits(root: Path) -> None:
    """The model knows such a file from what was shown and from its own edits since."""
    model = ScriptedModel(edit("one", 7, 40), ASK.format(name="two.py"), "Seen.")
    state, _ = fake_state(root, model)
    state.writer.put(state.conversation.with_files([ShownFile("one.py", by_user=True)]))
    take_turn(state, "subtract in the seventh of one")
    take_turn(state, "look at two")

    trim(state, OTHER_REQUEST)

    assert "given = argument - 40" in log_of(state)
    assert "def two_9" not in log_of(state)
    assert [file.path for file in state.conversation.files] == ["one.py"]


@pytest.mark.parametrize(("request_", "stays"), [("and the next one too", True), ("fix Greeter.call", False)])
def test_a_vague_request_continues_the_last_turn(root: Path, request_: str, stays: bool) -> None:
    """One that names code does not, however short it is."""
    state, _ = fake_state(root, ScriptedModel(ASK.format(name="one.py"), "Seen."))
    take_turn(state, "look at one")

    trim(state, request_)

    assert ("def one_7" in log_of(state)) is stays


def test_a_goal_carries_the_files_that_its_last_turn_was_about(root: Path) -> None:
    """Also where an earlier turn has shown them; else each turn would ask for them anew, at the full price."""
    model = ScriptedModel(ASK.format(name="one.py"), edit("one", 7), edit("one", 9))
    state, _ = fake_state(root, model)
    state.spending.begin_goal(Limits(), GoalTaken())
    for _ in range(2):
        take_turn(state, "subtract in one, in the seventh and in the ninth")

    trim(state, OTHER_REQUEST)
    assert "def one_8(" in log_of(state)

    state.spending.end_goal()
    trim(state, OTHER_REQUEST)
    assert "def one_8(" not in log_of(state)


def test_an_exploration_still_knows_its_start(root: Path) -> None:
    """Although messages before it have left."""
    model = ScriptedModel(ASK.format(name="one.py"), edit("one", 7), "It is called nowhere.")
    state, _ = fake_state(root, model)
    take_turn(state, "subtract in the seventh of one")
    state.writer.put(state.conversation.with_exploration("who calls it"))
    take_turn(state, "who calls the seventh of one, and with what?")
    trim(state, OTHER_REQUEST)

    state.writer.put(state.conversation.with_conclusion("nobody"))

    assert "Now it subtracts." in log_of(state)
    assert "It is called nowhere." not in log_of(state)


def test_what_does_not_fit_makes_older_files_leave(root: Path) -> None:
    """Those of earlier turns; what this turn showed stays."""
    asks = [ASK.format(name=f"{name}.py") for name in ("one", "two", "six")]
    model = ScriptedModel(asks[0], "Seen.", asks[1], asks[2], "Seen.")
    sizes = {"context-tokens": 9_000, "grant-tokens": 20_000, "map-tokens": 0, "compact-at": 0}
    settings = changed(Settings(), sizes, "test")
    state, _ = fake_state(root, model, settings=settings)
    take_turn(state, "what does one_7 return")

    assert take_turn(state, "and what does six_7 of the files around it return?").ok

    assert shows(log_of(state), "six.py")
    assert shows(log_of(state), "two.py")
    assert not shows(log_of(state), "one.py")


def test_files_of_earlier_turns_leave_the_prompt_where_that_pays(tmp_path: Path) -> None:
    """A note says so, they no longer count as shown, and the conversation around them stays."""
    (tmp_path / "app.py").write_text(APP)
    for name in ("one", "two"):
        lines = "".join(f"def {name}_{n}(argument):\n    return {n}\n\n\n" for n in range(250))
        (tmp_path / f"{name}.py").write_text(lines)
    for number in range(9):
        (tmp_path / f"greeting_{number}.py").write_text(
            f"def greet_{number}(application):\n    return {number}\n"
        )
    model = ScriptedModel("Please add:\n`one.py`\n", "Seen.", "Please add:\n`app.py`\n", "Seen.")
    state, _ = fake_state(tmp_path, model)
    take_turn(state, "look at one")
    take_turn(state, "look at app")

    trim(state, "print something else when greet of the application is called, please")

    log = "\n".join(entry.message.text for entry in state.conversation.entries)
    assert "def one_7" not in log
    assert "has left the conversation" in log
    assert APP in log
    assert "look at one" in log
    assert [file.path for file in state.conversation.files] == ["app.py"]


def test_a_short_request_goes_on_with_the_files_of_the_last_turn(tmp_path: Path) -> None:
    """ "And the other one too" names nothing that a ranking could find."""
    lines = "".join(f"def one_{n}(argument):\n    return {n}\n\n\n" for n in range(250))
    (tmp_path / "one.py").write_text(lines)
    state, _ = fake_state(tmp_path, ScriptedModel("Please add:\n`one.py`\n", "Seen."))
    take_turn(state, "look at one")
    before = state.conversation

    trim(state, "and the other one too")

    assert state.conversation == before

"""Typed lines at the real chat: each part does what its commands promise."""

import inspect
from pathlib import Path

import pytest
from chat_fakes import Answering, ScriptedModel, ScriptedShell, small_chat
from fake_chat import FakeChat, Part

from chat.app.chat import Chat
from chat.commands.command import CommandContext
from chat.commands.table import run_line
from chat.errors import InputError, NothingToUndo, UsageError
from chat.events import Event, Notice, Shown
from chat.model import Mode
from chat.settings.table import Settings

APP = "def greet(name):\n    print('Hello')\n"
BLOCK = """I greet by name.

app.py
```
<<<<<<< SEARCH
    print('Hello')
=======
    print('Hello', name)
>>>>>>> REPLACE
```
"""


class Session:
    """A person's session at the real chat, over fake ports."""

    def __init__(self, root: Path, *script: str, shell: ScriptedShell | None = None) -> None:
        self.model = ScriptedModel(*script)
        self.person = Answering(True)
        self.chat, self.events = small_chat(root, self.model, shell=shell, person=self.person)
        self.context = CommandContext(self.chat, at_terminal=True)

    def type(self, line: str) -> str:
        """What a line shows and says."""
        self.events.clear()
        run_line(self.context, line)
        return "\n".join(map(text_of, self.events))

    @property
    def last_message(self) -> str:
        """What the main model was sent last."""
        return self.model.prompts[-1].messages[-1].text


def text_of(event: Event) -> str:
    return event.text if isinstance(event, Notice | Shown) else ""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "app.py").write_text(APP)
    (root / "notes.md").write_text("greet by name\n")
    return root


def test_files_come_and_go(root: Path) -> None:
    """By their names, and all of them at once."""
    session = Session(root)

    assert session.type("/add app.py notes.md") == "Added app.py, notes.md."
    assert "app.py" in session.type("/ls")
    assert session.type("/drop app.py") == "Dropped app.py."
    assert session.type("/drop") == "Dropped notes.md."


def test_a_new_conversation_keeps_the_files_or_not(root: Path) -> None:
    """What was said is forgotten either way."""
    session = Session(root, "Hello.", "Hello.")
    session.type("/add app.py")
    session.type("hello")

    session.type("/clear")
    assert session.chat.state.conversation.entries == ()
    assert [file.path for file in session.chat.files.listed()] == ["app.py"]
    session.type("hello again")
    assert "def greet" in session.last_message

    session.type("/reset")
    assert session.chat.files.listed() == ()


def test_an_exploration_leaves_its_conclusion(root: Path) -> None:
    """What was said in it leaves the prompt; without one, there is nothing to conclude."""
    session = Session(root, "In app.py.", "Fine.")
    with pytest.raises(NothingToUndo, match="No exploration is open"):
        session.type("/done nothing")

    session.type("/focus greetings")
    session.type("where are they?")
    session.type("/done in app.py")
    session.type("thanks")

    assert "Conclusion: in app.py" in session.last_message
    assert "where are they?" not in "".join(message.text for message in session.model.prompts[-1].messages)


def test_an_open_exploration_is_not_replaced(root: Path) -> None:
    """Its start would be forgotten, and what was said in it would stay for ever."""
    session = Session(root, "In app.py.")
    session.type("/focus greetings")

    with pytest.raises(InputError, match=r"exploring greetings\. Nothing was changed"):
        session.type("/focus farewells")

    exploration = session.chat.state.conversation.exploration
    assert exploration is not None
    assert exploration.topic == "greetings"


def test_files_outside_the_chat_are_linted_when_they_are_named(root: Path) -> None:
    """By path, folder or glob; without any, the files of the chat."""
    session = Session(root)
    (root / "lib").mkdir()
    (root / "lib/b c.py").write_text("x = 1\n")
    session.chat.configuration.set("lint-cmd", (("python", "check"),))
    shell = session.chat.shell
    assert isinstance(shell, ScriptedShell)

    for line in ("/lint app.py", "/lint lib", "/lint 'lib/*.py'", "/lint"):
        shell.script.append((0, ""))
        session.type(line)

    assert shell.commands == ["check app.py", "check 'lib/b c.py'", "check 'lib/b c.py'"]
    with pytest.raises(InputError, match=r"There is no file none\.py below"):
        session.type("/lint none.py")


def test_a_map_of_a_folder_shows_that_folder_alone(root: Path) -> None:
    """Whether the user or the model asks, with words or without."""
    session = Session(root, "map: lib greeting\n", "Fine.")
    (root / "lib/more").mkdir(parents=True)
    (root / "lib/more/b.py").write_text("def greeting_of_lib():\n    return 1\n")

    session.type("where is the greeting?")
    shown = session.last_message.partition("map: lib greeting")[2]

    assert "greeting_of_lib" in shown
    assert "app.py" not in shown
    for line in ("/map lib", "/map more/", "/map lib/more words"):
        assert "app.py" not in session.type(line)
        assert "greeting_of_lib" in session.type(line)
    assert "app.py" in session.type("/map greeting")


def test_the_index_answers(root: Path) -> None:
    """Maps, searches and definitions, as the model gets them."""
    session = Session(root)

    assert "app.py" in session.type("/map")
    assert "greet" in session.type("/find by name")
    assert "print('Hello')" in session.type("/show greet")
    with pytest.raises(InputError, match="not a lookup"):
        session.chat.index.answer("greet")


def test_a_turn_is_undone_redone_and_rolled_back(root: Path) -> None:
    """Files and conversation together, without git as well."""
    session = Session(root, BLOCK, "Fine.")
    session.type("/add app.py")
    session.type("greet by name")
    assert "Hello', name" in (root / "app.py").read_text()
    assert "+    print('Hello', name)" in session.type("/diff")

    assert "Turn 1 was undone" in session.type("/undo")
    assert ((root / "app.py").read_text(), session.chat.state.conversation.entries) == (APP, ())
    assert "Turn 1 was done again" in session.type("/redo")
    assert "greet by name" in session.type("/checkpoints")
    assert "1 file is as before turn 1" in session.type("/rollback 1 files")
    assert (root / "app.py").read_text() == APP
    with pytest.raises(NothingToUndo, match="There is no checkpoint 9"):
        session.type("/rollback 9")


def test_settings_change_while_the_chat_is_open(root: Path) -> None:
    """Mode and limits hold from the next turn on; the rules follow."""
    session = Session(root, "Fine.")

    session.type("/settings edit-format udiff")
    session.type("/ask why?")

    assert "Change nothing" in session.model.prompts[0].messages[0].text
    assert session.chat.mode is Mode.CODE
    assert session.type("/models x") == "fake/x"
    with pytest.raises(UsageError, match="There is no setting 'nope'; nothing changed"):
        session.chat.configuration.set("nope", 1)


def test_programs_run_and_their_output_reaches_the_model(root: Path) -> None:
    """If the person agrees; a long output in part."""
    output = "\n".join(f"line {number}" for number in range(9_000))
    session = Session(root, "Fine.", shell=ScriptedShell((1, output)))

    session.type("!make")
    session.type("what is wrong?")

    assert session.person.asked == ["Show this to the model?"]
    assert "I ran `make`: exit code 1." in session.last_message
    assert "lines left out; all 9002 are in output-001" in session.last_message
    with pytest.raises(InputError, match="No test command is set"):
        session.chat.programs.test()


def test_a_note_is_pinned_in_this_session_as_well(root: Path) -> None:
    """And listed with its file."""
    session = Session(root, "Fine.", "Fine.")
    session.type("hello")

    session.type("/remember use tabs")
    session.type("hello again")

    assert "- use tabs" in session.model.prompts[-1].messages[0].text
    assert "use tabs" in session.type("/memory")


def test_the_prompt_is_shown_before_it_is_sent(root: Path) -> None:
    """As text, and part by part."""
    session = Session(root)

    assert "# USER\nhello" in session.chat.prompt.text("hello")
    assert session.chat.prompt.parts()[-1].name == "ceiling"
    assert 0 <= session.chat.prompt.share_used() < 1


def test_the_fake_chat_has_the_face_of_the_real_one(root: Path) -> None:
    """Tests of the terminal use it, and would not notice a method that is called otherwise."""
    real, _ = small_chat(root, ScriptedModel())
    fake = FakeChat(Settings(), root, lambda event: None, Answering())

    for name, part in {"": fake, **{n: p for n, p in vars(fake).items() if isinstance(p, Part)}}.items():
        twin = getattr(real, name) if name else real
        for method in methods_of(part):
            expected = inspect.signature(getattr(twin, method))
            assert list(inspect.signature(getattr(part, method)).parameters)[
                : len(expected.parameters)
            ] == list(expected.parameters), f"{name}.{method}"


def methods_of(part: object) -> list[str]:
    return [name for name, value in vars(type(part)).items() if inspect.isfunction(value) and name[0] != "_"]


def test_a_chat_has_a_part_for_each_subject(root: Path) -> None:
    """Commands reach everything by a part's name."""
    chat: Chat
    chat, _ = small_chat(root, ScriptedModel())

    assert {name for name in vars(chat) if not name.startswith("_")} == {
        "state", "files", "changes", "configuration", "notes", "unfinished", "index", "prompt", "programs",
        "conversation", "permissions", "goals", "agents",
    }  # fmt: skip


def test_a_key_that_is_set_while_the_chat_is_open_is_shown_nowhere(tmp_path: Path) -> None:
    """From the next event on."""
    from chat_fakes import fake_state

    from chat.app.configuration import Configuration

    model = ScriptedModel()
    state, _ = fake_state(tmp_path, model)

    Configuration(state, lambda settings: model, lambda part: (), lambda name, base: "").set(
        "api-key", (("", "k1Xv2mK9tLp4Zr8W7q"),)
    )

    assert state.ports.masks.hidden("it is k1Xv2mK9tLp4Zr8W7q") == "it is [secret]"

"""What the user is shown of the next prompt is what the next call sends."""

from pathlib import Path

import pytest
from chat_fakes import ScriptedModel, small_chat

from chat.app.chat import Chat
from chat.conversation.conversation import Conversation
from chat.model import Prompt
from chat.state.tokens import count

pytestmark = pytest.mark.usefixtures("lasting_workers")

APP = "import os\n\n\ndef greet(name):\n    print('Hello')\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    (folder / "util.py").write_text("def helper():\n    return 1\n")
    return folder


def as_text(prompt: Prompt) -> str:
    parts = [f"# {message.role.upper()}\n{message.text}" for message in prompt.messages]
    return "\n\n".join(filter(None, [*parts, prompt.request_map]))


def _nothing(chat: Chat) -> None: ...


def _files(chat: Chat) -> None:
    chat.files.add(["app.py"])
    chat.files.add(["util.py"], read_only=True)


def _file_that_has_changed(chat: Chat) -> None:
    chat.files.add(["app.py"])
    chat.take_turn("what is it")
    (chat.root / "app.py").write_text(APP + "\n# more\n")


def _note(chat: Chat) -> None:
    chat.take_turn("what is it")
    chat.conversation.tell_model("I ran `make`.")


@pytest.mark.parametrize("prepare", [_nothing, _files, _file_that_has_changed, _note])
def test_the_prompt_shown_is_the_prompt_sent(root: Path, prepare: object) -> None:
    """With files, changes and notes that wait to enter; showing it changes nothing."""
    model = ScriptedModel(*["Fine."] * 3)
    chat, _ = small_chat(root, model)
    assert callable(prepare)
    prepare(chat)
    before = chat.state.conversation

    shown = chat.prompt.text("greet by name")
    assert chat.state.conversation == before
    chat.take_turn("greet by name")

    assert shown == as_text(model.prompts[-1])


def test_files_count_before_the_first_turn(root: Path) -> None:
    """As `/ls` and `/tokens` show them."""
    chat, _ = small_chat(root, ScriptedModel("Fine."))
    chat.files.add(["util.py", "app.py"])

    listed = chat.files.listed()
    parts = {part.name: part.tokens for part in chat.prompt.parts()}
    chat.take_turn("greet by name")

    assert [file.path for file in listed] == ["util.py", "app.py"]
    assert all(file.tokens > 5 for file in listed)
    assert chat.files.listed() == listed
    assert parts["files"] == sum(file.tokens for file in listed)
    assert parts["rules and pinned facts"] > 100


def test_the_map_shown_leaves_out_the_files_of_the_chat(root: Path) -> None:
    """Those are in the prompt already."""
    chat, _ = small_chat(root, ScriptedModel())
    chat.files.add(["app.py"])

    shown = chat.prompt.map()

    assert "util.py" in shown
    assert "app.py" not in shown
    assert chat.state.conversation.base == Conversation().base
    assert count(chat.prompt.map("who calls helper")) > 0


CHOSEN = "These matter:\n\n`app.py` – it greets\nutil.py\n"


def test_the_files_that_an_answer_names_are_not_sent_unasked(root: Path) -> None:
    """An answer of that form is no request; what the rules offer, the model may still use."""
    model = ScriptedModel("find: helper\n", CHOSEN)
    chat, _ = small_chat(root, model)

    result = chat.take_turn("which files?", names_files=True)

    assert result.text == CHOSEN
    assert len(model.prompts) == 2
    assert chat.index.paths_in(result.text) == ("app.py", "util.py")


def test_a_file_that_the_model_was_shown_becomes_the_users_when_added(root: Path) -> None:
    """So it stays until the user drops it."""
    chat, _ = small_chat(root, ScriptedModel("Please add:\n`app.py`\n", "Fine."))
    chat.take_turn("look")

    assert chat.files.add(["app.py"]) == ("app.py",)
    file = chat.state.conversation.file("app.py")
    assert file is not None
    assert file.by_user
    assert file.digest
    assert chat.files.add(["app.py"]) == ()

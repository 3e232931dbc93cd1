"""The files of the chat: added by what a user calls them, dropped, listed."""

from pathlib import Path

import pytest
from chat_fakes import MemoryRepository, ScriptedModel, fake_state

from chat.errors import InputError
from chat.prompt.chat_files import ChatFiles
from chat.turn.turn import take_turn


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("app.py", "logo.png", "docs/app.md", "docs/more.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{name}\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def files(root: Path) -> ChatFiles:
    state, _ = fake_state(root, ScriptedModel())
    return ChatFiles(state)


def paths(files: ChatFiles) -> list[str]:
    return [file.path for file in files.listed()]


def test_dropping_without_a_pattern_drops_all(files: ChatFiles) -> None:
    """As `/drop` without a name promises."""
    files.add(["app.py", "docs"])

    assert files.drop(["docs"]) == ("docs/app.md", "docs/more.md")
    assert files.drop([]) == ("app.py",)
    assert paths(files) == []


def test_a_pattern_is_meant_from_the_folder_that_the_chat_was_started_in(root: Path) -> None:
    """And from the root where nothing there matches it."""
    state, _ = fake_state(root, ScriptedModel())
    files = ChatFiles(state, "docs")

    assert files.add(["app.md", "app.py"]) == ("docs/app.md", "app.py")


def test_one_file_that_cannot_be_shown_adds_none(files: ChatFiles) -> None:
    """Half a list would be sent unnoticed."""
    with pytest.raises(InputError, match=r"logo\.png is an image.*Nothing was added"):
        files.add(["app.py", "logo.png"])

    assert paths(files) == []


def test_a_file_that_is_read_only_is_not_editable(files: ChatFiles) -> None:
    """Nor are those that no pattern matches."""
    files.add(["app.py", "docs/app.md"])
    files.add(["docs/more.md"], read_only=True)

    assert files.editable([]) == ("app.py", "docs/app.md")
    assert files.editable(["docs"]) == ("docs/app.md",)


def test_the_model_is_told_of_files_that_it_was_shown(root: Path) -> None:
    """What it never saw need not be taken back."""
    model = ScriptedModel("Fine.", "Fine.")
    state, _ = fake_state(root, model)
    files = ChatFiles(state)
    files.add(["app.py"])
    take_turn(state, "look")
    files.add(["docs/app.md"])

    files.drop([])
    take_turn(state, "go on")

    last = model.prompts[-1].messages[-1].text
    assert "(app.py: no longer in the chat; do not edit.)" in last
    assert "docs/app.md" not in last


@pytest.mark.parametrize("folder", ["", "docs"])
def test_a_file_outside_the_sparse_checkout_is_not_taken_for_a_new_one(root: Path, folder: str) -> None:
    """An empty file in its place would be committed as a change of it."""
    state, _ = fake_state(root, ScriptedModel(), repository=MemoryRepository(left_out=["web/page.ts"]))
    files = ChatFiles(state, folder)

    with pytest.raises(InputError, match=r"outside the sparse checkout.*git sparse-checkout add web"):
        files.is_new("web/page.ts")
    assert files.is_new("web/other.ts")


@pytest.mark.parametrize(
    ("name", "near"),
    [("ap.py", "app.py"), ("doc/mor.md", "docs/more.md"), ("readme.txt", "")],
)
def test_a_misspelt_name_is_answered_with_what_comes_near(files: ChatFiles, name: str, near: str) -> None:
    """Before an empty file of that name is made, too."""
    similar = f" Similar: {near}." if near else ""

    with pytest.raises(InputError) as refusal:
        files.add([name])
    assert f"There is no file {name} in " in str(refusal.value)
    assert str(refusal.value).endswith(f".{similar} Nothing was added.")
    assert files.similar(name) == similar


def test_a_name_that_two_files_have_is_answered_with_both(root: Path) -> None:
    """Neither is taken; that there is none would be untrue."""
    (root / "app.md").write_text("app\n", encoding="utf-8")
    (root / "docs/app.md").rename(root / "docs/index.md")
    (root / "web").mkdir()
    (root / "web/index.md").write_text("web\n", encoding="utf-8")
    state, _ = fake_state(root, ScriptedModel())

    with pytest.raises(InputError, match=r"Similar: docs/index\.md, web/index\.md"):
        ChatFiles(state).add(["index.md"])


def test_a_file_that_was_made_and_not_written_is_taken_back(root: Path) -> None:
    """With the folders made for it; what was written meanwhile, and folders that were there, stay."""
    state, _ = fake_state(root, ScriptedModel())
    files = ChatFiles(state)
    for path in ("new/deep/blank.py", "docs/blank.md", "written.py"):
        files.create(path)
    (root / "written.py").write_text("print()\n", encoding="utf-8")

    assert files.take_back_blank() == ("new/deep/blank.py", "docs/blank.md")
    assert not (root / "new").exists()
    assert sorted(path.name for path in (root / "docs").iterdir()) == ["app.md", "more.md"]
    assert paths(files) == ["written.py"]
    assert files.take_back_blank() == ()

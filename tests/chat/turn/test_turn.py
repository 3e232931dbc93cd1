"""A turn from the request to the commit, over real files, with a scripted model."""

from pathlib import Path

import pytest
from chat_fakes import Answering, MemoryRepository, ScriptedModel, ScriptedShell, fake_state

from chat.conversation.conversation import Conversation, ShownFile
from chat.errors import GitError, ModelError
from chat.events import CommandRan, Committed, ContextGiven, EditsRefused, EditsWritten, Notice
from chat.model import Mode, Prompt, Reply, Usage
from chat.prompt.maps import overview_tokens
from chat.prompt.rules import base_messages
from chat.results import TurnResult
from chat.settings.table import Settings, changed
from chat.state.state import State
from chat.state.tokens import count
from chat.turn.turn import take_turn

APP = "import os\n\n\ndef greet(name):\n    print('Hello')\n"
BLOCK = """Greet by name.

app.py
```python
<<<<<<< SEARCH
    print('Hello')
=======
    print(f'Hello, {name}')
>>>>>>> REPLACE
```
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "util.py").write_text("def helper():\n    return 1\n")
    return tmp_path


def run(state: State, request: str = "greet by name") -> TurnResult:
    state.writer.put(state.conversation)
    return take_turn(state, request)


def test_a_reply_with_edits_is_written_and_committed(root: Path) -> None:
    """The usual case: one reply, one write, one commit of just that file."""
    repository = MemoryRepository()
    state, events = fake_state(root, ScriptedModel(BLOCK, weak="Greet people by name"), repository=repository)

    result = run(state)

    assert "Hello, {name}" in (root / "app.py").read_text()
    assert result.ok
    assert result.files_changed == ("app.py",)
    ((paths, message),) = repository.commits
    assert paths == ("app.py",)
    assert message.startswith("Greet people by name\n\nCo-authored-by: fake/main")
    assert [type(event) for event in events if isinstance(event, EditsWritten | Committed)] == [
        EditsWritten,
        Committed,
    ]


def test_an_answer_changes_nothing(root: Path) -> None:
    """A reply without edits ends the turn, and its text is the result."""
    state, _ = fake_state(root, ScriptedModel("It prints Hello, in `app.py`."))

    result = run(state, "what does greet do?")

    assert result.text == "It prints Hello, in `app.py`."
    assert result.ok
    assert (root / "app.py").read_text() == APP


def test_a_file_that_the_model_names_is_shown_and_the_turn_goes_on(root: Path) -> None:
    """The request for a file costs one call, not the user's attention."""
    model = ScriptedModel("I need to see:\n\n`app.py`\n", BLOCK)
    state, events = fake_state(root, model)

    result = run(state)

    assert result.ok
    assert result.files_changed == ("app.py",)
    assert f"app.py\n```\n{APP}```" in model.prompts[1].messages[-1].text
    assert ContextGiven(("app.py",), ()) in events


def test_a_later_prompt_begins_with_the_one_before(root: Path) -> None:
    """What a provider has cached stays valid: only the request map is not kept."""
    model = ScriptedModel("Please add:\n`app.py`\n", BLOCK, "Done.")
    state, _ = fake_state(root, model)

    run(state)
    run(state, "and now?")

    for before, after in zip(model.prompts, model.prompts[1:], strict=False):
        assert after.messages[: len(before.messages)] == before.messages
        assert before.request_map


def test_a_lookup_is_answered(root: Path) -> None:
    """`find:` and its siblings are answered by the index, and each only once."""
    model = ScriptedModel("find: helper\nshow: app.py:greet\n", "find: helper\n", "Fine.")
    state, _ = fake_state(root, model)

    result = run(state, "who uses helper?")

    assert "util.py" in model.prompts[1].messages[-1].text
    assert "print('Hello')" in model.prompts[1].messages[-1].text
    assert result.text == "Fine."


def test_refused_edits_alone_are_asked_for_again_and_the_others_wait(root: Path) -> None:
    """Nothing is written until every edit applies; then all are, in one commit."""
    bad = (
        BLOCK
        + "\nutil.py\n```python\n<<<<<<< SEARCH\n    return 7\n=======\n    return 2\n>>>>>>> REPLACE\n```\n"
    )
    good = "util.py\n```python\n<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE\n```\n"

    def second(prompt: Prompt) -> str:
        assert (root / "app.py").read_text() == APP
        assert "not applied" in prompt.messages[-1].text
        assert "def helper" in prompt.messages[-1].text
        return good

    repository = MemoryRepository()
    state, events = fake_state(root, ScriptedModel(bad, second), repository=repository)

    result = run(state)

    assert result.files_changed == ("app.py", "util.py")
    assert [paths for paths, _ in repository.commits] == [("app.py", "util.py")]
    assert [event.final for event in events if isinstance(event, EditsRefused)] == [False]


def test_when_the_tries_are_used_up_nothing_is_written(root: Path) -> None:
    """Half of a change is a state that nobody wants."""
    bad = (
        BLOCK + "\nutil.py\n```\n<<<<<<< SEARCH\n    return 7\n=======\n    return 2\n>>>>>>> REPLACE\n```\n"
    )
    state, _ = fake_state(
        root, ScriptedModel(bad, bad), settings=changed(Settings(), {"max-reflections": 1}, "test")
    )

    result = run(state)

    assert not result.ok
    assert len(result.refused) == 1
    assert (root / "app.py").read_text() == APP
    assert result.files_changed == ()


def test_an_edit_that_also_mentions_files_is_applied(root: Path) -> None:
    """The mention costs neither the edits nor another call."""
    state, _ = fake_state(root, ScriptedModel(BLOCK + "\nYou may want to look at `util.py` too.\n"))

    assert run(state).files_changed == ("app.py",)


def test_failing_tests_go_back_and_a_fix_is_one_commit_with_the_rest(root: Path) -> None:
    """The model sees what failed, and the turn ends green."""
    fix = BLOCK.replace("print('Hello')", "print(f'Hello, {name}')").replace(
        "Hello, {name}')\n>>", "Hi, {name}')\n>>"
    )
    settings = changed(Settings(), {"test-cmd": "make test", "auto-test": True}, "test")
    repository = MemoryRepository()
    model = ScriptedModel(BLOCK, fix)
    shell = ScriptedShell((1, "FAILED test_greet"), (0, "ok"))
    state, events = fake_state(root, model, settings=settings, repository=repository, shell=shell)

    result = run(state)

    assert result.ok
    assert "FAILED test_greet" in model.prompts[1].messages[-1].text
    assert "Hi, " in (root / "app.py").read_text()
    assert len(repository.commits) == 1
    assert [event.exit_code for event in events if isinstance(event, CommandRan)] == [1, 0]


def test_the_same_failure_twice_ends_the_turn(root: Path) -> None:
    """A model that goes in circles is stopped, and the result is not ok."""
    again = BLOCK.replace("    print('Hello')\n===", "    print(f'Hello, {name}')\n===").replace(
        "Hello, {name}')\n>>", "Hello, you')\n>>"
    )
    settings = changed(Settings(), {"test-cmd": "t", "auto-test": True}, "test")
    state, _ = fake_state(
        root, ScriptedModel(BLOCK, again), settings=settings, shell=ScriptedShell((1, "red"), (1, "red"))
    )

    result = run(state)

    assert not result.ok
    assert result.test is not None
    assert result.test.exit_code == 1


def test_a_failed_call_leaves_the_conversation_as_it_was(root: Path) -> None:
    """The next request does not follow one that nobody answered."""
    state, _ = fake_state(root, ScriptedModel(ModelError("no answer")))
    before = state.conversation

    with pytest.raises(ModelError):
        run(state)

    assert state.conversation == before
    assert (root / "app.py").read_text() == APP


def test_an_interrupt_before_the_write_changes_nothing(root: Path) -> None:
    """Ctrl-C during a reply keeps the session and the files."""
    state, _ = fake_state(root, ScriptedModel("Please add:\n`app.py`\n", KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        run(state)

    assert state.conversation.entries == ()
    assert (root / "app.py").read_text() == APP


def test_a_reply_cut_by_length_is_continued_and_its_whole_edits_kept(root: Path) -> None:
    """Only the edit that was cut is asked for again."""
    second = "util.py\n```python\n<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE\n```\n"
    cut = Reply(BLOCK + second[:50], "length", Usage(1), "fake/main")
    state, _ = fake_state(root, ScriptedModel(cut, second))

    result = run(state)

    assert result.files_changed == ("app.py", "util.py")
    assert "return 2" in (root / "util.py").read_text()


def test_mid_merge_nothing_is_touched(root: Path) -> None:
    """What git cannot commit is refused before a file changes."""
    state, _ = fake_state(
        root, ScriptedModel(BLOCK), repository=MemoryRepository(blocked="a merge is under way")
    )

    with pytest.raises(GitError, match="No file was changed"):
        run(state)

    assert (root / "app.py").read_text() == APP


def test_the_users_own_changes_are_committed_first_and_apart(root: Path) -> None:
    """The turn's commit holds only the model's work."""
    repository = MemoryRepository(dirty=["app.py"])
    state, _ = fake_state(root, ScriptedModel(BLOCK), repository=repository)

    result = run(state)

    assert [paths for paths, _ in repository.commits] == [("app.py",), ("app.py",)]
    assert [commit.of_user for commit in result.commits] == [True, False]


def test_ask_mode_writes_nothing(root: Path) -> None:
    """In an answer, blocks only illustrate; since they look like edits, that is said."""
    state, events = fake_state(root, ScriptedModel(BLOCK), conversation=Conversation(mode=Mode.ASK))

    assert run(state).files_changed == ()
    assert (root / "app.py").read_text() == APP
    said = [event.text for event in events if isinstance(event, Notice)]
    assert said == [
        "This turn only answers, so its edits of app.py were not applied; /code TEXT makes changes."
    ]


def test_an_answer_without_edits_is_not_spoken_of(root: Path) -> None:
    """Code that it quotes is no edit."""
    answer = "It prints a name:\n\n```python\nprint(name)\n```\n"
    state, events = fake_state(root, ScriptedModel(answer), conversation=Conversation(mode=Mode.ASK))

    run(state)

    assert [event for event in events if isinstance(event, Notice)] == []


def test_in_architect_mode_the_editor_model_edits_by_the_plan(root: Path) -> None:
    """The main model's words and the files go to the editor model, whose edits are applied."""
    model = ScriptedModel("Print the name in greet of app.py.", BLOCK)
    state, _ = fake_state(root, model, conversation=Conversation(mode=Mode.ARCHITECT))

    result = run(state)

    assert result.files_changed == ("app.py",)
    assert "Print the name in greet" in model.editor_prompts[0].messages[-1].text


def test_edits_that_are_in_place_already_are_named(root: Path) -> None:
    """The user learns why no file changed, and the answer does not repeat the edits."""
    (root / "app.py").write_text(APP.replace("'Hello'", "f'Hello, {name}'"))
    state, events = fake_state(root, ScriptedModel(BLOCK))

    result = run(state)

    assert (result.ok, result.text, result.files_changed) == (True, "Greet by name.", ())
    notices = [event.text for event in events if isinstance(event, Notice)]
    assert notices == ["The edits of this reply are in place already, so nothing was written: app.py."]


def test_the_model_is_shown_a_file_whose_edits_are_in_place_with_the_next_request(root: Path) -> None:
    """It knows it wrongly, and would send the same again and again."""
    (root / "app.py").write_text(APP.replace("'Hello'", "f'Hello, {name}'"))
    model = ScriptedModel("show: app.py", BLOCK, "Fine.")
    state, _ = fake_state(root, model)
    run(state)

    run(state)

    text = model.prompts[-1].messages[-1].text
    assert "in the files already, so nothing was written: app.py." in text
    assert (root / "app.py").read_text() in text


def test_a_dry_run_writes_nothing(root: Path) -> None:
    """The change is shown and the tree stays."""
    state, events = fake_state(
        root, ScriptedModel(BLOCK), settings=changed(Settings(), {"dry-run": True}, "test")
    )

    result = run(state)

    assert (root / "app.py").read_text() == APP
    assert result.commits == ()
    assert [event.dry_run for event in events if isinstance(event, EditsWritten)] == [True]


@pytest.mark.parametrize("answer", [False, None])
def test_edits_that_are_not_confirmed_are_not_written(root: Path, answer: bool | None) -> None:
    """With --ask, both a no and nobody there mean no."""
    settings = changed(Settings(), {"ask": True}, "test")
    state, _ = fake_state(root, ScriptedModel(BLOCK), settings=settings, person=Answering(answer))

    assert not run(state).ok
    assert (root / "app.py").read_text() == APP


def test_the_model_is_told_of_a_file_that_has_changed_since_it_was_shown(root: Path) -> None:
    """The stale copy in the prompt is called one, and the file is one request away."""
    model = ScriptedModel("Please add:\n`app.py`\n", "Seen.", "Again.")
    state, _ = fake_state(root, model)
    run(state)
    (root / "app.py").write_text(APP + "\n# more\n")

    run(state, "go on")

    assert "app.py has changed since it was shown" in model.prompts[-1].messages[-1].text
    assert state.conversation.file("app.py") is None


def test_files_that_the_user_added_precede_the_request(root: Path) -> None:
    """They are sent with the next request, once, under their path."""
    model = ScriptedModel("Fine.", "Fine.")
    state, _ = fake_state(root, model)
    state.writer.put(
        state.conversation.with_files(
            [ShownFile("app.py", by_user=True), ShownFile("util.py", read_only=True)]
        )
    )

    run(state)
    run(state, "more")

    first = model.prompts[0].messages[-1].text
    assert first.index("util.py\n```") < first.index("app.py\n```") < first.index("greet by name")
    assert "```" not in model.prompts[1].messages[-1].text


def test_the_map_and_its_heading_stay_within_their_budget(root: Path) -> None:
    """Everything about files outside the chat fits --map-tokens."""
    for number in range(200):
        (root / f"module_{number}.py").write_text(f"def function_{number}(argument):\n    return {number}\n")
    model = ScriptedModel("Fine.")
    state, _ = fake_state(root, model, settings=changed(Settings(), {"map-tokens": 300}, "test"))
    state.writer.put(Conversation(base=base_messages(state, with_overview=True)))

    run(state, "function_7")

    tokens = overview_tokens(state.conversation) + count(model.prompts[0].request_map)
    assert 200 < tokens <= 300


def test_a_model_that_cannot_see_what_it_needs_gets_a_wider_map(root: Path) -> None:
    """Once; if it still cannot, the request counts as unanswered."""
    model = ScriptedModel("I cannot see where this lives.", "I cannot see where this lives.")
    state, _ = fake_state(root, model, settings=changed(Settings(), {"map-tokens": 400}, "test"))
    for number in range(300):
        (root / f"module_{number}.py").write_text(f"def function_{number}(argument):\n    return {number}\n")

    result = run(state, "something")

    assert "More files" in model.prompts[1].request_map
    assert result.unanswered
    assert not result.ok


def test_in_session_mode_all_turns_are_one_commit(root: Path) -> None:
    """The second turn is added to the commit of the first, and to its message."""
    second = "util.py\n```\n<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE\n```\n"
    repository = MemoryRepository()
    settings = changed(Settings(), {"commit-mode": "session"}, "test")
    state, _ = fake_state(
        root, ScriptedModel(BLOCK, second, weak="Change it"), settings=settings, repository=repository
    )

    run(state)
    run(state, "and util")

    ((_, message),) = repository.commits
    assert message.startswith("Change it\n\n- Change it\n\nCo-authored-by:")

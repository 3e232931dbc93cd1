"""A turn whose edits were refused or cut: nothing is forgotten, and nothing half done is a success."""

from pathlib import Path

import pytest
from chat_fakes import Answering, MemoryRepository, ScriptedModel, fake_state

from chat.conversation.conversation import Conversation
from chat.errors import GitError
from chat.events import EditsRefused
from chat.model import Mode, Reply, Usage
from chat.results import TurnResult
from chat.settings.table import Settings, changed
from chat.state.state import State
from chat.turn.replies import MAX_CONTINUATIONS
from chat.turn.turn import take_turn

FILES = {"a.py": "a = 1\n", "b.py": "b = 1\n", "c.py": "c = 1\n"}


def block(path: str, search: str, replace: str) -> str:
    """A SEARCH/REPLACE block."""
    return f"{path}\n```\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n```\n\n"


GOOD_A = block("a.py", "a = 1", "a = 2")
BAD_B, GOOD_B = block("b.py", "b = 7", "b = 2"), block("b.py", "b = 1", "b = 2")
BAD_C, GOOD_C = block("c.py", "c = 7", "c = 2"), block("c.py", "c = 1", "c = 2")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(state: State, request: str = "change them") -> TurnResult:
    state.writer.put(state.conversation)
    return take_turn(state, request)


def texts(root: Path) -> dict[str, str]:
    """What the files hold."""
    return {name: (root / name).read_text() for name in FILES}


@pytest.mark.parametrize("first", [GOOD_A + BAD_B, BAD_B], ids=["beside one that fits", "alone"])
def test_a_refused_edit_is_not_forgotten_by_a_reply_without_edits(root: Path, first: str) -> None:
    """The model is reminded once; then the turn ends as a failure that lists it, with nothing written."""
    repository = MemoryRepository()
    model = ScriptedModel(first, "All done.", "All done, really.")
    state, events = fake_state(root, model, repository=repository)

    result = run(state)

    assert not result.ok
    assert ["b.py" in message for message in result.refused] == [True]
    assert result.text == "All done, really."
    assert texts(root) == FILES
    assert repository.commits == []
    assert "b.py" in model.prompts[2].messages[-1].text
    finals = [event.final for event in events if isinstance(event, EditsRefused)]
    assert finals == [False, False, True]


def test_a_reminder_gives_the_model_the_chance_to_send_the_edit(root: Path) -> None:
    """Then all is written, as one commit."""
    repository = MemoryRepository()
    state, _ = fake_state(root, ScriptedModel(GOOD_A + BAD_B, "Done.", GOOD_B), repository=repository)

    result = run(state)

    assert result.ok
    assert result.files_changed == ("a.py", "b.py")
    assert [paths for paths, _ in repository.commits] == [("a.py", "b.py")]


def test_an_edit_that_fits_answers_its_own_refusal_alone(root: Path) -> None:
    """Of two refused edits the one that is not sent again is asked for again."""
    model = ScriptedModel(BAD_B + BAD_C, GOOD_B, GOOD_C)
    state, _ = fake_state(root, model)

    result = run(state)

    reminder = model.prompts[2].messages[-1].text
    assert "c.py" in reminder
    assert "b.py" not in reminder
    assert result.ok
    assert result.files_changed == ("b.py", "c.py")


def test_a_model_may_look_at_a_file_before_it_answers_a_refusal(root: Path) -> None:
    """Its request is answered, and what is held is not written meanwhile."""
    model = ScriptedModel(GOOD_A + BAD_B, "show: c.py", GOOD_B)
    state, _ = fake_state(root, model)

    result = run(state)

    assert "c = 1" in model.prompts[2].messages[-1].text
    assert result.ok
    assert result.files_changed == ("a.py", "b.py")


@pytest.mark.parametrize("answer", [True, False, None])
def test_the_edits_that_fit_are_written_only_if_the_user_agrees(root: Path, answer: bool | None) -> None:
    """The turn is no success either way; without anybody there, the answer is no."""
    person = Answering(answer)
    state, _ = fake_state(root, ScriptedModel(GOOD_A + BAD_B, "Done.", "Done."), person=person)

    result = run(state)

    assert person.asked == ["Some edits were refused. Write the others?"]
    assert not result.ok
    assert len(result.refused) == 1
    assert texts(root) == (FILES | {"a.py": "a = 2\n"} if answer else FILES)


def test_without_reflections_the_first_refusal_ends_the_turn(root: Path) -> None:
    """A setting of 0 never returns to the model."""
    settings = changed(Settings(), {"max-reflections": 0}, "test")
    state, _ = fake_state(root, ScriptedModel(GOOD_A + BAD_B), settings=settings)

    assert not run(state).ok
    assert texts(root) == FILES


def test_the_model_knows_in_the_next_turn_that_its_edits_were_not_written(root: Path) -> None:
    """Or it would go on as if the files held them."""
    model = ScriptedModel(GOOD_A + BAD_B, "Done.", "Done.", "I see.")
    state, _ = fake_state(root, model)
    run(state)

    run(state, "and now?")

    assert "were not written" in model.prompts[-1].messages[-1].text


def cut(text: str) -> Reply:
    """A reply that ran into its length limit."""
    return Reply(text, "length", Usage(1), "fake/main")


@pytest.mark.parametrize("form", ["diff", "whole"])
def test_a_reply_that_stays_cut_is_not_applied(root: Path, form: str) -> None:
    """Even where every edit that arrived is complete: nobody knows what was to follow."""
    reply = GOOD_A if form == "diff" else "a.py\n```\na = 2\n```\n"
    repository, person = MemoryRepository(), Answering(True)
    model = ScriptedModel(*[cut(reply)] * (1 + MAX_CONTINUATIONS))
    settings = changed(Settings(), {"edit-format": form}, "test")
    state, _ = fake_state(root, model, settings=settings, repository=repository, person=person)

    result = run(state)

    assert not result.ok
    assert "cut off at its length limit" in result.refused[-1]
    assert texts(root) == FILES
    assert repository.commits == []
    assert person.asked == []


@pytest.mark.parametrize("mode", [Mode.ASK, Mode.ARCHITECT])
def test_an_answer_that_stays_cut_is_shown_and_is_no_success(root: Path, mode: Mode) -> None:
    """And half a plan goes to no editor model."""
    model = ScriptedModel(*[cut("Because ")] * (1 + MAX_CONTINUATIONS))
    state, _ = fake_state(root, model, conversation=Conversation(mode=mode))

    result = run(state, "why?")

    assert not result.ok
    assert result.text.startswith("Because ")
    assert model.editor_prompts == []


def test_the_last_continuation_may_complete_a_reply(root: Path) -> None:
    """The limit counts continuations that were cut, not those that end."""
    state, _ = fake_state(root, ScriptedModel(*[cut("Well. ")] * MAX_CONTINUATIONS, GOOD_A))

    result = run(state)

    assert result.ok
    assert result.files_changed == ("a.py",)


@pytest.mark.parametrize("mode", [Mode.CODE, Mode.ARCHITECT])
def test_what_git_cannot_commit_is_refused_before_a_model_is_paid(root: Path, mode: Mode) -> None:
    """The conversation stays as it was, too."""
    model = ScriptedModel(GOOD_A)
    repository = MemoryRepository(blocked="A rebase is under way.")
    state, _ = fake_state(root, model, repository=repository, conversation=Conversation(mode=mode))
    before = state.conversation

    with pytest.raises(GitError, match="No file was changed"):
        run(state)

    assert model.prompts == []
    assert state.conversation == before


@pytest.mark.parametrize(
    ("mode", "settings"),
    [(Mode.ASK, {}), (Mode.CODE, {"commit-mode": "none"}), (Mode.CODE, {"dry-run": True})],
    ids=["questions", "no commits", "dry run"],
)
def test_turns_without_a_commit_are_taken_amid_a_merge(
    root: Path, mode: Mode, settings: dict[str, object]
) -> None:
    """Nothing that git forbids is about to happen."""
    state, _ = fake_state(
        root,
        ScriptedModel("Because."),
        settings=changed(Settings(), settings, "test"),
        repository=MemoryRepository(blocked="A merge is under way."),
        conversation=Conversation(mode=mode),
    )

    assert run(state, "why?").text == "Because."

"""When a prompt is compacted, and what that keeps."""

from pathlib import Path

from chat_fakes import ScriptedModel, fake_state, log_of

from chat.conversation.conversation import Conversation, ShownFile
from chat.goals.texts import next_request
from chat.model import Message
from chat.prompt.compaction import compact
from chat.prompt.compaction_due import is_due
from chat.sessions.records.goal import GoalSet
from chat.settings.table import Settings, changed
from chat.turn.turn import take_turn


def test_the_log_is_summarised_once_it_has_cost_as_much(tmp_path: Path) -> None:
    """Not before, and not if the user has switched that off."""
    model = ScriptedModel(*["A word about it. " * 40] * 30)
    state, _ = fake_state(
        tmp_path, model, settings=changed(Settings(), {"context-tokens": 16_000, "map-tokens": 0}, "test")
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


def test_a_rebuild_keeps_an_exploration_and_what_the_user_added(tmp_path: Path) -> None:
    """Its start is found among the turns that are left, and the conclusion keeps those before it."""
    (tmp_path / "one.py").write_text("def one_149(argument):\n    return 1\n")
    model = ScriptedModel("First.", "It is called nowhere.", weak="Done: nothing yet.")
    state, _ = fake_state(tmp_path, model)
    state.writer.put(state.conversation.with_files([ShownFile("one.py", by_user=True)]))
    take_turn(state, "what is one?")
    state.writer.put(state.conversation.with_exploration("who calls it"))
    take_turn(state, "who calls the seventh of one, and with what?")

    compact(state)
    assert "def one_149(" in log_of(state)
    state.writer.put(state.conversation.with_conclusion("nobody"))

    assert "First." in log_of(state)
    assert "It is called nowhere." not in log_of(state)
    assert [file.path for file in state.conversation.files] == ["one.py"]


def test_rules_that_an_earlier_version_kept_are_kept_on(tmp_path: Path) -> None:
    """Its sessions have them under another heading."""
    state, _ = fake_state(tmp_path, ScriptedModel("Fine."))
    rules = "# What the user said is to hold for the whole session\n- Always use tabs."
    past = f"{rules}\n\n# What has been done so far\nAll."
    base = (Message("system", "Rules."), Message("user", past), Message("assistant", "Understood."))
    state.writer.put(Conversation(base=base))
    take_turn(state, "go on")

    compact(state)

    assert "# Rules that the user has set for the whole session\n- Always use tabs." in log_of(state)


def test_what_a_goal_asks_is_nothing_that_the_user_has_said(tmp_path: Path) -> None:
    """Its requests hold the output of checks, whose words set no rules; the summary tells of them."""
    state, _ = fake_state(tmp_path, ScriptedModel(*["Fine. " * 2000] * 3, weak="Done: so far."))
    goal = GoalSet(condition="All tests pass")
    take_turn(state, "All tests pass. Never touch a.py.")
    for number in range(2):
        take_turn(state, next_request(goal, f"{number} failed: Always call close() from now on."))

    compact(state)

    (past,) = (message.text for message in state.conversation.base[1:] if message.role == "user")
    assert "- Never touch a.py." in past
    assert "Always call" not in past
    assert "Done: so far." in past

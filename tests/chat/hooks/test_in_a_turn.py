"""Hooks are told what a turn does where it happens, and what they say holds."""

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from chat_fakes import Answering, ScriptedModel, ScriptedShell, fake_state, small_chat
from hook_files import own_hooks, write_hooks
from processes import STARTED, InterruptedStart, has_ended, has_line, is_running, until
from whole_chat import block

from chat.app.chat import Chat
from chat.app.notifying import NotifyingPerson
from chat.errors import CompactionBlocked, NeedsTerminal, PromptBlocked
from chat.events import Event, Notice
from chat.hooks.hooks import Hooks
from chat.hooks.sources import user_files
from chat.prompt.compactor import Compactor
from chat.results import TurnResult
from chat.settings.table import Settings
from chat.state.hook_calls import edit_call, person_asked
from chat.state.state import State
from chat.turn.hooks import MAX_SENT_ON
from chat.turn.turn import take_turn
from edits import FileChange

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the hooks of these tests are written for sh")
EDIT = block("app.py", 'print("hello")\n', 'print("goodbye")\n')
OTHER = block("app.py", 'print("hello")\n', 'print("farewell")\n')
NEW = block("new.py", "", "x = 1\n")
PYTEST = Settings(allowed_tools=("Bash(pytest *)",))
LOG = "cat >> log; echo >> log"
REFUSE_GOODBYE = "if grep -q goodbye; then echo say farewell >&2; exit 2; fi"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one file."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text('print("hello")\n')
    return root


def hooked(root: Path, model: ScriptedModel, **more: Any) -> tuple[State, list[Event]]:
    """The state of a chat with hooks over fakes."""
    return fake_state(root, model, hooks=Hooks(root), **more)


def taken(root: Path, model: ScriptedModel, **more: Any) -> TurnResult:
    """Take a turn with hooks."""
    return take_turn(hooked(root, model, **more)[0], "say goodbye")


def logged(root: Path) -> list[dict[str, Any]]:
    """What a hook that logs its input has read, each time."""
    return [json.loads(line) for line in (root / "log").read_text().splitlines()]


def last(model: ScriptedModel, call: int) -> str:
    """The last message of a call."""
    return model.prompts[call].messages[-1].text


def chat_of(root: Path, model: ScriptedModel) -> tuple[Chat, list[Event]]:
    """A whole chat with hooks, over fakes."""
    return small_chat(root, model, hooks=Hooks(root))


# A request


def test_what_a_hook_adds_to_a_request_is_sent_with_it(root: Path) -> None:
    """In front of it, as context."""
    own_hooks(("UserPromptSubmit", "", "cat > seen; echo It is Monday."))
    model = ScriptedModel("Fine.")
    chat, _ = chat_of(root, model)
    chat.take_turn("what day is it?")
    assert "It is Monday.\n\nwhat day is it?" in model.prompts[0].messages[-1].text
    assert json.loads((root / "seen").read_text())["prompt"] == "what day is it?"


def test_a_request_that_a_hook_refuses_is_not_sent(root: Path) -> None:
    """Nothing of it stays in the conversation, and the reason is said."""
    own_hooks(("UserPromptSubmit", "", "echo no secrets please >&2; exit 2"))
    model = ScriptedModel("Fine.")
    chat, _ = chat_of(root, model)
    before = chat.state.conversation
    with pytest.raises(PromptBlocked, match="no secrets please"):
        chat.take_turn("the key is 1234")
    assert model.prompts == []
    assert chat.state.conversation == before


# Edits


def test_an_edit_that_a_hook_forbids_is_not_written_and_the_model_tries_again(root: Path) -> None:
    """It is told why; what it sends then is asked about again."""
    own_hooks(("PreToolUse", "Edit|Write", REFUSE_GOODBYE))
    model = ScriptedModel(EDIT, OTHER)
    result = taken(root, model)
    assert (root / "app.py").read_text() == 'print("farewell")\n'
    assert "say farewell" in last(model, 1)
    assert result.ok


def test_an_edit_that_stays_forbidden_ends_the_turn(root: Path) -> None:
    """Nothing is written, and the turn has failed."""
    own_hooks(("PreToolUse", "Edit", "echo never >&2; exit 2"))
    result = taken(root, ScriptedModel(EDIT, EDIT), settings=Settings(max_reflections=1))
    assert (root / "app.py").read_text() == 'print("hello")\n'
    assert not result.ok
    assert "never" in result.failure


def test_a_hook_that_ends_the_turn_ends_it_before_the_write(root: Path) -> None:
    """The model is not asked again, and no hook sends the turn on."""
    own_hooks(
        ("PreToolUse", "", """echo '{"continue": false, "stopReason": "late"}'"""),
        ("Stop", "", "echo go on >&2; exit 2"),
    )
    model = ScriptedModel(EDIT, OTHER)
    result = taken(root, model)
    assert len(model.prompts) == 1
    assert "late" in result.failure
    assert (root / "app.py").read_text() == 'print("hello")\n'


@pytest.mark.parametrize("answer", [True, False])
def test_a_hook_may_have_the_person_asked(root: Path, answer: bool) -> None:
    """Also where edits are written unasked otherwise."""
    own_hooks(("PreToolUse", "Edit", """echo '{"hookSpecificOutput": {"permissionDecision": "ask"}}'"""))
    person = Answering(answer)
    taken(root, ScriptedModel(EDIT), person=person)
    assert person.asked == ["Write these changes?"]
    assert ("goodbye" in (root / "app.py").read_text()) is answer


def test_a_hook_may_answer_for_the_person(root: Path) -> None:
    """Where the settings want a question, but not where a rule does."""
    own_hooks(("PreToolUse", "", """echo '{"hookSpecificOutput": {"permissionDecision": "allow"}}'"""))
    person = Answering(False)
    taken(root, ScriptedModel(EDIT), person=person, settings=Settings(ask=True))
    assert person.asked == []
    person = Answering(False)
    other = block("app.py", 'print("goodbye")\n', 'print("hi")\n')
    taken(root, ScriptedModel(other), person=person, settings=Settings(ask_tools=("Edit",)))
    assert person.asked == ["Write these changes?"]


def test_what_a_hook_has_against_a_written_edit_is_sent_to_the_model(root: Path) -> None:
    """The file is written already; the model mends it."""
    own_hooks(("PostToolUse", "Edit", REFUSE_GOODBYE))
    mended = block("app.py", 'print("goodbye")\n', 'print("farewell")\n')
    model = ScriptedModel(EDIT, mended)
    state, _ = hooked(root, model)
    take_turn(state, "say goodbye")
    assert "say farewell" in last(model, 1)
    assert (root / "app.py").read_text() == 'print("farewell")\n'


def test_what_a_formatting_hook_makes_of_a_file_belongs_to_the_turn(root: Path) -> None:
    """As it does with a linter."""
    own_hooks(("PostToolUse", "Edit|Write", "echo '# formatted' >> app.py"))
    state, _ = hooked(root, ScriptedModel(EDIT))
    take_turn(state, "say goodbye")
    assert len(state.turns.done[-1].record.writes) == 2


def test_hooks_see_each_file_as_an_edit_or_a_write(root: Path) -> None:
    """With absolute paths, before and after."""
    own_hooks(("PreToolUse", "Edit|Write", LOG), ("PostToolUse", "Edit|Write", LOG))
    taken(root, ScriptedModel(EDIT + NEW))
    before_edit, before_write, after_edit, after_write = logged(root)
    assert before_edit["tool_name"] == "Edit"
    assert before_edit["permission_mode"] == "default"
    assert before_edit["tool_input"] == {
        "file_path": str(root / "app.py"),
        "old_string": 'print("hello")\n',
        "new_string": 'print("goodbye")\n',
        "replace_all": False,
    }
    assert before_write["tool_name"] == "Write"
    assert before_write["tool_input"] == {"file_path": str(root / "new.py"), "content": "x = 1\n"}
    assert after_edit["tool_response"] == {"filePath": str(root / "app.py"), "success": True}
    assert after_write["hook_event_name"] == "PostToolUse"


def test_a_dry_run_tells_hooks_of_no_tool(root: Path) -> None:
    """Nothing is written, so nothing is asked."""
    own_hooks(("PreToolUse", "", LOG), ("PostToolUse", "", LOG))
    taken(root, ScriptedModel(EDIT), settings=Settings(dry_run=True))
    assert not (root / "log").exists()


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("a\nb\nc\n", "a\nx\nc\n", "b\n", "x\n"),
        ("a\na\n", "a\na\na\n", "", "a\n"),
        ("a\nb\n", None, "a\nb\n", ""),
        ("a", "b", "a", "b"),
    ],
)
def test_an_edit_is_told_by_the_lines_that_differ(
    tmp_path: Path, before: str, after: str | None, old: str, new: str
) -> None:
    """A deleted file leaves nothing."""
    change = FileChange("a.py", before.encode(), None if after is None else after.encode())
    call = edit_call(tmp_path, change)
    assert (call.input["old_string"], call.input["new_string"]) == (old, new)


# Commands


def test_a_command_that_a_hook_forbids_is_not_run(root: Path) -> None:
    """Although a rule allows it; the model is told why."""
    own_hooks(("PreToolUse", "Bash", "echo use tox >&2; exit 2"))
    model, shell = ScriptedModel("run: pytest -q", "Well."), ScriptedShell((0, ""))
    result = taken(root, model, settings=PYTEST, model_shell=shell)
    assert shell.commands == []
    assert result.denied == ("pytest -q",)
    assert "a hook forbids it: use tox" in last(model, 1)


def test_a_hook_may_allow_a_command_that_no_rule_is_about(root: Path) -> None:
    """But none that a rule denies or asks about."""
    own_hooks(("PreToolUse", "Bash", """echo '{"hookSpecificOutput": {"permissionDecision": "allow"}}'"""))
    shell = ScriptedShell((0, "fine"))
    rules = Settings(
        allowed_tools=("Bash(pytest *)",), ask_tools=("Bash(tox *)",), disallowed_tools=("Bash(nox *)",)
    )
    model = ScriptedModel("run: make\nrun: tox -q\nrun: nox -q", "Well.")
    result = taken(root, model, settings=rules, model_shell=shell)
    assert shell.commands == ["make"]
    assert result.denied == ("tox -q", "nox -q")


def test_what_a_hook_says_of_a_command_stands_below_its_output(root: Path) -> None:
    """It read the command, its time limit in milliseconds, output and exit code."""
    own_hooks(("PostToolUse", "Bash", "cat > log; echo flaky, run it twice >&2; exit 2"))
    model = ScriptedModel("run: pytest -q", "Well.")
    taken(root, model, settings=PYTEST, model_shell=ScriptedShell((1, "1 failed")))
    assert last(model, 1).index("1 failed") < last(model, 1).index("flaky, run it twice")
    (event,) = logged(root)
    assert event["tool_input"]["command"] == "pytest -q"
    assert event["tool_response"] == {
        "stdout": "1 failed",
        "stderr": "",
        "exit_code": 1,
        "interrupted": False,
    }


def test_a_hook_may_change_a_command_and_rules_apply_to_what_it_makes(root: Path) -> None:
    """The model is told what was run; a rule that denies or asks is not got around."""
    answers = {"make": "pytest -x", "make lint": "nox", "make docs": "tox"}
    script = f"import json, sys; made = {answers}.get(json.load(sys.stdin)['tool_input']['command']); "
    script += "made and print(json.dumps({'hookSpecificOutput': {'permissionDecision': 'allow', "
    script += "'updatedInput': {'command': made}}}))"
    (root / "change.py").write_text(script)
    own_hooks(("PreToolUse", "Bash", f'"{sys.executable}" -I change.py'))
    rules = Settings(
        allowed_tools=("Bash(pytest *)",), disallowed_tools=("Bash(nox *)",), ask_tools=("Bash(tox *)",)
    )
    model, shell = (
        ScriptedModel("run: make\nrun: make lint\nrun: make docs", "Well."),
        ScriptedShell((0, "fine")),
    )
    result = taken(root, model, settings=rules, model_shell=shell)
    assert shell.commands == ["pytest -x"]
    assert "has made this of `make`:\n\n`pytest -x`: exit code 0" in last(model, 1)
    assert result.denied == ("make lint", "make docs")


def test_a_changed_input_of_another_tool_is_denied(root: Path) -> None:
    """The hook did not want it as it was."""
    own_hooks(
        ("PreToolUse", "Edit", """echo '{"hookSpecificOutput": {"updatedInput": {"new_string": "x"}}}'""")
    )
    result = taken(root, ScriptedModel(EDIT), settings=Settings(max_reflections=0))
    assert (root / "app.py").read_text() == 'print("hello")\n'
    assert "change the input" in result.failure


def test_a_condition_chooses_the_calls_that_a_hook_is_told_of(root: Path) -> None:
    """As a rule: wherever the command is in a line, and what cannot be read is told of; for files by pattern."""
    write_hooks(
        user_files()[0],
        ("PreToolUse", "Bash", {"command": LOG, "if": "Bash(rm *)"}),
        ("PreToolUse", "Edit|Write", {"command": LOG, "if": "Edit(*.md)"}),
        ("Stop", "", {"command": LOG, "if": "Bash(rm *)"}),
    )
    (root / "notes.md").write_text("one\n")
    commands = ("make", "CI=1 rm x", "make && rm x", "echo $(rm x)", "farm x")
    model = ScriptedModel("\n".join(f"run: {command}" for command in commands), "Well.")
    shell = ScriptedShell(*[(0, "")] * len(commands))
    taken(root, model, settings=Settings(permission_mode="bypassPermissions"), model_shell=shell)
    assert [event["tool_input"]["command"] for event in logged(root)] == list(commands[1:4])

    (root / "log").unlink()
    taken(root, ScriptedModel(EDIT + block("notes.md", "one\n", "two\n") + block("new.md", "", "x\n")))
    assert [event["tool_name"] for event in logged(root)] == ["Write", "Edit"]


def test_before_and_after_a_call_it_has_the_same_id(root: Path) -> None:
    """Another one has another."""
    own_hooks(("PreToolUse", "", LOG), ("PostToolUse", "", LOG))
    model = ScriptedModel("show: app.py\nfind: hello\nrun: pytest -q", EDIT)
    taken(root, model, settings=PYTEST, model_shell=ScriptedShell((0, "")))
    ids: dict[str, list[str]] = {}
    for event in logged(root):
        ids.setdefault(event["tool_name"], []).append(event["tool_use_id"])
    assert sorted(ids) == ["Bash", "Commit", "Edit", "Map", "Read"]
    assert all(len(each) == 2 and len(set(each)) == 1 for each in ids.values())
    assert len({each[0] for each in ids.values()}) == 5


# The map


def test_hooks_are_asked_about_lookups_and_told_of_their_answers(root: Path) -> None:
    """As the tool `Map`; one that is forbidden is not answered, and the model reads why."""
    own_hooks(
        ("PreToolUse", "Map", f"tee in | ({LOG}); if grep -q secret in; then echo not that >&2; exit 2; fi"),
        (
            "PostToolUse",
            "Map",
            f"""{LOG}; echo '{{"hookSpecificOutput": {{"additionalContext": "Mind the docs."}}}}'""",
        ),
    )
    model = ScriptedModel("find: secret\nfind: hello", "Well.")
    taken(root, model)
    assert "find: secret: not answered, because a check of the user's forbids it: not that" in last(model, 1)
    assert last(model, 1).index('print("hello")') < last(model, 1).index("Mind the docs.")
    secret, hello, after = logged(root)
    assert secret["tool_input"] == {"request": "find", "query": "secret"}
    assert hello["hook_event_name"] == "PreToolUse"
    assert 'print("hello")' in after["tool_response"]["result"]


@pytest.mark.parametrize("answer", [True, False])
def test_a_hook_may_have_the_person_asked_about_a_lookup(root: Path, answer: bool) -> None:
    """Whose no leaves it unanswered."""
    own_hooks(("PreToolUse", "Map", """echo '{"hookSpecificOutput": {"permissionDecision": "ask"}}'"""))
    person, model = Answering(answer), ScriptedModel("find: hello", "Well.")
    taken(root, model, person=person)
    assert person.asked == ["The model asks: find: hello. Answer it?"]
    assert ('print("hello")' in last(model, 1)) is answer


# The end


def test_a_hook_may_send_a_turn_on_when_it_is_about_to_end(root: Path) -> None:
    """It is told the second time that it did, and all is one commit."""
    own_hooks(
        (
            "Stop",
            "",
            f"tee in | ({LOG}); grep -q 'active\": true' in || {{ echo the tests are missing >&2; exit 2; }}",
        )
    )
    model = ScriptedModel(EDIT, NEW)
    result = taken(root, model)
    assert "the tests are missing" in last(model, 1)
    assert [event["stop_hook_active"] for event in logged(root)] == [False, True]
    assert result.files_changed == ("app.py", "new.py")
    assert len(result.commits) == 1


def test_a_hook_that_only_adds_something_sends_the_turn_on_as_well(root: Path) -> None:
    """Once here, by `stop_hook_active`."""
    answer = (
        '{"hookSpecificOutput": {"hookEventName": "Stop", "additionalContext": "Two tests were skipped."}}'
    )
    own_hooks(("Stop", "", f"""grep -q 'active": true' || echo '{answer}'"""))
    model = ScriptedModel("Done.", "They may be.")
    taken(root, model)
    assert len(model.prompts) == 2
    assert "Two tests were skipped." in last(model, 1)


def test_a_hook_that_never_lets_a_turn_end_is_not_heard_for_ever(root: Path) -> None:
    """It would cost money without end."""
    own_hooks(("Stop", "", """echo '{"decision": "block", "reason": "more"}'"""))
    model = ScriptedModel(*["Well."] * (MAX_SENT_ON + 1))
    state, events = hooked(root, model)
    take_turn(state, "go")
    assert len(model.prompts) == MAX_SENT_ON + 1
    assert any(isinstance(event, Notice) and "so it ends here" in event.text for event in events)


# The session


def test_a_new_session_and_a_cleared_one_are_told_of(root: Path) -> None:
    """With the source, which matchers match; context goes with the next request."""
    own_hooks(
        ("SessionStart", "clear", "echo Cleared."),
        ("SessionStart", "startup", "echo Begun."),
        ("SessionEnd", "", LOG),
    )
    model = ScriptedModel("Fine.")
    chat, _ = chat_of(root, model)
    chat.conversation.clear()
    chat.take_turn("hello")
    chat.close("prompt_input_exit")
    text = model.prompts[0].messages[-1].text
    assert "Cleared." in text
    assert "Begun." not in text
    assert [event["reason"] for event in logged(root)] == ["clear", "prompt_input_exit"]


def test_a_compaction_is_told_of_before_and_after(root: Path) -> None:
    """With who wants it and what it is to keep; what is said after it goes with the next request."""
    own_hooks(("PreCompact", "manual", LOG), ("SessionStart", "compact", "echo Remember the plan."))
    model = ScriptedModel("Fine.", "Fine.")
    chat, _ = chat_of(root, model)
    chat.take_turn("hello")
    chat.conversation.compact("the plan")
    chat.take_turn("go on")
    (event,) = logged(root)
    assert (event["trigger"], event["custom_instructions"]) == ("manual", "the plan")
    assert "Remember the plan." in model.prompts[-1].messages[-1].text


def test_a_compaction_that_a_hook_forbids_is_not_made(root: Path) -> None:
    """The prompt stays as it is, and the reason is said."""
    own_hooks(("PreCompact", "manual", "echo the release is not out >&2; exit 2"))
    model = ScriptedModel("Fine.")
    chat, _ = chat_of(root, model)
    chat.take_turn("hello")
    before = chat.state.conversation
    with pytest.raises(CompactionBlocked, match="the release is not out"):
        chat.conversation.compact()
    assert chat.state.conversation == before
    assert len(model.prompts) == 1


def test_a_compaction_by_itself_that_a_hook_forbids_costs_a_warning(root: Path) -> None:
    """The turn goes on with the long prompt, and hooks are not asked again in it."""
    own_hooks(("PreCompact", "auto", f"{LOG}; exit 2"))
    chat, events = chat_of(root, ScriptedModel())
    compactor = Compactor(chat.state)
    compactor.rebuild()
    assert len(logged(root)) == 1
    assert any(isinstance(event, Notice) and "was not compacted" in event.text for event in events)


def test_a_commit_that_a_hook_forbids_is_not_made(root: Path) -> None:
    """The files stay changed, and the turn says so."""
    own_hooks(("PreToolUse", "Commit", f"tee in | {LOG}; echo not on Fridays >&2; exit 2"))
    state, events = hooked(root, ScriptedModel(EDIT))
    result = take_turn(state, "say goodbye")
    assert result.commits == ()
    assert result.uncommitted
    assert "goodbye" in (root / "app.py").read_text()
    assert any(isinstance(event, Notice) and "not on Fridays" in event.text for event in events)
    (event,) = logged(root)
    assert event["tool_input"]["paths"] == ["app.py"]


def test_what_a_hook_says_of_a_commit_goes_with_the_next_request(root: Path) -> None:
    """The turn is over by then."""
    own_hooks(("PostToolUse", "Commit", "echo the subject is too long >&2; exit 2"))
    state, _ = hooked(root, ScriptedModel(EDIT))
    result = take_turn(state, "say goodbye")
    assert len(result.commits) == 1
    assert any("the subject is too long" in note for note in state.conversation.notes)


def test_a_person_who_is_about_to_be_asked_is_told_by_hooks(root: Path) -> None:
    """And where nobody is there, nobody is told."""
    own_hooks(("Notification", "permission_prompt", LOG))
    for answer in (True, None):
        state, _ = hooked(root, ScriptedModel())
        person = NotifyingPerson(Answering(answer), lambda text, state=state: person_asked(state, text))
        with suppress(NeedsTerminal):
            person.confirm("Write these changes?")
    (event,) = logged(root)
    assert event["message"] == "Write these changes?"
    assert event["notification_type"] == "permission_prompt"


def test_a_file_that_a_hook_forbids_is_not_shown(root: Path) -> None:
    """The model is told why, and gets the others."""
    (root / "other.py").write_text("y = 2\n")
    own_hooks(("PreToolUse", "Read", "if grep -q app.py; then echo it is confidential >&2; exit 2; fi"))
    model = ScriptedModel("show: app.py\nshow: other.py", "Well.")
    taken(root, model)
    assert "app.py (it is confidential)" in last(model, 1)
    assert "y = 2" in last(model, 1)
    assert "hello" not in last(model, 1)


def test_what_a_hook_says_of_a_shown_file_goes_with_it(root: Path) -> None:
    """As context for the model."""
    answer = '{"hookSpecificOutput": {"additionalContext": "This file is generated."}}'
    own_hooks(("PostToolUse", "Read", f"echo '{answer}'"))
    model = ScriptedModel("show: app.py", "Well.")
    taken(root, model)
    assert "This file is generated." in last(model, 1)


def test_ctrl_c_ends_the_hooks_that_run(root: Path) -> None:
    """With all that they started."""
    own_hooks(("Stop", "", "sleep 600 & echo $! > child; wait"))

    def interrupt() -> None:
        until(lambda: has_line(root / "child"))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        Hooks(root).fire("Stop", {})
    assert has_ended(root / "child")


def test_ctrl_c_as_a_hook_starts_ends_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next one does not begin."""
    own_hooks(("Stop", "", "sleep 600"), ("Stop", "", "sleep 601"))
    monkeypatch.setattr("subprocess.Popen", InterruptedStart)
    before = len(STARTED)
    with pytest.raises(KeyboardInterrupt):
        Hooks(root).fire("Stop", {})
    assert len(STARTED) == before + 1
    until(lambda: not is_running(STARTED[-1]))


def test_a_prompt_that_waits_is_told_of(root: Path) -> None:
    """What hooks say of it is not shown."""
    own_hooks(("Notification", "idle_prompt", f"{LOG}; exit 1"))
    chat, events = chat_of(root, ScriptedModel())
    chat.tell_idle()
    assert [event["notification_type"] for event in logged(root)] == ["idle_prompt"]
    assert events == []

"""A model asks for a command; rules, mode and person decide; it is run once, and the model sees what came of it."""

from pathlib import Path

import pytest
from chat_fakes import Answering, MemoryJournal, ScriptedModel, ScriptedShell, fake_state

from chat.conversation.conversation import Conversation
from chat.conversation.run_requests import run_requests
from chat.events import CommandRan
from chat.model import Mode
from chat.permissions.kept_rules import kept_rules
from chat.prompt.rules import base_messages
from chat.sessions.restored import CheckRun, ReusableReplies
from chat.settings.table import Settings
from chat.turn.requests.commands import MAX_COMMANDS
from chat.turn.turn import take_turn

EDIT = """Say goodbye, then look.

app.py
```python
<<<<<<< SEARCH
print("hello")
=======
print("goodbye")
>>>>>>> REPLACE
```

run: pytest -q
"""
PYTEST = Settings(allowed_tools=("Bash(pytest *)",))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one file."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text('print("hello")\n')
    return root


def last(model: ScriptedModel, call: int) -> str:
    """The last message of a call."""
    return model.prompts[call].messages[-1].text


def test_an_allowed_command_is_run_and_its_output_sent(root: Path) -> None:
    """Journaled before and after, shown to the user, and the turn goes on."""
    model, shell, journal = (
        ScriptedModel("run: pytest -q", "All is well."),
        ScriptedShell((0, "3 passed\n")),
        MemoryJournal(),
    )
    state, events = fake_state(root, model, settings=PYTEST, model_shell=shell, journal=journal)

    result = take_turn(state, "are the tests fine?")

    assert shell.commands == ["pytest -q"]
    assert last(model, 1) == "`pytest -q`: exit code 0\n\n3 passed"
    assert (result.text, result.ok, result.denied) == ("All is well.", True, ())
    kinds = [kind for kind, _ in journal.records if kind.startswith("command")]
    assert kinds == ["command.intent", "command.done"]
    assert CommandRan("pytest -q", 0, "3 passed\n", "model") in events


def test_what_no_rule_allows_is_asked_about(root: Path) -> None:
    """With the rule that "always" would keep; a no is told to the model."""
    model, person = ScriptedModel("run: npm run test:unit -- -w", "I see."), Answering(True, permits="no")
    state, _ = fake_state(root, model, person=person, model_shell=ScriptedShell())

    result = take_turn(state, "test it")

    assert person.asked == ["npm run test:unit -- -w [Bash(npm run test:unit *)]"]
    assert "was not run: the user does not allow it" in last(model, 1)
    assert result.denied == ("npm run test:unit -- -w",)


def test_always_keeps_the_rule_in_the_users_own_file(root: Path) -> None:
    """The next command like it is not asked about."""
    person = Answering(True, permits="always")
    shell = ScriptedShell((0, ""), (1, "failed"))
    model = ScriptedModel("run: pytest -q", "run: pytest -x", "It fails.")
    state, _ = fake_state(root, model, person=person, model_shell=shell)

    take_turn(state, "test it")

    assert len(person.asked) == 1
    assert shell.commands == ["pytest -q", "pytest -x"]
    assert kept_rules(root)["allow"] == ("Bash(pytest *)",)
    assert "(It printed nothing.)" in last(model, 1)
    assert sorted(path.name for path in root.iterdir()) == ["app.py"]


def test_where_nobody_can_be_asked_only_rules_allow(root: Path) -> None:
    """`--yes` is about edits and files; a command needs a rule."""
    model = ScriptedModel("run: rm app.py\nrun: pytest -q", "Done.")
    shell = ScriptedShell((0, "fine"))
    state, _ = fake_state(root, model, settings=PYTEST, model_shell=shell)

    result = take_turn(state, "tidy up")

    assert shell.commands == ["pytest -q"]
    assert "`rm app.py` was not run" in last(model, 1)
    assert "`pytest -q`: exit code 0" in last(model, 1)
    assert result.denied == ("rm app.py",)


@pytest.mark.parametrize(
    ("settings", "mode", "person", "offered"),
    [
        (Settings(), Mode.CODE, Answering(True), "any"),
        (Settings(), Mode.ASK, Answering(True), "look"),
        (Settings(permission_mode="plan"), Mode.CODE, Answering(), "look"),
        (Settings(), Mode.CODE, Answering(), ""),
        (PYTEST, Mode.CODE, Answering(), "any"),
        (Settings(permission_mode="dontAsk"), Mode.CODE, Answering(True), ""),
        (Settings(permission_mode="bypassPermissions"), Mode.CODE, Answering(), "any"),
        (Settings(disallowed_tools=("Bash",)), Mode.CODE, Answering(True), ""),
    ],
)
def test_the_rules_offer_commands_only_where_one_can_be_run(
    root: Path, settings: Settings, mode: Mode, person: Answering, offered: str
) -> None:
    """Where they do not, a line `run:` is a part of the answer."""
    model, shell = ScriptedModel("To start it:\nrun: make"), ScriptedShell((0, ""))
    state, _ = fake_state(
        root, model, settings=settings, person=person, model_shell=shell, conversation=Conversation(mode=mode)
    )

    text = base_messages(state, with_overview=False)[0].text

    assert ("run: command" in text) is bool(offered)
    assert ("only to look" in text) is (offered == "look")
    if not offered:
        assert take_turn(state, "how do I start it?").text == "To start it:\nrun: make"
        assert shell.commands == []


def test_without_a_shell_for_it_nothing_is_offered(root: Path) -> None:
    """As on Windows."""
    state, _ = fake_state(root, ScriptedModel(), settings=PYTEST)

    assert "run: command" not in base_messages(state, with_overview=False)[0].text


def test_in_ask_mode_a_command_only_looks(root: Path) -> None:
    """A turn that changes nothing runs nothing that could."""
    model, shell = ScriptedModel("run: pytest -q\nrun: ls -la", "So it is."), ScriptedShell((0, "app.py"))
    state, _ = fake_state(
        root, model, settings=PYTEST, model_shell=shell, conversation=Conversation(mode=Mode.ASK)
    )

    take_turn(state, "what is here?")

    assert shell.commands == ["ls -la"]


def test_a_command_beside_edits_is_run_once_they_are_written(root: Path) -> None:
    """The model tries its change."""

    class Looks(ScriptedShell):
        def run(self, command: str, timeout_s: float | None = None, *, variables=None):  # type: ignore[no-untyped-def]
            assert "goodbye" in (root / "app.py").read_text()
            return super().run(command, timeout_s)

    model, shell = ScriptedModel(EDIT, "It works."), Looks((0, "1 passed"))
    state, _ = fake_state(root, model, settings=PYTEST, model_shell=shell)

    result = take_turn(state, "say goodbye")

    assert shell.commands == ["pytest -q"]
    assert result.files_changed == ("app.py",)
    assert result.ok
    assert "1 passed" in last(model, 1)


def test_a_command_and_files_are_answered_together(root: Path) -> None:
    """One message, one call."""
    model, shell = ScriptedModel("show: app.py\nrun: pytest -q", "I see."), ScriptedShell((2, "none found"))
    state, _ = fake_state(root, model, settings=PYTEST, model_shell=shell)

    take_turn(state, "look around")

    assert "exit code 2" in last(model, 1)
    assert 'print("hello")' in last(model, 1)


def test_a_command_that_hides_something_is_not_run(root: Path) -> None:
    """Not even in the mode that allows everything."""
    model, shell = ScriptedModel("run: echo a\u202eb", "Well."), ScriptedShell()
    settings = Settings(permission_mode="bypassPermissions")
    state, _ = fake_state(root, model, settings=settings, model_shell=shell)

    assert take_turn(state, "say it").denied == ("echo a\u202eb",)


def test_a_long_output_is_kept_and_shown_in_part(root: Path) -> None:
    """As that of a check."""
    output = "".join(f"line {number}\n" for number in range(5_000))
    model, shell = ScriptedModel("run: pytest -q", "I see."), ScriptedShell((1, output))
    state, _ = fake_state(root, model, settings=PYTEST, model_shell=shell)

    take_turn(state, "test it")

    assert len(last(model, 1)) < len(output) // 2
    assert "line 4999" in last(model, 1)


def test_outputs_never_fill_the_prompt(root: Path) -> None:
    """Each gets a part of the room that is left, however many there are."""
    output = "".join(f"word {number}\n" for number in range(3_000))
    model = ScriptedModel(*["run: pytest -q"] * 12, "Enough.")
    model.input_tokens = 20_000
    shell = ScriptedShell(*[(1, output)] * 12)
    state, _ = fake_state(root, model, settings=PYTEST, model_shell=shell)

    assert take_turn(state, "test it").text == "Enough."


def test_a_resumed_turn_does_not_run_a_command_again(root: Path) -> None:
    """Its result is in the journal, also where no later reply is."""
    model, shell = ScriptedModel("run: pytest -q", "Fine."), ScriptedShell()
    state, _ = fake_state(root, model, settings=PYTEST, model_shell=shell)
    state.calls.reuse(ReusableReplies({}, [CheckRun("pytest -q", 0, "`pytest -q`: exit code 0\n\n3 passed")]))

    take_turn(state, "test it")

    assert shell.commands == []
    assert last(model, 1) == "`pytest -q`: exit code 0\n\n3 passed"


def test_a_model_that_only_runs_commands_comes_to_an_end(root: Path) -> None:
    """It is told to answer, and then the turn is over."""
    model = ScriptedModel(*["run: pytest -q"] * 200)
    shell = ScriptedShell(*[(0, "ok")] * 200)
    state, _ = fake_state(root, model, settings=PYTEST, model_shell=shell)

    result = take_turn(state, "test it")

    assert len(shell.commands) == MAX_COMMANDS
    assert "No more commands" in last(model, MAX_COMMANDS + 1)
    assert not result.ok


@pytest.mark.parametrize(
    ("reply", "commands"),
    [
        ("run: ls", ("ls",)),
        ("`run: ls -la`", ("ls -la",)),
        ("run: `ls -la`", ("ls -la",)),
        ("Run: ls\nrun: ls\nrun: pwd", ("ls", "pwd")),
        ("run: echo `date`", ("echo `date`",)),
        ("run:\n```\na\nb\n```", ("a\nb",)),
        ("**run:**\n\n```bash\n$x\n```", ("$x",)),
        ("```yaml\nsteps:\nrun: ls\n```", ()),
        ("- run: npm ci", ()),
        ("      - run: npm ci", ()),
        ("+run: ls", ()),
        ("I would run: ls", ()),
        ("run:\nls", ()),
        ("```\nrun: never closed", ()),
        ("run away: ls", ()),
    ],
)
def test_a_request_is_a_line_of_its_own(reply: str, commands: tuple[str, ...]) -> None:
    """What stands in a file, a diff or a sentence is none."""
    assert run_requests(reply) == commands

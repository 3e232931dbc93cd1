"""The user's rules hold in a turn: for edits, for what the model asks to see, for what is kept."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from chat_fakes import Answering, MemoryRepository, ScriptedModel, fake_state, small_chat

from chat.commands.command import CommandContext
from chat.commands.table import run_line
from chat.conversation.conversation import Conversation
from chat.errors import ChatError, UsageError
from chat.events import Shown
from chat.model import Mode
from chat.permissions.kept_rules import kept_rules, kept_rules_path
from chat.settings.table import Settings, with_rules_of
from chat.turn.consent.decisions import command_decision, may_read
from chat.turn.consent.hidden_paths import unreadable_paths
from chat.turn.consent.new_rules import add_rule, idle_rules_notice, remove_rule
from chat.turn.turn import take_turn

BLOCK = """Say goodbye.

{path}
```python
<<<<<<< SEARCH
print("hello")
=======
print("goodbye")
>>>>>>> REPLACE
```
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with files that rules are about."""
    root = tmp_path / "project"
    for path in ("app.py", "migrations/one.py", "secrets/key.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text('print("hello")\n')
    return root


def test_an_edit_that_a_rule_denies_is_refused_and_explained(root: Path) -> None:
    """The model is told why; the other edits of the reply wait for its answer."""
    model = ScriptedModel(BLOCK.format(path="migrations/one.py"), "Then it cannot be done.", "No.")
    settings = Settings(disallowed_tools=("Edit(migrations/**)",))
    state, _ = fake_state(root, model, settings=settings)

    result = take_turn(state, "say goodbye")

    assert result.files_changed == ()
    assert result.denied_files == (("Edit", "migrations/one.py"),)
    assert "the rule Edit(migrations/**) says so" in model.prompts[1].messages[-1].text
    assert "hello" in (root / "migrations/one.py").read_text()


def test_a_file_outside_the_sparse_checkout_is_not_made_anew(root: Path) -> None:
    """Nobody has read what git holds there, and the new one would be committed in its place."""
    block = BLOCK.format(path="web/page.py").replace('print("hello")\n', "")
    model = ScriptedModel(block, "Then it cannot be done.", "No.")
    repository = MemoryRepository(left_out=["web/page.py"])
    state, _ = fake_state(root, model, repository=repository)

    result = take_turn(state, "say goodbye")

    assert result.files_changed == ()
    assert not (root / "web").exists()
    assert "outside the sparse checkout" in model.prompts[1].messages[-1].text


@pytest.mark.parametrize("link", ["alias.py", "ALIAS/one.py"])
@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_does_not_lead_around_a_rule(root: Path, link: str) -> None:
    """What counts is the file that would be changed."""
    (root / "alias.py").symlink_to(root / "migrations" / "one.py")
    (root / "ALIAS").symlink_to(root / "migrations")
    settings = Settings(disallowed_tools=("Edit(migrations/**)",))
    state, _ = fake_state(root, ScriptedModel(BLOCK.format(path=link), "No.", "No."), settings=settings)

    assert take_turn(state, "say goodbye").files_changed == ()


def test_an_edit_that_a_rule_asks_about_is_asked_about(root: Path) -> None:
    """Once for all files of a write, and without `--ask`."""
    settings = Settings(ask_tools=("Edit(*.py)",))
    person = Answering(False)
    state, _ = fake_state(root, ScriptedModel(BLOCK.format(path="app.py")), settings=settings, person=person)

    result = take_turn(state, "say goodbye")

    assert person.asked == ["Write these changes?"]
    assert result.files_changed == ()


def test_accepting_edits_asks_about_none(root: Path) -> None:
    """The mode is stronger than `--ask`."""
    settings = Settings(ask=True, permission_mode="acceptEdits")
    state, _ = fake_state(root, ScriptedModel(BLOCK.format(path="app.py")), settings=settings)

    assert take_turn(state, "say goodbye").files_changed == ("app.py",)


@pytest.mark.parametrize("mode", list(Mode))
def test_plan_mode_writes_nothing(root: Path, mode: Mode) -> None:
    """The model is asked for a plan, and what looks like an edit is text."""
    model = ScriptedModel(BLOCK.format(path="app.py"))
    repository = MemoryRepository(blocked="A merge is going on.")
    state, _ = fake_state(
        root,
        model,
        settings=Settings(permission_mode="plan"),
        repository=repository,
        conversation=Conversation(mode=mode),
    )

    result = take_turn(state, "say goodbye")

    assert (result.files_changed, result.ok) == ((), True)
    assert "SEARCH/REPLACE" not in model.prompts[0].messages[0].text
    assert "hello" in (root / "app.py").read_text()


def test_without_asking_only_what_rules_allow_is_edited(root: Path) -> None:
    """`dontAsk` is for runs that nobody watches."""
    settings = Settings(permission_mode="dontAsk", allowed_tools=("Edit(app.py)",))
    model = ScriptedModel(BLOCK.format(path="secrets/key.py"), BLOCK.format(path="app.py"))
    state, _ = fake_state(root, model, settings=settings)

    assert take_turn(state, "say goodbye").files_changed == ("app.py",)


def test_what_may_not_be_read_is_not_shown(root: Path) -> None:
    """Neither whole, nor by a definition, nor as a hit; the model hears that it is not allowed."""
    (root / "secrets/key.py").write_text('def hidden():\n    return "s3cr3t"\n')
    model = ScriptedModel(
        "show: secrets/key.py", "show: hidden", "find: s3cr3t", "refs: hidden", "I cannot see it."
    )
    settings = Settings(disallowed_tools=("Read(secrets/**)",), map_tokens=0)
    state, _ = fake_state(root, model, settings=settings)
    state.ports.workspace.show_only(lambda path: may_read(state, path))

    result = take_turn(state, "what is the key?")

    assert result.denied_files == (("Read", "secrets/key.py"),)
    shown = "\n".join(
        message.text for prompt in model.prompts for message in prompt.messages if message.role == "user"
    )
    assert "the user does not allow it: secrets/key.py" in shown
    assert 'return "s3cr3t"' not in shown


def test_a_sandbox_hides_what_rules_deny_to_read(root: Path) -> None:
    """Files by their patterns, and folders as a whole, also where git ignores them."""
    (root / ".env").write_text("KEY=1\n")
    (root / "migrations/key.pem").write_text("key\n")
    settings = Settings(disallowed_tools=("Read(secrets/**)", "Read(*.pem)", "Read(.env)"))
    state, _ = fake_state(root, ScriptedModel(), settings=settings)

    hidden = {os.path.relpath(path, root) for path in unreadable_paths(state)}

    assert hidden == {".env", "secrets", os.path.join("migrations", "key.pem")}


def test_a_refused_edit_does_not_quote_what_may_not_be_read(root: Path) -> None:
    """Otherwise a SEARCH that fits nothing would show the file."""
    model = ScriptedModel(BLOCK.format(path="secrets/key.py").replace("hello", "helo"), "No.", "No.")
    state, _ = fake_state(root, model, settings=Settings(disallowed_tools=("Read(secrets/**)",)))

    take_turn(state, "say goodbye")

    assert "hello" not in model.prompts[1].messages[-1].text


def test_a_rule_that_is_added_is_kept_for_this_repository_alone(root: Path, tmp_path: Path) -> None:
    """In the user's state folder; the repository stays as it was."""
    before = sorted(root.rglob("*"))
    state, _ = fake_state(root, ScriptedModel())

    add_rule(state, "allow", "Bash(pytest *)")

    assert command_decision(state, "pytest -q").behavior == "allow"
    assert kept_rules(root)["allow"] == ("Bash(pytest *)",)
    assert kept_rules(tmp_path) == {}
    assert sorted(root.rglob("*")) == before

    add_rule(state, "deny", "Bash(pytest *)")

    assert kept_rules(root) == {"allow": (), "ask": (), "deny": ("Bash(pytest *)",)}
    assert command_decision(state, "pytest -q").behavior == "deny"
    assert remove_rule(state, "Bash(pytest *)")
    assert command_decision(state, "pytest -q").behavior == "ask"
    assert not remove_rule(state, "Bash(pytest *)")


def test_a_rule_of_another_source_stays_when_the_kept_one_goes(root: Path) -> None:
    """What a flag or a file says is not changed from within the chat."""
    settings = with_rules_of(Settings(allowed_tools=("Edit",)), "allowed-tools", ("Edit",), "--allowed-tools")
    state, _ = fake_state(root, ScriptedModel(), settings=replace(settings))
    add_rule(state, "allow", "Edit")

    assert remove_rule(state, "Edit")

    assert state.settings.allowed_tools == ("Edit",)
    assert state.settings.rule_sources == (("allowed-tools", "Edit", "--allowed-tools"),)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
@pytest.mark.parametrize("spoil", [lambda path: path.write_text("{"), lambda path: path.chmod(0o666)])
def test_a_file_of_rules_that_is_damaged_or_open_to_others_does_not_count(root: Path, spoil) -> None:  # type: ignore[no-untyped-def]
    """It is said, and nothing is written over it."""
    state, _ = fake_state(root, ScriptedModel())
    add_rule(state, "allow", "Edit")
    spoil(kept_rules_path())

    with pytest.raises(ChatError, match="do not count"):
        kept_rules(root)
    with pytest.raises(ChatError):
        add_rule(state, "allow", "Read")


def test_a_rule_that_forbids_nothing_is_said() -> None:
    """Whoever wrote it counts on it. One that allows what is not there does no harm."""
    settings = Settings(
        allowed_tools=("WebFetch",), disallowed_tools=("Commit", "Edit(x)"), ask_tools=("Task(y)",)
    )

    assert "forbid nothing: Commit, Task(y)." in idle_rules_notice(settings)
    assert idle_rules_notice(Settings(allowed_tools=("WebFetch",), disallowed_tools=("Edit(x)",))) == ""


def test_the_command_shows_and_changes_rules(root: Path) -> None:
    """`/permissions` alone lists the mode and every rule with its source."""
    chat, events = small_chat(root, ScriptedModel())
    context = CommandContext(chat, at_terminal=True)

    def typed(line: str) -> str:
        events.clear()
        run_line(context, line)
        return "\n".join(getattr(event, "text", "") for event in events)

    assert "There are no rules." in typed("/permissions")
    assert "allow Bash(npm run test:*)" in typed("/permissions allow Bash(npm run test:*)")
    typed("/permissions deny Read(secrets/**)")
    typed("/permissions ask WebFetch")
    typed("/permissions mode plan")
    lines = typed("/permissions").splitlines()
    assert lines[0] == "mode: plan (typed)"
    assert [line.split()[0] for line in lines[1:]] == ["deny", "ask", "allow"]
    assert "no effect" in lines[2]
    assert str(kept_rules_path()) in lines[3]
    assert "Removed" in typed("/permissions remove Read(secrets/**)")
    assert not [event for event in events if isinstance(event, Shown)]
    for wrong in (
        "/permissions allow rm -rf",
        "/permissions mode maybe",
        "/permissions allow",
        "/permissions remove Edit",
    ):
        with pytest.raises(UsageError):
            run_line(context, wrong)

"""A session that is cut off anywhere in a turn with commands runs none of them again whose end it recorded."""

import json
from pathlib import Path

from chat_fakes import ScriptedModel, ScriptedShell, fake_state

from chat.permissions.rule import Rule
from chat.ports import Shell
from chat.recovery.resume import resume
from chat.sessions.journal import FileJournal, read_lines
from chat.sessions.locations import new_id
from chat.sessions.replay import restore
from chat.settings.table import Settings
from chat.state.state import State
from chat.turn.turn import take_turn

REPLIES = ("run: count one", "run: count two\nrun: count one", "run: count one", "Three and one.")
SETTINGS = Settings(allowed_tools=(str(Rule("Bash", "count *")),))
RUNS = ["count one", "count two", "count one", "count one"]
"""What the turn runs where nothing cuts it off."""


class Counting:
    """Prints how often each command has been run, so that no output occurs twice."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self._shell = ScriptedShell()

    def run(self, command: str, timeout_s: float | None = None, *, variables=None):  # type: ignore[no-untyped-def]
        self.commands.append(command)
        self._shell.script.append((0, f"{command}: {self.commands.count(command)}"))
        return self._shell.run(command, timeout_s)


def state_of(root: Path, model: ScriptedModel, path: Path, shell: Shell) -> State:
    """The state of a chat that writes to a real journal."""
    return fake_state(root, model, settings=SETTINGS, journal=FileJournal(path), model_shell=shell)[0]


def test_no_command_runs_again_whose_end_was_recorded(tmp_path: Path) -> None:
    """Wherever the journal ends: at the end each was run once, but for one that was running."""
    root = tmp_path / "work"
    root.mkdir()
    (root / "a.txt").write_text("a\n")
    whole = tmp_path / f"{new_id()}.jsonl"
    shell = Counting()
    state = state_of(root, ScriptedModel(*REPLIES), whole, shell)
    assert take_turn(state, "count").text == "Three and one."
    assert shell.commands == RUNS
    conversation = state.conversation
    state.ports.journal.close()
    lines = whole.read_text().splitlines(keepends=True)
    kinds = [json.loads(line)["kind"] for line in lines]

    for end in range(kinds.index("turn.begin") + 1, kinds.index("turn.done") + 1):
        path = tmp_path / f"{new_id()}.jsonl"
        path.write_text("".join(lines[:end]))
        recorded, paid = kinds[:end].count("command.done"), kinds[:end].count("call.done")
        again_shell, model = Counting(), ScriptedModel(*REPLIES[paid:])
        again_shell.commands = RUNS[:recorded]  # what the killed process has run and recorded
        state = state_of(root, model, path, again_shell)

        again = resume(state, restore(read_lines(path)))

        assert again == "count"
        assert take_turn(state, again).text == "Three and one."
        assert again_shell.commands == RUNS, f"cut off after {kinds[end - 1]}"
        assert model.script == []
        assert state.conversation == conversation
        state.ports.journal.close()

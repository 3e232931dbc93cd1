"""`trigpoint apply`: exit codes, what goes to which stream, and what is written."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chat.cli.apply import apply
from chat.errors import InputError
from repomap import Damage

TEXT = "import os\n\n\ndef f():\n    return 1\n"
BLOCK = "a.py\n```python\n<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE\n```\n"
BAD = BLOCK.replace("    return 1\n", "    return 9\n")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file, which is the working directory."""
    (tmp_path / "a.py").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, reply: str = BLOCK) -> Result:
    return CliRunner().invoke(apply, list(arguments), input=reply)


def test_an_applied_edit_is_written_and_reported_on_standard_output(root: Path) -> None:
    """The code is 0 and the file has the new text."""
    result = run("a.py")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "a.py:5: applied" in result.stdout
    assert (root / "a.py").read_text() == TEXT.replace("1", "2")


@pytest.mark.skipif(os.name == "nt", reason="modes are of another kind there")
def test_a_write_protected_file_is_edited_only_by_whom_the_system_lets(root: Path) -> None:
    """Root is told that it was protected, and the mode stays; anyone else is refused."""
    (root / "a.py").chmod(0o444)

    result = run("a.py")

    is_let = os.access(root / "a.py", os.W_OK)
    assert result.exit_code == (0 if is_let else 1)
    assert "write-protected" in result.stderr
    assert (root / "a.py").read_text() == (TEXT.replace("1", "2") if is_let else TEXT)
    assert stat.S_IMODE((root / "a.py").stat().st_mode) == 0o444


def test_an_edit_made_before_is_reported_as_already_applied(root: Path) -> None:
    """The code is 0."""
    reply = BLOCK.replace("return 2", "return compute(2)")
    run("a.py", reply=reply)

    result = run("a.py", reply=reply)

    assert result.exit_code == 0
    assert "already" in result.stdout


@pytest.mark.parametrize("arguments", [["a.py"], ["--reply", "empty.md"]])
def test_an_empty_reply_is_bad_input(arguments: list[str], root: Path) -> None:
    """Whoever names the reply like a file to edit learns how to give it, instead of that it has no edits."""
    (root / "empty.md").write_text("\n")

    result = run(*arguments, reply="")

    assert isinstance(result.exception, InputError)
    assert "--reply FILE" in str(result.exception)
    assert (root / "a.py").read_text() == TEXT


def test_a_refusal_is_reported_on_standard_error_and_nothing_is_written(root: Path) -> None:
    """The code is 1, and not even the good block is written."""
    result = run("a.py", reply=BLOCK.replace("return 2", "return 3") + BAD)

    assert result.exit_code == 1
    assert "fits, not written" in result.stdout
    assert "Nothing was applied" in result.stderr
    assert (root / "a.py").read_text() == TEXT


def test_partial_writes_what_fits(root: Path) -> None:
    """The code is 1 nevertheless."""
    result = run("a.py", "--partial", reply=BLOCK + BAD.replace("return 9", "gone()"))

    assert result.exit_code == 1
    assert (root / "a.py").read_text() == TEXT.replace("1", "2")


def test_a_dry_run_prints_a_diff_and_writes_nothing(root: Path) -> None:
    """Standard output holds the diff and nothing else."""
    result = run("a.py", "--dry-run")

    assert result.exit_code == 0
    assert result.stdout.startswith("--- a/a.py\n+++ b/a.py\n@@")
    assert "-    return 1\n+    return 2\n" in result.stdout
    assert (root / "a.py").read_text() == TEXT


def test_json_holds_every_result(root: Path) -> None:
    """It is one object."""
    found: dict[str, Any] = json.loads(run("a.py", "--json", reply=BAD).stdout)

    assert found["applied"] is False
    assert found["written"] == []
    (result,) = found["results"]
    assert (result["status"], result["reason"], result["path"]) == ("rejected", "not-found", "a.py")


def test_a_reply_cut_by_the_length_limit_is_refused(root: Path) -> None:
    """Whatever it contains."""
    result = run("a.py", "--finish", "length")

    assert result.exit_code == 1
    assert (root / "a.py").read_text() == TEXT


def test_a_read_only_file_is_refused(root: Path) -> None:
    """Whether the file itself or its folder was named."""
    assert run("a.py", "--read-only", "a.py").exit_code == 1
    assert (root / "a.py").read_text() == TEXT


def test_a_reply_file_is_applied_below_the_root(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`--reply` names the file, and paths are relative to `--root`."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.py").write_text(TEXT)
    (root / "reply.md").write_text(BLOCK)

    result = run("a.py", "--reply", "reply.md", "--root", str(elsewhere), reply="")

    assert result.exit_code == 0
    assert (elsewhere / "a.py").read_text() != TEXT
    assert (root / "a.py").read_text() == TEXT


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--format", "poem"], 2),
        (["/etc/passwd"], 2),
        (["--root", "nowhere"], 42),
        (["--reply", "nowhere.md"], 42),
    ],
)
def test_wrong_usage_exits_with_2_and_unreadable_input_with_42(
    root: Path, arguments: list[str], code: int
) -> None:
    """As for every command."""
    result = run(*arguments)
    assert getattr(result.exception, "exit_code", result.exit_code) == code


def test_a_reply_without_edits_succeeds(root: Path) -> None:
    """Nothing was refused, and the output says that there are no edits."""
    result = run("a.py", reply="I would leave it as it is.\n")

    assert result.exit_code == 0
    assert "no edits" in result.stdout


def test_the_syntax_gate_can_be_turned_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the gate, because grammars lag behind languages."""
    broken = Damage("it has a 2", 2, "return 2", certain=True)
    monkeypatch.setattr("repomap.find_damage", lambda *_: broken, raising=False)

    refused = run("a.py")
    allowed = run("a.py", "--no-syntax-gate")

    assert (refused.exit_code, allowed.exit_code) == (1, 0)
    assert "syntax check" in refused.stderr


def test_control_sequences_never_reach_the_terminal(root: Path) -> None:
    """A reply may be shown, but must not control the terminal."""
    result = run("a.py", reply=BLOCK.replace("return 1", "return \x1b]0;x\x07\u202e9"))

    assert result.exit_code == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(result.output)


@pytest.mark.parametrize("option", ["--json", "--dry-run"])
def test_a_reply_that_is_not_text_does_not_crash(root: Path, option: str) -> None:
    """Stray bytes reach the messages without breaking them."""
    reply = BLOCK.encode().replace(b"return 1", b"return \xff\xfe")

    result = CliRunner().invoke(apply, ["a.py", option], input=reply)

    assert (result.exit_code, type(result.exception)) == (1, SystemExit)


BREAKING = BLOCK.replace("return 2", "return (2")


def test_an_edit_that_breaks_a_file_is_refused_by_the_syntax_check(root: Path) -> None:
    """Nothing is written, and the message names the check."""
    result = run("a.py", reply=BREAKING)

    assert result.exit_code == 1
    assert "syntax check" in result.stderr
    assert (root / "a.py").read_text() == TEXT


def test_an_edit_that_breaks_a_file_is_made_without_the_syntax_check(root: Path) -> None:
    """`--no-syntax-gate` is the way around a wrong grammar."""
    result = run("a.py", "--no-syntax-gate", reply=BREAKING)

    assert result.exit_code == 0
    assert (root / "a.py").read_text() == TEXT.replace("return 1", "return (2")


def test_a_file_that_did_not_parse_before_can_be_edited(root: Path) -> None:
    """The check compares before with after, so it does not block a repair."""
    (root / "a.py").write_text("def broken(:\n" + TEXT)

    result = run("a.py")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "return 1" not in (root / "a.py").read_text()


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.go", "return nil", "return new(int64(3))"),
        ("a.ts", "export const one = 1;", "export type * from './types';"),
        ("a.swift", "func f() -> Int { 1 }", "func f() throws(MyErr) -> Int { 1 }"),
        (
            "a.kt",
            "fun f(x: Any) = 1",
            "context(c: Ctx) fun f(x: Any) = when (x) { is Int if x > 1 -> 1; else -> 2 }",
        ),
    ],
)
def test_syntax_that_the_grammar_does_not_know_is_taken_with_a_note(
    root: Path, name: str, before: str, after: str
) -> None:
    """Nobody can be asked here, and the grammar lags behind the language."""
    text = {"a.go": "package p\n\nfunc f() *int64 {\n\tBODY\n}\n"}.get(name, "BODY\n")
    (root / name).write_text(text.replace("BODY", before))
    reply = f"{name}\n<<<<<<< SEARCH\n{before}\n=======\n{after}\n>>>>>>> REPLACE\n"

    result = run(name, reply=reply)

    assert result.exit_code == 0
    assert (root / name).read_text() == text.replace("BODY", after)
    assert not result.stderr or "syntax check" in result.stderr

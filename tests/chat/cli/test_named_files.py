"""Options that name a file which cannot be read: where, what was not done, and what to do, on one line."""

from pathlib import Path

import pytest
from job_cases import made
from repositories import make_repository

from chat.cli.main import run
from chat.errors import InputError
from chat.jobs.store import jobs_folder
from chat.safety.small_file import MAX_BYTES

CHAT = ("--model", "openai/m", "-m", "hi")
COMMANDS = (
    ("run", "do it", "--plan-file"),
    ("run", "--queue"),
    ("run", "--issue"),
    ("run", "--message-file"),
    ("--model", "openai/m", "--message-file"),
    (*CHAT, "--json-schema"),
    (*CHAT, "--env-file"),
    (*CHAT, "--config"),
    (*CHAT, "--model-metadata-file"),
    (*CHAT, "--load"),
    ("review", "--pr-file"),
    ("apply", "--reply"),
    ("map", ".", "--query-file"),
)


@pytest.mark.parametrize("name", ["nope.md", "docs"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(
    command: tuple[str, ...],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whether it is missing or a folder: one line says which file, what was not done, and what to do next."""
    monkeypatch.chdir(make_repository(tmp_path / "here", {"docs/a.md": "a\n"}, ("Begin",)))

    code = run([*command, name])

    (error,) = (line for line in capfd.readouterr().err.splitlines() if "error: " in line)
    _, was_named, rest = error.partition(name)
    _, was_undone, what_to_do = rest.partition("; ")
    assert (code, was_named, was_undone) == (42, name, "; ")
    assert len(what_to_do.split()) > 2
    assert not jobs_folder().exists()


def test_a_job_whose_record_would_be_too_long_to_read_is_not_begun(shop: Path) -> None:
    """It would be in the list for ever, as a damaged one."""
    with pytest.raises(InputError, match="not written"):
        made(shop, task="a" * MAX_BYTES)

    assert list(jobs_folder().iterdir()) == []

"""Files that a user names: outside the repository, missing, or not there yet."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import git
from scripted_model import ScriptedModel
from whole_chat import ModelScripts, Program, block, calls_of, last_text

from chat.settings.load import user_config_path

NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
def conventions() -> Path:
    """The user's own rules, in the home folder."""
    path = Path.home() / "notes" / "conventions.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("Say moin to everybody.\n", encoding="utf-8")
    return path


def write_config(text: str) -> None:
    user_config_path().parent.mkdir(parents=True, exist_ok=True)
    user_config_path().write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", ["~/notes/conventions.md", "~/notes/*.md", "~/notes", "../../..{path}"])
def test_a_file_outside_is_read_when_the_user_names_it(
    trigpoint: Program, scripted: Callable[..., ScriptedModel], conventions: Path, name: str
) -> None:
    """By a path, a glob or a folder."""
    server = scripted(ModelScripts("Hello."))
    path = str(conventions) if "{path}" in name else name

    done = trigpoint(server.base_url, "--read", path, "-m", "hi", "--mode", "ask")

    assert done.code == 0
    assert "Say moin to everybody." in str(calls_of(server)[0].messages)


@pytest.mark.parametrize(
    "file", ["config.toml", ".aider.conf.yml"], ids=["their configuration", "aider's in the home folder"]
)
def test_a_file_outside_may_be_named_in_the_users_own_settings(
    trigpoint: Program, conventions: Path, file: str
) -> None:
    """It is in the chat at every start, and what is missing is only a warning."""
    names = "['~/notes/conventions.md', '~/notes/gone.md']"
    if file == "config.toml":
        write_config(f"read = {names}\n")
    else:
        (Path.home() / file).write_text(f"read: {names}\n", encoding="utf-8")

    done = trigpoint(NOWHERE, "-m", "/ls")

    assert done.code == 0
    assert "notes/conventions.md" in done.stdout
    assert "gone.md" in done.stderr
    assert "left out" in done.stderr


def test_a_missing_file_in_the_settings_stops_no_command(trigpoint: Program) -> None:
    """It would stop every run, `/undo` as well."""
    write_config('read = ["~/gone.md"]\nfile = ["src/gone.py"]\n')
    done = trigpoint(NOWHERE, "-m", "/help")
    assert (done.code, done.stderr.count("left out")) == (0, 2)


def test_a_repository_does_not_name_files_outside(trigpoint: Program, shop: Path, conventions: Path) -> None:
    """Not even a trusted one: what is read goes to the model."""
    (shop / ".trigpoint.toml").write_text(
        f'read = ["{conventions.as_posix()}", "~/notes/*", "README.md"]\ntest-cmd = "true"\n'
    )
    trigpoint(NOWHERE, "-m", "/ls")  # untrusted
    import chat.cli.main as cli

    assert cli.run(["trust", "--yes"]) == 0

    done = trigpoint(NOWHERE, "-m", "/ls")

    assert "README.md" in done.stdout
    assert "conventions" not in done.stdout
    assert "this file may not name it" in done.stderr


def test_a_file_outside_is_never_edited(
    trigpoint: Program, scripted: Callable[..., ScriptedModel], conventions: Path
) -> None:
    """Whatever path the model writes."""
    before = conventions.read_bytes()
    edit = block(conventions.as_posix(), "Say moin to everybody.\n", "Say nothing.\n")
    done = trigpoint(
        scripted(ModelScripts(edit)).base_url,
        "--read",
        str(conventions),
        "-m",
        "change it",
        "--yes",
        "--max-reflections",
        "0",
    )
    assert (done.code, conventions.read_bytes()) == (1, before)


def test_a_file_outside_stays_in_a_session_that_goes_on(
    trigpoint: Program, scripted: Callable[..., ScriptedModel], conventions: Path
) -> None:
    """Nobody names it twice."""
    server = scripted(ModelScripts("Hello."))
    trigpoint(server.base_url, "--read", str(conventions), "-m", "hi", "--mode", "ask")
    conventions.write_text("Say tach to everybody.\n", encoding="utf-8")

    done = trigpoint(server.base_url, "--continue", "-m", "hi again", "--mode", "ask")

    assert done.code == 0
    assert "Say tach" in last_text(calls_of(server)[-1])


def test_add_says_how_a_file_outside_can_be_read(trigpoint: Program, conventions: Path) -> None:
    """The other command that takes it."""
    done = trigpoint(NOWHERE, "-m", f"/add {conventions}")
    assert (done.code, "/read-only" in done.stderr) == (42, True)


def test_a_named_file_that_does_not_exist_is_created(
    trigpoint: Program, scripted: Callable[..., ScriptedModel], shop: Path
) -> None:
    """Empty, with its folders; the turn that fills it makes one commit."""
    server = scripted(ModelScripts(block("api/greet.py", "", "print('moin')\n")))

    done = trigpoint(server.base_url, "api/greet.py", "-m", "write it", "--yes")

    assert done.code == 0
    assert (shop / "api/greet.py").read_text(encoding="utf-8") == "print('moin')\n"
    assert "Created api/greet.py" in done.stderr
    assert git(shop, "log", "--format=%s", "--", "api/greet.py") == "Do what was asked"


def test_a_new_file_is_made_in_the_folder_that_one_works_in(
    trigpoint: Program, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is relative to that, as every name on a command line is."""
    monkeypatch.chdir(shop / "shop")
    assert trigpoint(NOWHERE, "new.py", "../other.py", str(shop / "third.py"), "-m", "/ls").code == 0
    assert [(shop / name).exists() for name in ("shop/new.py", "other.py", "third.py")] == [True] * 3


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_that_leads_out_says_so(trigpoint: Program, shop: Path, conventions: Path) -> None:
    """A repository may hold it; its target has to be named."""
    (shop / "NOTES.md").symlink_to(conventions)
    done = trigpoint(NOWHERE, "-m", "/read-only NOTES.md")
    assert done.code == 42
    assert "NOTES.md is a link that leads out of" in done.stderr
    assert str(conventions) in done.stderr


@pytest.mark.parametrize("words", [("the", "bug"), ("src/",), ("nope*.py",), ("../x.py",), (".git/x.py",)])
def test_what_is_no_file_name_is_not_created(trigpoint: Program, shop: Path, words: tuple[str, ...]) -> None:
    """Words of a request that was not quoted, folders, patterns, what is outside."""
    done = trigpoint(NOWHERE, "-m", "fix", *words)
    assert done.code == 42
    assert git(shop, "status", "--porcelain", "--ignored") == ""
    assert not (shop.parent / "x.py").exists()

"""What the documents name is there: commands of the Makefile, files, modules, flags; what they quote is current."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from hypothesis import settings

import chat.errors
from chat.cli.main import COMMANDS as PROGRAM
from chat.cli.main import EXIT_CODES, group, load
from chat.commands.other_names import names_page
from chat.commands.table import COMMANDS
from chat.errors import ChatError

ROOT = Path(__file__).parent.parent
PAGES = tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")))
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md", *PAGES)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    """A relative link names a file of this repository."""
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", text_of(document)):
        assert ((ROOT / document).parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_the_readme_leads_to_every_page(page: str) -> None:
    """A page that nothing links is not found."""
    assert f"]({page})" in text_of("README.md")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_exist(document: str) -> None:
    """Every `make` command that a reader may type is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z-]+)", text_of(document), re.MULTILINE)
    assert set(named) <= targets


def test_every_make_target_says_what_it_does() -> None:
    """`make help` is made from the `##` comments, so a target without one is hidden."""
    targets = re.findall(r"^[a-z-]+:.*$", text_of("Makefile"), re.MULTILINE)
    assert [line for line in targets if " ## " not in line] == []


@pytest.mark.parametrize(("profile", "factor"), [("thorough", 10), ("fuzz", 100)])
def test_the_profiles_of_make_targets_give_as_many_examples_as_they_say(profile: str, factor: int) -> None:
    """A target whose profile nobody has registered runs no test at all."""
    assert f"--hypothesis-profile={profile}" in text_of("Makefile")
    assert settings.get_profile(profile).max_examples == factor * settings.get_profile("default").max_examples


def test_the_architecture_lists_the_folders_as_the_contracts_do() -> None:
    """Every folder is in the table of its package once, lowest first, in the order of the contracts."""
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    for contract in (each for each in contracts if each["type"] == "layers"):
        (container,) = (f"{name.replace('.', '/')}/" for name in contract["containers"])
        names = [name for layer in reversed(contract["layers"]) for name in layer.split(" | ")]
        folders = [f"{container}{name}/" for name in names if (ROOT / container / name).is_dir()]
        table = text_of("ARCHITECTURE.md").partition(f"| `{container}` |")[2].partition("\n\n")[0]
        listed = re.findall(r"^\| `([a-z_/]+/)` \|", table, re.MULTILINE)
        assert listed
        assert [f"{container.partition('/')[0]}/{name}" for name in listed] == folders


@pytest.mark.parametrize(
    "document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/ranking.md", "docs/speed.md"]
)
def test_the_folders_and_files_that_a_document_names_exist(document: str) -> None:
    """One that was renamed or removed is renamed or removed there as well."""
    names = re.findall(r"`([\w./-]+(?:/|\.py))`", text_of(document))
    made = ("refs/trigpoint/", "tests/test_session_in_use.py")
    bases = ("", "tests/support", "fixtures/sample", "repomap", "edits", "chat")
    missing = [name for name in names if not any((ROOT / base / name).exists() for base in bases)]
    assert [name for name in missing if name not in made] == []


def test_the_turn_in_the_architecture_is_what_the_journal_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kinds of records in their order, and every value that the table quotes."""
    section = text_of("ARCHITECTURE.md").partition("| record | what it says here |\n|---|---|\n")[2]
    rows = [line.split("|")[1:3] for line in section.partition("\n\n")[0].splitlines()]
    monkeypatch.syspath_prepend(ROOT / "bench")
    from sample import REQUEST, open_sample

    with open_sample() as sample:
        tests = ("--test-cmd", "python -m unittest -q", "--auto-test")
        sample.run("trigpoint", *tests, "--message", REQUEST).check_returncode()
        (journal,) = sample.root.parent.rglob("*.jsonl")
        records = [
            line for line in journal.read_text("utf-8").splitlines() if json.loads(line)["kind"] != "talk"
        ]
    assert [kind.strip(" `") for kind, _ in rows] == [json.loads(record)["kind"] for record in records]
    for (_, text), record in zip(rows, records, strict=True):
        assert all(value in record for value in re.findall(r"`([^`]+)`", text))


def flags() -> frozenset[str]:
    """Every flag of the program, of its commands and of theirs."""
    commands = [group, *(command for place, _ in PROGRAM.values() if (command := loaded(place)))]
    for command in commands:
        if isinstance(command, click.Group) and command is not group:
            commands += command.commands.values()
    params = [param for command in commands for param in command.get_params(click.Context(command))]
    return frozenset(name for param in params for name in (*param.opts, *param.secondary_opts))


def loaded(place: str) -> click.Command | None:
    """A command of the program; None for one that only groups others."""
    try:
        command = load(place)
    except ModuleNotFoundError:
        return None
    return command if isinstance(command, click.Command) else None


TYPED = (
    "README.md",
    "CONTRIBUTING.md",
    *(page for page in PAGES if page not in ("docs/coming-from-aider.md", "docs/settings.md")),
)
"""All but the tables that are made from the program, which have aider's flags and settings of files, too."""


@pytest.mark.parametrize("document", TYPED)
def test_flags_and_commands_exist(document: str) -> None:
    """What a reader may type is understood: flags behind `trigpoint`, flags and commands in the text."""
    ours = re.sub(r"^\| `[^`]*`", "|", names_page(), flags=re.MULTILINE)  # without the names from elsewhere
    text = text_of(document).replace(names_page(), ours).replace("\\\n", "")
    typed = " ".join(re.findall(r"trigpoint ([^|\n`#]*)", text))
    inline = " ".join(re.findall(r"`(--[a-z][^`]*)`", text))
    named = set(re.findall(r"(?<![\w-])--[a-z][A-Za-z-]*", f"{typed} {inline}"))
    assert named <= flags()
    assert set(re.findall(r"`/([a-z-]+)(?![\w/-])", text)) - {"mcp"} <= set(COMMANDS)


QUOTED = re.compile(
    r"^```text\n\$ trigpoint (?P<command>(?:[^\n]*\\\n)*[^\n]*?)(?: << EOF\n(?P<input>.*?)^EOF)?\n(?P<output>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
"""A command that a document shows, what it reads, and what it prints."""


@pytest.mark.parametrize(("document", "count"), [("README.md", 1), ("ARCHITECTURE.md", 5)])
def test_what_a_document_shows_is_what_is_printed(
    document: str, count: int, request: pytest.FixtureRequest
) -> None:
    """To the byte, for the command above it; `make approve` writes it anew."""
    text = text_of(document)
    examples = list(QUOTED.finditer(text))
    assert len(examples) == count
    current = text
    for example in reversed(examples):
        current = current[: example.start("output")] + printed(example) + current[example.end("output") :]
    if request.config.getoption("--approve"):
        (ROOT / document).write_text(current, encoding="utf-8", newline="\n")
    else:
        assert text == current


def printed(example: re.Match[str]) -> str:
    """What the command of an example prints today, errors included."""
    done = subprocess.run(
        [sys.executable, "-m", "chat", *shlex.split(example["command"].replace("\\\n", ""))],
        cwd=ROOT,
        input=(example["input"] or "").encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode().replace("\r\n", "\n")


def test_the_exit_codes_of_the_page_are_those_of_the_help() -> None:
    """One table, and every error that has a code of its own is in it."""
    _, _, table = text_of("docs/scripts.md").partition("## Exit codes")
    assert re.findall(r"^\| (\d+) \| (.+) \|$", table, re.MULTILINE) == list(EXIT_CODES)
    errors = (error for error in vars(chat.errors).values() if isinstance(error, type))
    assert {str(error.exit_code) for error in errors if issubclass(error, ChatError)} <= {
        code for code, _ in EXIT_CODES
    }


def test_the_demo_ends_well() -> None:
    """`make demo` plays a turn: map, request, a file asked for, edits, tests, commit, undo."""
    done = subprocess.run([sys.executable, "bench/demo.py"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"SCRIPTED" in done.stdout

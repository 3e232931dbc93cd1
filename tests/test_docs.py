"""What the documents name is there: commands of the Makefile, files, modules, flags; what they quote is current."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from chat.cli.main import COMMANDS as PROGRAM
from chat.cli.main import group, load
from chat.commands.table import COMMANDS

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


def test_the_modules_that_the_architecture_names_exist() -> None:
    """A module that was renamed or removed is renamed or removed there as well."""
    text = text_of("ARCHITECTURE.md")
    for name in re.findall(r"`([a-z_]+\.py)`", text):
        assert (ROOT / "repomap" / name).is_file(), name
    turn = text[text.index("## A turn's way") : text.index("## Decisions")]
    rows = [line.split("|")[1:-2] for line in turn.splitlines() if line.startswith("|")]
    named = set(re.findall(r"`([a-z_]+)`", "".join("".join(row) for row in rows))) - {"chat"}
    assert sorted(name for name in named if not (ROOT / "chat" / f"{name}.py").is_file()) == []


def flags() -> frozenset[str]:
    """Every flag of the program and of its commands."""
    commands = [group, *(command for place, _ in PROGRAM.values() if (command := loaded(place)))]
    params = [param for command in commands for param in command.get_params(click.Context(command))]
    return frozenset(name for param in params for name in (*param.opts, *param.secondary_opts))


def loaded(place: str) -> click.Command | None:
    """A command of the program; None for one that only groups others."""
    try:
        command = load(place)
    except ModuleNotFoundError:
        return None
    return command if isinstance(command, click.Command) else None


@pytest.mark.parametrize("document", ["README.md", "docs/models.md", "CONTRIBUTING.md"])
def test_flags_and_commands_exist(document: str) -> None:
    """What a reader may type is understood: flags behind `trigpoint`, flags and commands in the text."""
    text = text_of(document).replace("\\\n", "")
    typed = " ".join(re.findall(r"trigpoint ([^|\n`#]*)", text))
    inline = " ".join(re.findall(r"`(--[a-z][^`]*)`", text))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", f"{typed} {inline}"))
    assert named <= flags()
    assert set(re.findall(r"`/([a-z-]+)", text)) <= set(COMMANDS)


QUOTED = re.compile(r"^```text\n\$ (trigpoint map .*?[^\\])\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_map_in_the_readme_is_what_is_printed(request: pytest.FixtureRequest) -> None:
    """To the byte, for the command above it; `make approve` writes it anew."""
    text = text_of("README.md")
    quoted = QUOTED.search(text)
    assert quoted is not None
    arguments = shlex.split(quoted[1].replace("\\\n", ""))[1:]
    done = subprocess.run(
        [sys.executable, "-m", "chat", *arguments], cwd=ROOT, capture_output=True, check=True
    )
    printed = done.stdout.decode().replace("\r\n", "\n")
    if request.config.getoption("--approve"):
        text = text[: quoted.start(2)] + printed + text[quoted.end(2) :]
        (ROOT / "README.md").write_text(text, encoding="utf-8", newline="\n")
    else:
        assert quoted[2] == printed


def test_the_demo_ends_well() -> None:
    """`make demo` plays a turn: map, request, a file asked for, edits, tests, commit, undo."""
    done = subprocess.run([sys.executable, "bench/demo.py"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"SCRIPTED" in done.stdout

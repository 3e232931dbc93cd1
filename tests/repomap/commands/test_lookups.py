"""Each command prints its answer and nothing else on stdout, as text or as JSON that its schema describes."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from chat.cli.main import COMMANDS, group
from repomap.commands.lookups import every_command
from repomap.commands.map import run
from repomap.index.tags_cache import TagsCache
from repomap.mapping.formats import SCHEMAS, schema
from repomap.mapping.tokens import count_tokens

pytestmark = pytest.mark.usefixtures("lasting_workers")

ASKED = [
    ("find", "save"),
    ("find", "/class \\w+/"),
    ("symbol", "Store.save"),
    ("refs", "Store"),
    ("outline", "app/store.py"),
    ("show", "Store.save"),
    ("show", "app/store.py:1-2"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of two files."""
    root = tmp_path / "repository"
    (root / "app").mkdir(parents=True)
    (root / "app" / "store.py").write_text(
        "class Store:\n    def save(self, key):\n        self.key = key\n\n"
        "    def load(self):\n        return self.key\n"
    )
    (root / "app" / "main.py").write_text(
        "from app.store import Store\n\n\ndef main():\n    Store().save('k')\n"
    )
    return root


def ask(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    code = run(arguments, every_command())
    out, err = capfd.readouterr()
    return code, out, err


@pytest.mark.parametrize("asked", ASKED)
def test_a_lookup_prints_its_answer_within_the_budget(
    root: Path, capfd: pytest.CaptureFixture[str], asked: tuple[str, str]
) -> None:
    """And nothing on stderr."""
    code, out, err = ask(capfd, *asked, "-C", str(root), "--tokens", "60", "--jobs", "1")
    assert (code, err) == (0, "")
    assert out.startswith("app/")
    assert count_tokens(out) <= 60


@pytest.mark.parametrize("asked", ASKED)
def test_json_follows_its_schema(
    root: Path, capfd: pytest.CaptureFixture[str], asked: tuple[str, str]
) -> None:
    """`--json` has what the text shows, and counts that text."""
    arguments = (*asked, "-C", str(root), "--jobs", "1")
    _, text, _ = ask(capfd, *arguments)
    _, out, _ = ask(capfd, *arguments, "--json")
    given = json.loads(out)
    jsonschema.validate(given, json.loads(schema(asked[0])))
    assert given["items"]
    assert given["tokens"] == count_tokens(text)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("symbol", "Stroe"), 1, "Similar: Store"),
        (("show", "app/stor.py"), 1, "app/store.py"),
        (("find", "/(/"), 2, "not a regular expression"),
        (("find", "save", "--within", "lib"), 1, "No file of the index is in lib"),
        (("find", "save", "--tokens", "3"), 2, "3 is less than 16"),
        (("outline",), 2, "Missing argument"),
        (("refs", "save", "--tokenizer", "none"), 2, "o200k_base"),
    ],
)
def test_a_failure_says_what_to_do(
    root: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    """On stderr, with a code of its own, and nothing on stdout."""
    got, out, err = ask(capfd, *arguments, "-C", str(root), "--jobs", "1")
    assert (got, out) == (code, "")
    assert said in err


def test_a_lookup_outside_a_folder_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As the map does."""
    code, out, err = ask(capfd, "find", "x", "-C", str(tmp_path / "gone"))
    assert (code, out) == (42, "")
    assert "There is no folder" in err


def test_absolute_paths_are_understood(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Below the root; others are refused."""
    code, out, _ = ask(capfd, "show", f"{root / 'app' / 'store.py'}:1", "-C", str(root), "--jobs", "1")
    assert (code, out) == (0, "app/store.py:1-1 of 6 lines\n1: class Store:\n")
    code, _, err = ask(capfd, "show", str(root.parent / "x.py"), "-C", str(root), "--jobs", "1")
    assert code == 1
    assert "outside" in err


def test_the_cache_can_be_shown_and_emptied(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What was parsed is counted, and gone after `clear`."""
    ask(capfd, "find", "save", "-C", str(root), "--jobs", "1")
    code, out, _ = ask(capfd, "cache", "info")
    assert code == 0
    assert "entries 2\n" in out
    assert str(TagsCache().folder) in out
    assert ask(capfd, "cache", "clear")[:2] == (0, f"removed 2 entries from {TagsCache().folder}\n")
    assert "entries 0\n" in ask(capfd, "cache", "info")[1]


def test_every_schema_is_published(capfd: pytest.CaptureFixture[str]) -> None:
    """`trigpoint schema NAME` prints each, and each is a valid schema."""
    for name in SCHEMAS:
        code, out, _ = ask(capfd, "schema", name)
        assert code == 0
        jsonschema.Draft202012Validator.check_schema(json.loads(out))


def test_both_commands_offer_the_same() -> None:
    """`trigpoint` imports a command when it is asked for; `python -m repomap` has them all.

    `trigpoint schema` has more schemas: those of a request's result, of a review, of a job and of a plan.
    """
    offered = every_command()
    assert set(offered.commands) <= set(COMMANDS)  # type: ignore[attr-defined]
    ours = group.get_command(None, "schema").params[0].type.choices  # type: ignore[arg-type, union-attr, attr-defined]
    theirs = offered.commands["schema"].params[0].type.choices  # type: ignore[attr-defined]
    assert list(ours) == [*theirs, "result", "review", "job", "plan"]
    for name in set(offered.commands) - {"schema"}:  # type: ignore[attr-defined]
        assert group.get_command(None, name) is offered.commands[name]  # type: ignore[attr-defined,arg-type]


def test_the_module_runs_as_a_command(root: Path) -> None:
    """`python -m repomap find` from within the repository."""
    ran = subprocess.run(
        [sys.executable, "-m", "repomap", "find", "def save", "--jobs", "1"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (0, "app/store.py\n in Store\n  2: def save(self, key):\n")

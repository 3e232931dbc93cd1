"""`trigpoint graph` prints its answers and nothing else on stdout, as text, JSON or plain paths."""

import io
import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from repomap.commands.graph import graph_group
from repomap.commands.lookups import every_command
from repomap.commands.map import run
from repomap.mapping.formats import schema

pytestmark = pytest.mark.usefixtures("lasting_workers")

FILES = {
    "app/store.py": "class Store:\n    def save(self, key):\n        return key\n",
    "app/main.py": "from app.store import Store\n\n\ndef main():\n    Store().save('k')\n",
    "tests/test_store.py": "from app.store import Store\n\n\ndef test_save():\n    assert Store().save(1)\n",
}
DIFF = (
    "--- a/app/store.py\n+++ b/app/store.py\n@@ -2,2 +2,2 @@\n"
    "     def save(self, key):\n-        return key\n+        return key or None\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one commit and a staged change."""
    root = tmp_path / "repository"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "one")
    (root / "app" / "store.py").write_text(FILES["app/store.py"].replace("return key", "return key or None"))
    git(root, "add", ".")
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)


class Typed(io.TextIOWrapper):
    """Standard input with a text, from a pipe or a terminal."""

    def __init__(self, text: str, *, is_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(text.encode()))
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture
def ask(root: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs `trigpoint graph …` with a text on standard input; exit code, stdout and stderr."""

    def ask(*arguments: str, typed: str = "", is_terminal: bool = False) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", Typed(typed, is_terminal=is_terminal))
        code = run(("graph", *arguments, "-C", str(root), "--jobs", "1"), every_command())
        return code, *capfd.readouterr()

    assert graph_group.name in every_command().commands
    return ask


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        ((), DIFF),
        (("-",), DIFF),
        (("--staged",), ""),
        (("app/store.py",), ""),
        (("--symbols", "Store.save, Store"), ""),
    ],
)
def test_the_impact_of_a_change_however_it_is_given(ask, arguments, typed) -> None:  # type: ignore[no-untyped-def]
    """A diff on standard input, what is staged, files, symbols: text, JSON by its schema, paths of tests."""
    code, text, err = ask("impact", *arguments, typed=typed)
    assert (code, err) == (0, "")
    assert "app/main.py" in text
    assert "tests/test_store.py" in text
    given = json.loads(ask("impact", *arguments, "--json", typed=typed)[1])
    jsonschema.validate(given, json.loads(schema("impact")))
    assert given["tests"][0]["path"] == "tests/test_store.py"
    assert ask("impact", *arguments, "--tests-only", typed=typed)[1] == "tests/test_store.py\n"
    paths = json.loads(ask("impact", *arguments, "--tests-only", "--json", typed=typed)[1])
    assert paths == ["tests/test_store.py"]


def test_a_range_of_commits_is_a_change(ask, root: Path) -> None:  # type: ignore[no-untyped-def]
    """As git writes it."""
    git(root, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "two")
    assert ask("impact", "HEAD~1..HEAD", "--tests-only")[:2] == (0, "tests/test_store.py\n")
    assert ask("impact", "HEAD..HEAD", "--tests-only")[:2] == (0, "")


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "said"),
    [
        ((), "hello", 2, "not a diff"),
        (("--staged", "app/store.py"), "", 2, "one change"),
        (("HEAD..nowhere",), "", 1, "nowhere"),
        (("HEAD",), "", 1, "HEAD is a commit, and a change lies between two. Write HEAD..HEAD"),
        (("nowhere",), "", 1, "Nothing named nowhere"),
        (("app/stor.py",), "", 1, "app/store.py"),
        (("--symbols", "Stroe"), "", 1, "Store"),
    ],
)
def test_a_failure_says_what_to_do(ask, arguments, typed, code, said) -> None:  # type: ignore[no-untyped-def]
    """On stderr, with a code of its own, and nothing on stdout."""
    got, out, err = ask("impact", *arguments, typed=typed)
    assert (got, out) == (code, "")
    assert said in err


def test_a_terminal_is_not_read(ask) -> None:  # type: ignore[no-untyped-def]
    """Whoever forgot the diff is told what to type."""
    code, _, err = ask("impact", is_terminal=True)
    assert code == 2
    assert "git diff | trigpoint graph impact" in err


def test_a_diff_that_is_typed_is_waited_for_with_a_word(ask) -> None:  # type: ignore[no-untyped-def]
    """`-` asks for it; without a word the command seems to hang."""
    code, out, err = ask("impact", "-", "--tests-only", typed=DIFF, is_terminal=True)
    assert (code, out) == (0, "tests/test_store.py\n")
    assert "Reading the diff from standard input; end it with Ctrl-D." in err


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (("deps", "app/main.py"), "app/store.py: Store"),
        (("rdeps", "app/store.py:Store.save"), "app/main.py:main"),
        (("top",), "app/store.py: 2 directly"),
        (("top", "--symbols"), "app/store.py:Store"),
        (("path", "app/main.py", "app/store.py"), "app/main.py uses Store"),
        (("layers",), "layer 0: 1 file"),
        (("related", "app/store.py"), "app/main.py: used by (Store"),
        (("communities",), "app (store.py)"),
    ],
)
def test_a_question_is_answered_as_text_and_as_json(ask, arguments, first) -> None:  # type: ignore[no-untyped-def]
    """Within the budget, and by the schema of the command."""
    code, out, err = ask(*arguments, "--tokens", "60")
    assert (code, err) == (0, "")
    assert out.startswith(first)
    name = "deps" if arguments[0] == "rdeps" else arguments[0]
    jsonschema.validate(json.loads(ask(*arguments, "--json")[1]), json.loads(schema(f"graph-{name}")))


def test_a_question_without_an_answer_ends_with_code_1(ask) -> None:  # type: ignore[no-untyped-def]
    """So a workflow can forbid cycles."""
    assert ask("cycles") == (1, "No cycles.\n", "")

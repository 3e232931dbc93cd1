"""The command writes to the right stream and ends with the right code."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from repositories import SHOP, run_command, run_map, write_files

from repomap.commands.map import in_root, run

Command = Callable[..., tuple[int, bytes, str]]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals, pipes and names of bytes are POSIX")
pytestmark = pytest.mark.usefixtures("shared_caches")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    write_files(root, SHOP)
    return root


@pytest.fixture
def command(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Command:
    """The command run in this process, in the shop's folder: its code, stdout and stderr."""
    monkeypatch.chdir(shop)

    def call(*arguments: str) -> tuple[int, bytes, str]:
        code = run(arguments)
        stdout, stderr = capfdbinary.readouterr()
        return code, stdout, stderr.decode()

    return call


@pytest.mark.parametrize("module", ["repomap", "chat"])
def test_only_the_map_is_on_stdout(shop: Path, module: str) -> None:
    """By either name of the command; stderr is empty."""
    done = run_map(str(shop), module=module)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"session.py" in done.stdout
    assert done.stdout.endswith(b"\n")


def test_the_current_folder_is_the_default(command: Command, shop: Path) -> None:
    """Wherever the folder is named from, its map is the same."""
    assert command("map")[1] == command("map", str(shop))[1]


def test_the_budget_is_kept(command: Command) -> None:
    """A small one gives a short map; --stats tells on stderr how much of it was used."""
    code, stdout, said = command("map", "--tokens", "32", "--stats")
    assert code == 0
    assert 0 < len(stdout) < 200
    assert int(said.split()[1]) <= 32
    assert f"{len(SHOP)} files: " in said


def test_a_query_may_come_by_stdin_or_file(command: Command, shop: Path, tmp_path: Path) -> None:
    """`--query-file -` reads standard input; the same words give the same map."""
    words = "why does the session cookie expire"
    (tmp_path / "query").write_text(words)
    by_option = command("map", "--query", words, "--tokens", "40")
    by_file = command("map", "--query-file", str(tmp_path / "query"), "--tokens", "40")
    by_stdin = run_map(str(shop), "--query-file", "-", "--tokens", "40", given=words.encode())

    assert by_option == by_file == (by_stdin.returncode, by_stdin.stdout, by_stdin.stderr.decode())
    assert (by_option[0], by_option[2]) == (0, "")
    assert b"session.py" in by_option[1]


def test_a_query_that_is_not_utf8_is_read(shop: Path) -> None:
    """A log may have any bytes."""
    done = run_map(str(shop), "--query-file", "-", given=b"caf\xe9 session \x00\xff")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("how", ["relative", "dotted", "absolute"])
def test_files_of_the_chat_may_be_given_in_any_way(command: Command, shop: Path, how: str) -> None:
    """Relative to the mapped folder, or absolute."""
    path = "shop/session.py"
    given = {"relative": path, "dotted": f"./shop/../{path}", "absolute": str(shop / path)}[how]
    code, stdout, stderr = command("map", "--chat-file", given, "--format", "json")
    assert (code, stderr) == (0, "")
    assert path not in {file["path"] for file in json.loads(stdout)["files"]}


def test_an_absolute_path_is_made_relative_to_the_mapped_folder(shop: Path, tmp_path: Path) -> None:
    """Also where the folder is reached by a link."""
    assert in_root(shop)(str(shop / "shop" / "cart.py")) == "shop/cart.py"
    assert in_root(Path("x"))("./a/../b.py") == "b.py"
    if sys.platform != "win32":
        (tmp_path / "link").symlink_to(shop)
        assert in_root(tmp_path / "link")(str(shop / "shop" / "cart.py")) == "shop/cart.py"


def test_a_missing_chat_file_or_mention_is_a_warning(command: Command) -> None:
    """The map is made all the same."""
    code, stdout, stderr = command("map", "--chat-file", "shop/carrt.py", "--mention", "Sesion")
    assert code == 0
    assert b"session.py" in stdout
    assert "warning: --chat-file shop/carrt.py" in stderr
    assert "Similar: shop/cart.py" in stderr
    assert "warning: --mention Sesion: Nothing named Sesion is defined here. Similar: Session" in stderr


def test_json_follows_the_schema_of_the_schema_command(command: Command) -> None:
    """The schema is printed by the command itself."""
    schema = json.loads(command("schema", "map")[1])
    jsonschema.validate(json.loads(command("map", "--format", "json")[1]), schema)


def test_all_prints_the_whole_ranking(command: Command) -> None:
    """Every file, whatever the budget."""
    found = json.loads(command("map", "--all", "--tokens", "16")[1])
    assert {file["path"] for file in found["files"]} == set(SHOP)


def test_the_whole_ranking_follows_the_schema(command: Command) -> None:
    """The schema describes the output of --all, too."""
    schema = json.loads(command("schema", "map")[1])
    jsonschema.validate(json.loads(command("map", "--all")[1]), schema)


def test_why_explains_instead_of_printing_the_map(command: Command) -> None:
    """For a file or a symbol."""
    code, stdout, _ = command("map", "--why", "shop/session.py:Session", "--query", "cookie")
    assert code == 0
    assert stdout.startswith(b"Session (shop/session.py:4): definition ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tokens", "15"), "'--tokens': 15 is less than 16."),
        (("--tokens", "many"), "'--tokens': 'many' is not a whole number."),
        (("--jobs", "0"), "--jobs"),
        (("--jobs", "1k"), "'--jobs': 1000 is more than 256."),
        (("shop", "-C", "shop"), "Give DIR or -C, not both"),
        (("--format", "yaml"), "xml"),
        (("--query", "a", "--query-file", "-"), "not both"),
        (("--no-such-option",), "--no-such-option"),
        (("one", "two"), "two"),
    ],
)
def test_a_usage_error_is_code_2(command: Command, arguments: tuple[str, ...], said: str) -> None:
    """With what is wrong on stderr, and nothing on stdout."""
    code, stdout, stderr = command("map", *arguments)
    assert (code, stdout) == (2, b"")
    assert said in stderr


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("shop",), ("-C", "shop")),
        (("--format", "json"), ("--json",)),
        (("--tokens", "1500"), ("--tokens", "1.5k")),
    ],
)
def test_options_may_be_written_as_other_commands_take_them(
    command: Command, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    """The look-ups have -C and --json, settings have 8k; whoever knows these need not look the map's up."""
    assert command("map", *one) == command("map", *other)
    assert command("map", *one)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("missing",), 42, "missing. Nothing was mapped"),
        (("README.md",), 42, "is a file, not a folder"),
        (("--query-file", "missing"), 42, "--query-file missing: No such file or directory. No map was made"),
        (("--tokenizer", "klingon"), 2, "klingon"),
        (("--why", "no/such.py"), 1, "There is no file no/such.py in the index. Similar: shop/"),
        (("--why", "shop/cart.py:nothing"), 1, "defines nothing named nothing. List"),
    ],
)
def test_a_failure_has_a_code_and_advice(
    command: Command, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Where, what, and what to do, on one line of stderr, without a traceback."""
    ended, stdout, stderr = command("map", *arguments)
    assert (ended, stdout) == (code, b"")
    assert stderr.startswith("trigpoint: error: ")
    assert said in stderr
    assert stderr.count("\n") == 1


@POSIX
def test_a_closed_pipe_is_not_an_error(shop: Path) -> None:
    """As `trigpoint map | head -1` is: code 0, and nothing on stderr."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "repomap", "map", str(shop)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@POSIX
def test_an_interrupt_is_code_130(shop: Path) -> None:
    """In one line, without a traceback."""
    command = [sys.executable, "-m", "repomap", "map", str(shop), "--query-file", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b" " * 500_000)  # more than a pipe holds, so it is being read by now
        process.stdin.flush()
        time.sleep(0.5)  # a signal between two reads is only noticed after the second
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        stdout = process.stdout.read() if process.stdout else b""
        stderr = process.stderr.read() if process.stderr else b""
    assert (process.returncode, stdout) == (130, b"")
    assert stderr.lstrip(b"\n") == b"trigpoint: interrupted; what was parsed is cached.\n"


@POSIX
@pytest.mark.skipif(sys.platform == "darwin", reason="the file system takes UTF-8 alone")
def test_a_name_that_is_not_utf8_is_shown(command: Command, tmp_path: Path) -> None:
    """As a replacement character in the text; JSON escapes the bytes so that they can be restored."""
    root = os.fsencode(tmp_path)
    with open(root + b"/caf\xe9.py", "wb") as file:
        file.write(b"def f(): pass\n")
    code, text, stderr = command("map", str(tmp_path))
    assert (code, stderr) == (0, "")
    assert "caf\ufffd.py" in text.decode("utf-8")
    (shown,) = json.loads(command("map", str(tmp_path), "--format", "json")[1])["files"]
    assert shown["path"].encode("utf-8", "surrogateescape") == b"caf\xe9.py"
    done = run_map(root, b"--chat-file", b"caf\xe9.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("arguments", [("--help",), ("map", "--help"), ("schema", "--help")])
def test_help_is_code_0(command: Command, arguments: tuple[str, ...]) -> None:
    """On stdout."""
    code, stdout, stderr = command(*arguments)
    assert (code, stderr) == (0, "")
    assert stdout.startswith(b"Usage: trigpoint")


def test_both_commands_have_the_same_map() -> None:
    """The chat's command passes the map's options on."""
    of_map, of_chat = (run_command("map", "--help", module=module).stdout for module in ("repomap", "chat"))
    assert of_map == of_chat


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("dot", "digraph "),
        ("graphml", "<graphml"),
        ("graph-json", "{"),
        ("mermaid", "flowchart LR\n"),
        ("csv", '"path","language"'),
        ("ctags", "!_TAG_FILE_FORMAT\t2"),
        ("llms-txt", "# "),
    ],
)
def test_other_programs_get_a_map_or_everything(command: Command, form: str, begins: str) -> None:
    """Nothing else is printed, and with --all nothing is left out."""
    code, some, err = command("map", "--format", form, "--tokens", "40")
    assert (code, err) == (0, "")
    assert some.startswith(begins.encode())
    assert len(command("map", "--format", form, "--all")[1]) > len(some)

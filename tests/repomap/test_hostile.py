"""Mapping a hostile repository runs nothing, reads nothing outside, and misleads no terminal."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from canaries import Canary
from repositories import commit, git, make_repository, run_map, write_files

MapHere = Callable[..., subprocess.CompletedProcess[bytes]]

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="canaries are shell scripts, names are bytes"),
    pytest.mark.usefixtures("shared_caches"),
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "hostile")


HOOKS = (
    "post-index-change",
    "post-checkout",
    "pre-auto-gc",
    "reference-transaction",
    "fsmonitor-watchman",
    "query-watchman",
)


def test_a_repositorys_configuration_runs_nothing(
    map_here: MapHere, repository: Path, canary: Canary
) -> None:
    """Monitors, filters, hooks, pagers, converters, helpers and aliases, all named by a clone's own settings."""
    program = str(canary.program)
    (repository / ".gitattributes").write_text("* filter=f diff=d merge=m\n")
    commit(repository, "Add attributes")
    hooks = repository / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in HOOKS:
        (hooks / hook).write_text(canary.program.read_text())
        (hooks / hook).chmod(0o755)
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy"),
        *("filter.f.clean", "filter.f.smudge", "filter.f.process", "diff.d.textconv", "diff.d.command"),
        *(
            "diff.external",
            "merge.m.driver",
            "gpg.program",
            "pager.log",
            "pager.ls-files",
            "credential.helper",
        ),
        *("alias.ls-files", "alias.log", "uploadpack.packObjectsHook", "interactive.diffFilter"),
    ):
        git(repository, "config", key, f"!{program}" if key.startswith("alias.") else program)
    git(repository, "config", "filter.f.required", "true")
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "core.untrackedCache", "true")
    (repository / "shop/cart.py").write_text("def changed(): pass\n")
    (repository / "new.py").write_text("def new(): pass\n")

    for arguments in ((), ("--query", "cart"), ("--submodules", "--no-cache")):
        done = map_here(str(repository), *arguments)
        assert done.returncode == 0
        assert b"cart.py" in done.stdout
    assert canary.song() == ""
    subprocess.run(["git", "status"], cwd=repository, capture_output=True, timeout=30, check=False)
    assert canary.song()  # the trap was live


def test_files_of_the_repository_configure_nothing(repository: Path, canary: Canary) -> None:
    """Python's and the tools' own files in the current folder are just source files."""
    shout = f"import os\nos.system('{canary.program} </dev/null')\n"
    names = (
        "repomap.py",
        "sitecustomize.py",
        "usercustomize.py",
        "numpy.py",
        "click.py",
        "tree_sitter.py",
        "json.py",
    )
    for place in ("", "repomap/"):
        write_files(repository, {place + name: shout for name in names})
    write_files(
        repository, {"repomap/__init__.py": shout, "repomap/__main__.py": shout, "conftest.py": shout}
    )
    write_files(repository, {"git": canary.program.read_text(), "python": canary.program.read_text()})
    for name in ("git", "python"):
        (repository / name).chmod(0o755)
    # -P, as for an installed command: `python -m` itself would look in the current folder first
    done = run_map(cwd=repository, PYTHONSAFEPATH="1", PATH=f".:{os.environ['PATH']}")
    assert done.returncode == 0
    assert b"sitecustomize.py" in done.stdout
    assert canary.song() == ""


def test_links_out_of_the_root_show_nothing_of_what_they_lead_to(
    map_here: MapHere, repository: Path, tmp_path: Path
) -> None:
    """Not to a file, through a folder or to a device; a link inside is not a second copy."""
    write_files(tmp_path / "secret", {"key.py": "def secret_function(): pass\n"})
    (repository / "file.py").symlink_to(tmp_path / "secret" / "key.py")
    (repository / "folder").symlink_to(tmp_path / "secret")
    (repository / "zero.py").symlink_to("/dev/zero")
    (repository / "loop").symlink_to(".")
    (repository / "again.py").symlink_to("shop/cart.py")
    commit(repository, "Add links")

    found = map_here(str(repository), "--all", "--query", "secret function")
    assert found.returncode == 0
    assert b"secret_function" not in found.stdout
    files = {file["path"]: file["definitions"] for file in json.loads(found.stdout)["files"]}
    assert {"file.py", "zero.py", "folder", "folder/key.py"}.isdisjoint(files)
    assert not [path for path in files if path.startswith("loop/")]
    assert files.get("again.py", []) == []


NAMES = (
    b"-rf",
    b"--upload-pack=touch.py",
    b"-.py",
    b"new\nline.py",
    b"escape\x1b]0;title\x07.py",
    b"\x1b[2J.py",
    b"bidi\xe2\x80\xaegpj.py",
    b"zero\xe2\x80\x8bwidth.py",
    b" space .py",
    b"quote\"'`$(touch x).py",
    b"glob*?[a].py",
    b"colon:12.py",
    b"back\\slash.py",
    b"percent%s{0}.py",
)


@pytest.mark.parametrize("with_git", [True, False], ids=["git", "walk"])
@pytest.mark.skipif(sys.platform == "darwin", reason="the file system takes UTF-8 alone")
def test_odd_names_are_names(map_here: MapHere, tmp_path: Path, with_git: bool) -> None:
    """Not options, patterns, second lines or terminal commands."""
    root = tmp_path / "odd"
    root.mkdir()
    for number, name in enumerate((*NAMES, b"caf\xe9.py")):
        with open(os.fsencode(root) + b"/" + name, "wb") as file:
            file.write(b"def f_%d(): pass\n" % number)
    if with_git:
        git(root, "init", "-q")
        commit(root, "Add odd names")

    text = map_here(str(root), "--tokens", "4000")
    assert (text.returncode, text.stderr) == (0, b"")
    assert not {char for char in text.stdout.decode("utf-8") if not char.isprintable()} - {"\n"}
    paths = {line for line in text.stdout.decode("utf-8").splitlines() if line.endswith(".py:")}
    assert len(paths) == len(NAMES)  # all but -rf, which has no suffix
    found = json.loads(map_here(str(root), "--format", "json", "--tokens", "4000").stdout)["files"]
    assert {os.fsencode(file["path"]) for file in found} == {*NAMES, b"caf\xe9.py"}


def test_a_name_like_an_option_can_be_asked_for(map_here: MapHere, tmp_path: Path) -> None:
    """As the value of an option, it is a path."""
    (tmp_path / "-rf").write_text("words\n")
    (tmp_path / "a.py").write_text("def f(): pass\n")
    done = map_here(str(tmp_path), "--chat-file=-rf", "--why=-rf")
    assert done.returncode == 0
    assert done.stdout.startswith(b"-rf: file ")


def test_names_of_symbols_are_made_harmless(map_here: MapHere, tmp_path: Path) -> None:
    """In no format but JSON, which escapes them."""
    (tmp_path / "a.md").write_text("# Title \x1b[31m red \u202e right\n")
    (tmp_path / "b.py").write_text("def f(x='\x1b]0;t\x07', y='\u202e'): pass\n")
    for form in ("text", "markdown", "xml", "json"):
        out = map_here(str(tmp_path), "--format", form).stdout.decode("utf-8")
        assert "b.py" in out
        assert not {char for char in out if not char.isprintable()} - {"\n"}


def test_a_pipe_among_the_files_does_not_block(tmp_path: Path) -> None:
    """Nobody will ever write to it; run_map itself gives up after a minute."""
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "a.py").write_text("def f(): pass\n")
    for name in (".gitignore", ".trigpointignore", "package.json"):
        os.mkfifo(tmp_path / name)
    done = run_map(str(tmp_path))
    assert done.returncode == 0
    assert done.stdout == b"a.py:\n def f()\n"


def test_a_request_from_a_hostile_pipe_is_only_read(repository: Path, canary: Canary) -> None:
    """The content of a query is just words."""
    query = f"$({canary.program}) `{canary.program}` ; {canary.program} \x1b[2J %s {{0}} ../../etc/passwd\n".encode()
    done = run_map(str(repository), "--query-file", "-", given=query)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    assert canary.song() == ""

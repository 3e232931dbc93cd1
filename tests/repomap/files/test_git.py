"""The wrapper through which repomap calls git: it runs nothing that the repository chose."""

import os
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from canaries import Canary
from processes import LIMITS_S, has_ended, has_line

from repomap.errors import GitFailed, NotMappable
from repomap.files.git import Git
from repomap.files.git_runner import find_git
from repomap.files.history import read_history
from repomap.files.listing import list_files

posix = pytest.mark.skipif(os.name != "posix", reason="the canary is a shell script")


def git(folder: Path, *args: str, given: str | None = None) -> str:
    settings = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *settings, *args], cwd=folder, input=given, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.py").write_text("x = 1\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


HOOKS = ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc")


@pytest.fixture
def hostile(repository: Path, canary: Canary) -> Path:
    """A repository whose configuration names the canary wherever git would run a program."""
    program = str(canary.program)
    hooks = repository / "hooks"
    hooks.mkdir()
    for hook in HOOKS:
        (hooks / hook).symlink_to(program)
    (repository / ".gitattributes").write_text(
        "*.py filter=evil diff=evil merge=evil\n*.c filter=a=b diff=a=b\n*.h filter=far\n"
    )
    for name in ("b.py", "c.c", "d.h"):
        (repository / name).write_text("int x;\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "second")
    _sign_head(repository)
    (repository / "a.py").write_text("x = 2\n")
    included = repository / ".git" / "far.config"
    filters = f"\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n\trequired = true\n"
    included.write_text(f'[filter "far"]\n{filters}')
    lines = "".join(
        f'[filter "{name}"]\n{filters}[diff "{name}"]\n\ttextconv = {program}\n\tcommand = {program}\n'
        f'[merge "{name}"]\n\tdriver = {program}\n'
        for name in ("evil", "a=b")
    )
    with (repository / ".git" / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {program}\n\thooksPath = {hooks}\n\tpager = {program}\n"
            f"\teditor = {program}\n"
            f"\tsshCommand = {program}\n\taskPass = {program}\n\talternateRefsCommand = {program}\n"
            f"[diff]\n\texternal = {program}\n[gpg]\n\tprogram = {program}\n[log]\n\tshowSignature = true\n"
            f"[credential]\n\thelper = {program}\n[include]\n\tpath = far.config\n{lines}"
        )
    return repository


def _sign_head(root: Path) -> None:
    """Give HEAD a signature, so that a log that shows signatures would start gpg.program."""
    head = git(root, "cat-file", "commit", "HEAD")
    fields, _, message = head.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    signed = git(
        root, "hash-object", "-t", "commit", "-w", "--stdin", given=f"{fields}\n{signature}\n\n{message}\n"
    )
    git(root, "reset", "-q", "--soft", signed)


@posix
@pytest.mark.parametrize(
    "command",
    [
        ("ls-files", "--others"),
        ("ls-files", "--modified"),
        ("log", "-1", "-p"),
        ("cat-file", "--filters", "HEAD:c.c"),
    ],
    ids=" ".join,
)
def test_the_hostile_repository_does_run_its_programs_under_plain_git(
    hostile: Path, canary: Canary, command: tuple[str, ...]
) -> None:
    """A canary that cannot sing would prove nothing below."""
    subprocess.run(["git", *command], cwd=hostile, capture_output=True, check=False)

    assert canary.song()


@posix
def test_listing_files_and_reading_history_run_nothing(hostile: Path, canary: Canary) -> None:
    """A repository is not trusted because it was cloned."""
    listing = list_files(hostile, submodules=True)
    assert listing.git is not None
    history = read_history(listing.git)

    assert "b.py" in listing.paths
    assert [c.subject for c in history] == ["second", "first"]
    assert canary.song() == ""


@posix
@pytest.mark.parametrize(
    "command",
    [
        ("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        ("ls-files", "--modified", "--stage"),
        ("log", "-1", "--patch", "--format=%ct %s %G?"),
        ("log", "--name-only", "--all"),
        ("ls-tree", "-r", "HEAD"),
        ("cat-file", "--filters", "HEAD:c.c"),
        ("cat-file", "--filters", "HEAD:d.h"),
        ("cat-file", "--textconv", "HEAD:b.py"),
        ("cat-file", "-p", "HEAD"),
        ("rev-parse", "HEAD"),
        ("config", "--list"),
        ("check-ignore", "a.c", "b.py"),
    ],
    ids=" ".join,
)
def test_no_command_of_the_wrapper_runs_anything(
    hostile: Path, canary: Canary, command: tuple[str, ...]
) -> None:
    """Whether git then answers or fails, none of the repository's programs is started."""
    found = Git.find(hostile)
    assert found is not None

    with suppress(GitFailed):
        found.run(*command)

    assert canary.song() == ""


@posix
def test_a_repository_hidden_in_a_folder_runs_nothing(repository: Path, canary: Canary) -> None:
    """A bare repository among the files is found by git when it is the root, and brings its own config."""
    git(repository, "init", "-q", "--bare", "data")
    git(repository / "data", "config", "core.bare", "false")
    git(repository / "data", "config", "core.worktree", str(repository / "data"))
    git(repository / "data", "config", "core.fsmonitor", str(canary.program))

    with pytest.raises(NotMappable, match="bare repository"):
        list_files(repository / "data")
    list_files(repository, submodules=True)

    assert canary.song() == ""


@posix
def test_a_missing_object_is_not_fetched(repository: Path, canary: Canary) -> None:
    """In a partial clone git asks the remote for what is missing, and a remote can be any command."""
    git(repository, "config", "remote.origin.url", f"ext::{canary.program} %S")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "core.repositoryFormatVersion", "1")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "protocol.ext.allow", "always")
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    lost = repository / ".git" / "objects" / tree[:2] / tree[2:]
    lost.chmod(stat.S_IWUSR)
    lost.unlink()

    listing = list_files(repository)
    assert listing.git is not None

    assert read_history(listing.git) == ()
    assert canary.song() == ""


@posix
def test_the_callers_git_variables_do_not_count(
    repository: Path, tmp_path: Path, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a hook GIT_DIR and its kin point to another repository; others run or write things."""
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "0")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(canary.program))
    monkeypatch.setenv("GIT_TRACE", str(canary.trace))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(canary.program))

    assert list_files(repository).paths == ["a.py"]
    assert canary.song() == ""


@posix
def test_a_git_that_the_repository_brought_along_is_not_run(
    repository: Path, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PATH with a relative folder would find it in the current one."""
    (repository / "git").symlink_to(canary.program)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", os.pathsep.join((".", "", os.environ["PATH"])))

    program = find_git()
    Git.find(repository)

    assert program is not None
    assert os.path.isabs(program)
    assert canary.song() == ""


def test_without_git_there_is_none(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The map works without git, so its absence is an answer and no error."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert Git.find(repository) is None


def test_outside_a_work_tree_there_is_none(tmp_path: Path) -> None:
    """A folder that no repository holds is walked instead."""
    assert Git.find(tmp_path) is None


def test_a_gitfile_that_leads_nowhere_is_no_repository(tmp_path: Path) -> None:
    """A submodule that was copied without its repository is a plain folder."""
    (tmp_path / ".git").write_text("gitdir: ../gone/.git/modules/x\n")

    assert Git.find(tmp_path) is None


@pytest.mark.parametrize("where", [".git", ".git/objects", "bare.git", "bare.git/hooks"])
def test_inside_a_repositorys_own_data_there_is_nothing_to_map(repository: Path, where: str) -> None:
    """A bare repository holds no files, and its objects are not source."""
    git(repository, "clone", "-q", "--bare", ".", "bare.git")

    with pytest.raises(NotMappable, match="holds no source files; nothing was mapped"):
        Git.find(repository / where)


def test_head_and_prefix_are_found_below_the_top(repository: Path) -> None:
    """A folder's name may even hold a newline."""
    folder = repository / "sub\nfolder" / "deep" if os.name == "posix" else repository / "sub" / "deep"
    folder.mkdir(parents=True)

    found = Git.find(folder)

    assert found is not None
    assert found.prefix == folder.relative_to(repository).as_posix() + "/"
    assert found.commit == git(repository, "rev-parse", "HEAD")


def test_before_the_first_commit_there_is_no_id(tmp_path: Path) -> None:
    """An unborn HEAD names a branch that does not exist yet."""
    git(tmp_path, "init", "-q")

    found = Git.find(tmp_path)

    assert found is not None
    assert found.commit is None


@pytest.mark.parametrize("command", ["add", "commit", "fetch", "status", "diff", "checkout", "gc", "-c"])
def test_only_commands_that_read_are_allowed(repository: Path, command: str) -> None:
    """What writes, or reads files through filters, has no place in a map."""
    found = Git.find(repository)
    assert found is not None

    with pytest.raises(ValueError, match="read-only"):
        found.run(command)


def test_a_failing_command_says_where_and_what(repository: Path) -> None:
    """git's own words are the best explanation there is."""
    found = Git.find(repository)
    assert found is not None

    with pytest.raises(GitFailed, match=r"git rev-parse in .*repository: fatal: Needed a single revision"):
        found.run("rev-parse", "--verify", "no-such-name")


def test_a_broken_configuration_is_named(repository: Path) -> None:
    """The user can mend it, so the file and the line are said."""
    (repository / ".git" / "config").write_text("[core\n")

    with pytest.raises(GitFailed, match=r"bad config line 1 .*Nothing was mapped"):
        Git.find(repository)


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_refused_with_advice(repository: Path) -> None:
    """git refuses it, and the command that lifts the refusal is said."""
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)

    with pytest.raises(GitFailed, match=r"belongs to another user.*safe\.directory '"):
        Git.find(repository)


@posix
def test_a_hanging_command_is_stopped(repository: Path) -> None:
    """A pipe in place of an ignore file would otherwise hang git, and the map, for ever."""
    (repository / "deep").mkdir()
    os.mkfifo(repository / "deep" / ".gitignore")
    found = Git.find(repository)
    assert found is not None

    began = time.monotonic()
    with pytest.raises(GitFailed, match=r"no answer within 0\.3 s"):
        found.run("ls-files", "--others", "--exclude-standard", timeout_s=0.3)

    assert time.monotonic() - began < 10


@posix
def test_a_timeout_stops_what_git_started_too(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A helper that outlives git would hold its pipes open."""
    found = Git.find(repository)
    assert found is not None
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/child\nwait\n")
    fake.chmod(0o755)
    slow = Git(found.folder, "", None, str(fake))

    child = tmp_path / "child"
    for limit_s in LIMITS_S:
        with pytest.raises(GitFailed, match="no answer"):
            slow.run("rev-parse", timeout_s=limit_s)
        if has_line(child):
            break

    assert has_ended(child)


def test_what_git_ignores_is_told_of_any_name(repository: Path) -> None:
    """Names that would mean something in a pattern mean themselves; nothing is asked where there is none."""
    (repository / ".gitignore").write_text("*.o\n/out/\n")
    (repository / "out").mkdir()
    found = Git.find(repository)
    assert found is not None

    asked = [b"a.o", b":(top)b.o", b"[ab].py", b"out", b"src", b"c\xff.o"]
    assert found.ignored(asked) == {b"a.o", b":(top)b.o", b"out", b"c\xff.o"}
    assert found.ignored([]) == set()


def test_settings_that_decide_what_is_listed_make_a_difference(repository: Path) -> None:
    """Two that are equal list by the same rules, whichever file holds the setting."""
    before = Git.find(repository)
    git(repository, "config", "user.email", "other@example.org")
    same = Git.find(repository)
    git(repository, "config", "core.excludesFile", "other")

    assert before == same
    assert before != Git.find(repository)


def test_input_reaches_git(repository: Path) -> None:
    """Long lists of names go in through stdin."""
    found = Git.find(repository)
    assert found is not None

    assert found.run("cat-file", "--batch-check=%(objecttype)", input=b"HEAD\n") == b"commit\n"

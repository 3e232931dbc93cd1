"""What a command in the sandbox can and cannot reach, tried for real where bubblewrap works."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from repositories import make_repository

from chat.errors import InputError, UsageError
from chat.ports import Ran
from chat.sandbox.guarded_shell import GuardedShell, Room
from chat.sandbox.sandbox import Sandbox, open_sandbox
from chat.sandbox.scratch import Scratch, remove_old_scratch, scratch_for

POSIX = pytest.mark.skipif(os.name == "nt", reason="commands of the model's are not run there")
PYTHON = os.path.realpath(sys.executable)
"""The interpreter itself: the environment may be below the folder for temporary files, which a sandbox replaces."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a secret and a tool."""
    home = tmp_path_factory.mktemp("home")
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id_rsa").write_text("the key")
    (home / "notes.txt").write_text("private")
    (home / ".cargo" / "bin").mkdir(parents=True)
    (home / ".cargo" / "bin" / "tool").write_text("#!/bin/sh\necho a tool\n")
    (home / ".cargo" / "bin" / "tool").chmod(0o755)
    (home / ".cargo" / "credentials.toml").write_text("token")
    return home


@pytest.fixture(scope="module")
def root(home: Path) -> Path:
    """A work tree below the home."""
    return make_repository(home / "src" / "project", {"a.txt": "a\n", "sub/b.txt": "b\n"})


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(tmp_path_factory.mktemp("scratch") / "session")


@pytest.fixture(scope="module")
def sandbox(home: Path, root: Path, scratch: Scratch) -> Sandbox:
    """The sandbox of this machine; the tests say so where there is none."""
    environment = {"HOME": str(home), "PATH": f"{home}/.cargo/bin:/usr/bin:/bin"}
    sandbox, reason = open_sandbox("auto", root, scratch, environment)
    if sandbox is None:
        pytest.skip(f"no sandbox was tried: {reason}")
    return sandbox


def shell_in(
    sandbox: Sandbox | None,
    root: Path,
    scratch: Scratch,
    setup: str = "",
    report: Callable[[Ran], None] = print,
) -> GuardedShell:
    """What runs commands of the model's in a sandbox."""
    return GuardedShell(Room(root, scratch, lambda: sandbox, setup, report=report))


@pytest.fixture
def run(
    sandbox: Sandbox, root: Path, home: Path, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Ran]:
    """Run a command of the model's in the sandbox."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{home}/.cargo/bin:/usr/bin:/bin")
    shell = shell_in(sandbox, root, scratch)
    return lambda command: shell.run(command, 60)


def test_the_work_tree_and_the_scratch_folders_can_be_written(run: Callable[[str], Ran], root: Path) -> None:
    """What is written to the home and to /tmp stays for the next command, and is not the user's."""
    ran = run("pwd; echo x > made.txt && echo y > ~/kept && echo z > /tmp/kept && cat sub/b.txt")

    assert (ran.exit_code, ran.output) == (0, f"{root}\nb\n")
    assert (root / "made.txt").read_text() == "x\n"
    assert run("cat ~/kept /tmp/kept").output == "y\nz\n"
    (root / "made.txt").unlink()


@pytest.mark.parametrize(
    "command",
    [
        "echo x > .git/config",
        "echo x > .git/hooks/post-commit",
        "rm -rf .git",
        "mv .git other",
        "git commit --allow-empty -m x",
        "echo x > /etc/made",
        "echo x > /usr/made",
        "cat ~/.ssh/id_rsa",
        "cat ~/notes.txt",
        "cat ~/.cargo/credentials.toml",
        "echo x > ~/.cargo/bin/tool",
        "echo x > ../made.txt && cat ../../notes.txt",
        "test -S /run/docker.sock && false",
        "mount -t tmpfs none /mnt",
    ],
)
def test_nothing_else_can_be_written_and_no_secret_read(
    run: Callable[[str], Ran], root: Path, home: Path, command: str
) -> None:
    """The rest of the system is read-only, the home is empty but for tools."""
    assert run(command).exit_code != 0 or command.startswith("test")

    assert (root / ".git" / "HEAD").is_file()
    assert not (home / "src" / "made.txt").exists()
    assert (home / ".cargo" / "bin" / "tool").read_text().startswith("#!")


def test_tools_of_the_home_can_be_run_and_git_reads(run: Callable[[str], Ran]) -> None:
    """Toolchains are where developers keep them."""
    assert run("tool").output == "a tool\n"
    assert run("git show --format= --name-only HEAD -- a.txt").exit_code == 0
    assert run("git status --short").exit_code == 0


def test_what_rules_deny_to_read_is_kept_from_every_program(
    sandbox: Sandbox, root: Path, scratch: Scratch
) -> None:
    """A rule that allows a program says nothing of the files that it opens."""
    room = Room(root, scratch, lambda: sandbox, hidden=lambda: (f"{root}/a.txt", f"{root}/sub"))

    ran = GuardedShell(room).run("cat a.txt; ls sub; cat sub/b.txt", 60)

    assert "sub/b.txt: No such file" in ran.output
    assert [line for line in ran.output.splitlines() if not line.startswith("cat: ")] == []
    assert GuardedShell(room, of_user=True).run("cat a.txt", 60).output == "a\n"


@pytest.fixture
def port() -> Iterator[int]:
    """A server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 3)"


def test_there_is_no_network(run: Callable[[str], Ran], port: int) -> None:
    """Not even to this machine, whose servers may do anything."""
    ran = run(f'{PYTHON} -I -c "{CONNECT}" {port}')

    assert ran.exit_code != 0
    assert "refused" in ran.output or "unreachable" in ran.output


def test_the_setup_command_runs_once_with_the_network(
    sandbox: Sandbox, root: Path, scratch: Scratch, port: int, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    """What it leaves in the scratch folders is there for later commands, also in a session that is continued."""
    monkeypatch.setenv("HOME", str(home))
    reports: list[Ran] = []
    command = f'{PYTHON} -I -c "{CONNECT}" {port} && echo once >> ~/setup.log'
    for _ in range(2):  # a process, and one that continues its session
        shell = shell_in(sandbox, root, scratch, command, reports.append)
        assert shell.run("cat ~/setup.log", 60).output == "once\n"
        assert shell.run("cat ~/setup.log", 60).output == "once\n"

    assert [ran.exit_code for ran in reports] == [0]


def test_a_setup_command_that_fails_keeps_everything_from_running(
    sandbox: Sandbox, root: Path, scratch: Scratch
) -> None:
    """It is tried again with the next command."""
    reports: list[Ran] = []
    shell = shell_in(sandbox, root, scratch, "exit 3", reports.append)

    for _ in range(2):
        with pytest.raises(InputError, match="setup command failed with exit code 3"):
            shell.run("touch ran", 60)

    assert len(reports) == 2
    assert not (root / "ran").exists()


def test_a_time_limit_ends_all_processes(
    run: Callable[[str], Ran], sandbox: Sandbox, root: Path, scratch: Scratch
) -> None:
    """Those in the background, too."""
    shell = shell_in(sandbox, root, scratch)

    ran = shell.run("(sleep 30; touch late) & sleep 30", 0.5)

    assert ran.timed_out
    assert ran.exit_code == 124
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=False).stdout
    assert "touch late" not in processes


def test_the_work_tree_of_a_worktree_keeps_git_out_of_reach(
    home: Path, root: Path, tmp_path: Path, sandbox: Sandbox, scratch: Scratch
) -> None:
    """Its `.git` is a file that leads to a folder elsewhere."""
    other = tmp_path / "other"
    subprocess.run(["git", "worktree", "add", "-q", str(other)], cwd=root, check=True, capture_output=True)
    there, _ = open_sandbox("auto", other, scratch, {"HOME": str(home), "PATH": "/usr/bin:/bin"})
    shell = shell_in(there, other, scratch)

    assert shell.run("git log --oneline", 60).exit_code == 0
    assert shell.run(f"echo x >> {root}/.git/config", 60).exit_code != 0


def test_a_home_that_is_the_work_tree_hides_its_secrets(
    home: Path, sandbox: Sandbox, tmp_path: Path, scratch: Scratch
) -> None:
    """Dotfiles are kept in repositories like these."""
    there, _ = open_sandbox("auto", home, scratch, {"HOME": str(home), "PATH": "/usr/bin:/bin"})
    shell = shell_in(there, home, scratch)

    assert shell.run(f"cat {home}/notes.txt", 60).output == "private"
    assert shell.run(f"cat {home}/.ssh/id_rsa", 60).exit_code != 0


@POSIX
def test_a_command_has_no_secrets_no_input_and_no_terminal(
    root: Path, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there is no sandbox."""
    for name, value in {
        "OPENAI_API_KEY": "sk-0123456789abcdefghij",
        "DEPLOY_TOKEN": "t",
        "DATABASE_URL": "postgres://me:word@host/db",
        "SSH_AUTH_SOCK": "/tmp/s",
        "ODD": "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "BASH_ENV": "/tmp/evil",
        "PLAIN": "stays",
    }.items():
        monkeypatch.setenv(name, value)
    shell = shell_in(None, root, scratch)

    ran = shell.run("env; cat; tty; echo $0", 20)

    names = {line.partition("=")[0] for line in ran.output.splitlines()}
    assert {"PLAIN", "PATH", "HOME"} <= names
    assert not names & {"OPENAI_API_KEY", "DEPLOY_TOKEN", "DATABASE_URL", "SSH_AUTH_SOCK", "ODD", "BASH_ENV"}
    assert "not a tty" in ran.output


def test_a_sandbox_that_cannot_be_had_is_not_pretended(
    root: Path, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named, it stops the program; by default, it is said that there is none."""
    monkeypatch.setenv("PATH", str(root))

    assert open_sandbox("none", root, scratch) == (None, "it is switched off")
    sandbox, reason = open_sandbox("auto", root, scratch)
    assert sandbox is None
    assert "bwrap" in reason
    for choice in ("bwrap", "sandbox-exec"):
        with pytest.raises(UsageError, match=f"--sandbox {choice}: .* Nothing was started"):
            open_sandbox(choice, root, scratch)  # type: ignore[arg-type]


@POSIX
def test_a_sandbox_that_does_not_work_is_not_pretended(
    root: Path, scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container, bubblewrap may be installed and forbidden."""
    if sys.platform != "linux":
        pytest.skip("bubblewrap is for Linux")
    (tmp_path / "bwrap").write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace'\nexit 1\n"
    )
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    sandbox, reason = open_sandbox("auto", root, scratch)

    assert (sandbox, reason) == (
        None,
        "bwrap does not work here (bwrap: No permissions to create new namespace)",
    )
    with pytest.raises(UsageError, match="No permissions"):
        open_sandbox("bwrap", root, scratch)


def test_scratch_folders_are_the_users_alone_and_do_not_pile_up() -> None:
    """A week after the last command of their session they are deleted."""
    scratch = scratch_for("20260101-000000-abcdef")
    scratch.make()
    if os.name == "posix":
        assert scratch.home.stat().st_mode & 0o077 == 0
    modified = scratch.folder.stat().st_mtime

    remove_old_scratch(modified + 6 * 86_400)
    assert scratch.home.is_dir()
    remove_old_scratch(modified + 8 * 86_400)
    assert not scratch.folder.exists()

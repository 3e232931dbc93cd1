"""The clipboard of each system, by the program that it has."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from chat.commands.clipboard import Clipboard, find_clipboard, read_clipboard, write_clipboard
from chat.ports import Ran
from chat.safety.shell import NO_VARIABLES


class RealShell:
    """Runs a command line as the user's shell would."""

    def run(
        self,
        command: str,
        timeout_s: float | None = None,
        *,
        variables: Mapping[str, str] = NO_VARIABLES,
    ) -> Ran:
        ran = subprocess.run(
            command, shell=True, capture_output=True, text=True, timeout=timeout_s, check=False
        )
        return Ran(command, ran.returncode, ran.stdout)


@pytest.mark.parametrize(
    ("platform", "environment", "there", "program"),
    [
        ("darwin", {}, {"pbpaste", "pbcopy"}, "pbcopy"),
        ("win32", {}, {"powershell", "clip"}, "clip"),
        ("linux", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, {"wl-paste", "wl-copy", "xclip"}, "wl-copy"),
        ("linux", {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, {"xsel"}, "xsel --clipboard --input"),
        ("linux", {"DISPLAY": ":0"}, {"wl-paste", "wl-copy"}, None),
        ("linux", {}, {"xclip"}, None),
    ],
)
def test_the_program_fits_the_desktop(
    platform: str, environment: dict[str, str], there: set[str], program: str | None
) -> None:
    """One that is installed for a desktop that is not running would hang or fail."""
    found = find_clipboard(environment, platform, lambda name: name if name in there else None)

    assert (found.write if found else None) == program


@pytest.mark.skipif(os.name == "nt", reason="the programs are shell scripts")
def test_a_program_of_the_current_folder_is_not_the_clipboards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PATH with a relative folder would find it in the repository; a shell gets the whole path."""
    for folder in ("repository", "bin"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "xsel").write_text("#!/bin/sh\n")
        (tmp_path / folder / "xsel").chmod(0o755)
    monkeypatch.chdir(tmp_path / "repository")
    monkeypatch.setenv("PATH", os.pathsep.join((".", "", str(tmp_path / "bin"))))

    found = find_clipboard({"DISPLAY": ":0"}, "linux")

    assert found is not None
    assert found.write == f"{tmp_path / 'bin' / 'xsel'} --clipboard --input"


def test_a_text_is_written_and_read_back(tmp_path: Path) -> None:
    """Through a file, so that no shell interprets it; the file is removed afterwards."""
    store = tmp_path / "store"
    copy = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    paste = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
    python = f'"{sys.executable}" -c'
    clipboard = Clipboard(f'{python} "{paste}" "{store}"', f'{python} "{copy}" "{store}"')
    text = "$(rm -rf x) `date` 'quoted' \"é\" 漢\n"

    assert write_clipboard(RealShell(), clipboard, text)
    assert store.read_bytes().decode() == text
    assert read_clipboard(RealShell(), clipboard) == text


def test_without_a_clipboard_nothing_is_run() -> None:
    """The caller says what else to do."""
    assert read_clipboard(RealShell(), None) is None
    assert not write_clipboard(RealShell(), None, "x")


def test_a_failing_program_counts_as_no_clipboard() -> None:
    """As one without a display."""
    assert read_clipboard(RealShell(), Clipboard("exit 1", "exit 1")) is None
    assert not write_clipboard(RealShell(), Clipboard("exit 1", "exit 1"), "x")

"""A layout in the words of the programs that enforce it."""

from dataclasses import replace
from pathlib import Path

from chat.sandbox.bubblewrap import bubblewrap_arguments
from chat.sandbox.layout import Layout, layout_for
from chat.sandbox.seatbelt import seatbelt_profile

LAYOUT = Layout(
    root="/home/me/p",
    homes=("/home/me",),
    home="/scratch/home",
    temporary="/scratch/tmp",
    tools=("/home/me/.cargo/bin",),
    protected=("/home/me/p/.git",),
)


def test_what_is_bound_later_covers_what_is_bound_before() -> None:
    """Bubblewrap obeys in order: the system, the empty home, the work tree in it, what is protected in that."""
    arguments = bubblewrap_arguments(LAYOUT)
    targets = [
        arguments[number + 2] for number, word in enumerate(arguments) if word.endswith(("bind", "bind-try"))
    ]
    order = [
        targets.index(path)
        for path in ("/", "/home/me", "/home/me/.cargo/bin", "/home/me/p", "/home/me/p/.git")
    ]

    assert order == sorted(order)
    assert "--share-net" not in arguments
    assert "--share-net" in bubblewrap_arguments(LAYOUT, network=True)
    assert arguments[-3:] == ["--chdir", "/home/me/p", "--"]


def test_a_folder_outside_can_be_opened_for_one_command() -> None:
    """In the words of both programs."""
    layout = replace(LAYOUT, writable=("/state/evidence",))

    assert bubblewrap_arguments(layout)[-6:-3] == ["--ro-bind-try", "/home/me/p/.git", "/home/me/p/.git"]
    assert " --bind /state/evidence /state/evidence " in " ".join(bubblewrap_arguments(layout))
    assert '(subpath "/state/evidence"))' in seatbelt_profile(layout)


def test_the_profile_for_macos_denies_before_it_allows() -> None:
    """The last line that fits counts. It was never tried on a Mac."""
    lines = seatbelt_profile(LAYOUT).splitlines()

    assert lines[:3] == ["(version 1)", "(allow default)", "(deny network*)"]
    assert lines[-1] == '(deny file-write* (subpath "/home/me/p/.git"))'
    assert lines.index('(deny file-read* file-write* (subpath "/home/me"))') < lines.index(
        '(allow file-write* (subpath "/home/me/p") (subpath "/scratch/home") (subpath "/scratch/tmp"))'
    )
    assert "(deny network*)" not in seatbelt_profile(LAYOUT, network=True)


def test_tools_on_the_search_path_are_seen_with_what_they_need(tmp_path: Path) -> None:
    """A folder `bin` needs the `lib` beside it; `.local` holds more than tools."""
    home = tmp_path / "home"
    for folder in ("env/bin", ".cargo/bin", ".local/bin", ".local/share/keyrings", "bin", "p"):
        (home / folder).mkdir(parents=True)
    path = f"{home}/env/bin:{home}/.cargo/bin:{home}/.local/bin:{home}/bin:/usr/bin"

    layout = layout_for(home / "p", tmp_path / "h", tmp_path / "t", {"HOME": str(home), "PATH": path})

    below = [Path(tool) for tool in layout.tools if Path(tool).is_relative_to(home)]
    assert {tool.relative_to(home).as_posix() for tool in below} == {"env", ".local/bin", ".cargo/bin", "bin"}


def test_a_git_file_is_followed_whatever_stands_behind_its_name(tmp_path: Path) -> None:
    """As git does. Neither it nor the file in the folder that it leads to is read further than a name can be long."""
    root, git_dir = tmp_path / "root", tmp_path / "own"
    root.mkdir()
    git_dir.mkdir()
    (root / ".git").write_text(f"gitdir: {git_dir}" + "\n" * 1_000_000)
    (git_dir / "commondir").write_text("../common\0" + "\n" * 1_000_000)

    layout = layout_for(root, tmp_path / "h", tmp_path / "t", {"HOME": str(tmp_path / "home")})

    assert layout.protected == tuple(str(tmp_path / name) for name in ("root/.git", "own", "common"))

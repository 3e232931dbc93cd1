"""`trigpoint page` and `trigpoint map --format html`: where they write, and what they never replace."""

import stat
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import SHOP, write_files

from repomap.commands.lookups import every_command
from repomap.commands.map import run
from repomap.page.html import BEGINNING

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    write_files(root, {path: SHOP[path] for path in ("shop/main.py", "shop/session.py", "shop/cart.py")})
    return root


@pytest.fixture
def command(
    shop: Path,
    shared_caches: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    lasting_workers: None,
) -> Command:
    """The command, run in this process in the folder of the shop."""
    monkeypatch.chdir(shop)

    def call(*arguments: str) -> tuple[int, str, str]:
        return (run(arguments, every_command()), *capfd.readouterr())

    return call


def is_page(path: Path) -> bool:
    return path.read_bytes().startswith(BEGINNING)


def test_without_a_file_the_page_is_kept_in_the_cache_folder(
    command: Command, shop: Path, caches: Path
) -> None:
    """A repository gets no file that nobody asked for; the path is printed, and the next page replaces it."""
    before = sorted(shop.rglob("*"))
    code, out, _ = command("page")

    path = Path(out.removesuffix("\n"))
    assert code == 0
    assert is_page(path)
    assert caches in path.parents
    assert sorted(shop.rglob("*")) == before
    assert command("page")[1] == out
    if sys.platform != "win32":
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_clearing_the_caches_removes_pages(command: Command) -> None:
    """They are made again in a moment."""
    path = Path(command("page")[1].strip())
    assert str(path.parent) in command("cache", "info")[1]
    assert command("cache", "clear")[0] == 0

    assert not path.exists()


def test_a_file_of_someone_else_is_not_replaced(command: Command, tmp_path: Path) -> None:
    """A page is; `--force` replaces both."""
    path = tmp_path / "map.html"
    path.write_text("<p>Written by hand.</p>")
    code, _, err = command("page", "-o", str(path))
    assert code == 1
    assert "was not replaced" in err
    assert path.read_text() == "<p>Written by hand.</p>"

    assert command("page", "-o", str(path), "--force")[0] == 0
    assert is_page(path)
    assert command("page", "-o", str(path))[0] == 0


def test_a_folder_that_is_not_there_is_not_made(command: Command, tmp_path: Path) -> None:
    """It is most likely misspelt."""
    code, _, err = command("page", "-o", str(tmp_path / "none" / "map.html"))

    assert code == 1
    assert "No such file" in err
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="names of devices differ")
def test_a_device_is_not_replaced_by_a_file(command: Command) -> None:
    """Not even with `--force`."""
    code, _, err = command("map", "-o", "/dev/null", "--force")

    assert code == 1
    assert "not a regular file" in err
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_dash_is_standard_output(command: Command) -> None:
    """As everywhere."""
    code, out, _ = command("page", "-o", "-")

    assert code == 0
    assert out.encode().startswith(BEGINNING)


def test_a_map_as_html_shows_its_request_first(command: Command, tmp_path: Path) -> None:
    """`trigpoint map --format html` writes the same page, with the ranking for what the map is for."""
    path = tmp_path / "map.html"
    code, out, _ = command(*("map", "--format", "html", "--query", "session cookie", "-o", str(path)))
    queried = command("page", "--query", "session cookie", "-o", "-")[1]

    assert (code, out) == (0, "")
    assert path.read_text("utf-8") == queried
    assert '"request":"session cookie"' in queried


def test_a_map_is_written_to_a_file_as_to_standard_output(command: Command, tmp_path: Path) -> None:
    """Whatever its format is."""
    code, out, _ = command("map", "-o", str(tmp_path / "map.txt"))

    assert (code, out) == (0, "")
    assert (tmp_path / "map.txt").read_text("utf-8") == command("map")[1]


@pytest.mark.parametrize("has_browser", [True, False])
def test_the_page_is_opened_in_the_browser(
    command: Command, monkeypatch: pytest.MonkeyPatch, has_browser: bool
) -> None:
    """Where there is none, the path that was printed is what to open."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda uri: opened.append(uri) or has_browser)
    code, out, err = command("page", "--open")

    assert code == 0
    assert opened == [Path(out.strip()).as_uri()]
    assert ("No browser" in err) is not has_browser

"""The documentation's site: what `make docs` lays out for mkdocs. `.ci/run` builds it, with every link checked."""

import re
from pathlib import Path

import pytest

from chat.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _site_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs/site")


def test_the_page_of_the_command_line_has_every_command() -> None:
    """With what its `--help` prints, and the subcommands of groups."""
    import stage

    page = stage.command_line()
    titles = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert {f"trigpoint {name}" for name in COMMANDS} <= set(titles)
    assert "trigpoint graph impact" in titles
    assert "Usage: trigpoint graph impact [OPTIONS]" in page


@pytest.mark.parametrize(("package", "names"), [("repomap", "Index build_map"), ("edits", "plan_edits Plan")])
def test_the_page_of_a_library_has_its_public_names(package: str, names: str) -> None:
    """Each where it is defined, so that mkdocstrings finds it without importing anything."""
    import stage

    page = stage.library(package)
    for name in names.split():
        assert re.search(rf"^::: {package}\..+\.{name}$", page, re.MULTILINE)


def test_the_page_of_the_benchmarks_has_every_program_that_measures() -> None:
    """With how it is called."""
    import stage

    page = stage.benchmarks()
    for name in ("impact", "recall", "review", "speed", "startup"):
        assert f"## {name}.py" in page
        assert f"{name}.py " in page


@pytest.mark.slow
def test_the_pictures_of_the_tour_are_what_is_printed_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python bench/tour.py` draws them anew; the page shows each of them."""
    monkeypatch.syspath_prepend(ROOT / "bench")
    import tour

    page = (ROOT / "docs/tour.md").read_text("utf-8")
    for name, svg in tour.pictures():
        assert svg == (ROOT / f"docs/tour/{name}.svg").read_text("utf-8")
        assert f"](tour/{name}.svg)" in page


def test_a_page_without_a_place_in_the_navigation_is_listed_last() -> None:
    """So a new page is never lost."""
    import stage

    text = stage.configuration(["docs/chat.md", "docs/new.md"])
    assert text.endswith("  - More:\n      - docs/new.md\n")


def test_links_to_files_that_are_no_pages_lead_to_the_repository() -> None:
    """Links among pages and to pictures stay as they are."""
    import stage

    text = "[a](../LICENSE) [b](chat.md#trust) [c](session.svg) [d](https://example.org/x)"
    changed = stage.with_files_online("docs/map.md", text)
    assert changed == text.replace("../LICENSE", f"{stage.FILES_ONLINE}LICENSE")


def test_a_bar_in_a_table_loses_its_backslash() -> None:
    """As on GitHub, whose Markdown differs there."""
    import stage

    row = r"| `/rollback [files\|both] <N>` | `/undo` |"
    expected = "| <code>/rollback [files&#124;both] &lt;N&gt;</code> | `/undo` |"
    assert stage.with_bars_in_tables(row) == expected


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://example.org/x.js"></script>',
        "<img alt='' src='//example.org/x.png'>",
        '<link rel="stylesheet" href="https://example.org/x.css">',
        "<style>@font-face {src: url(https://example.org/x.woff)}</style>",
    ],
)
def test_a_page_that_fetches_from_elsewhere_is_refused(tmp_path: Path, html: str) -> None:
    """Scripts, pictures, styles and fonts; a link that a reader may follow is fine."""
    import stage

    (tmp_path / "a.html").write_text(
        '<a href="https://example.org">x</a><link rel="canonical" href="https://x.org">'
    )
    assert stage.fetches(tmp_path) == []
    (tmp_path / "b.html").write_text(html)
    assert len(stage.fetches(tmp_path)) == 1

"""What a command leaves as evidence: which files are kept, and under which names."""

import os
import sys
from pathlib import Path

import pytest

from chat.safety import evidence
from chat.safety.evidence import evidence_folder, keep_evidence, kept_evidence


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The folder that a command has written to."""
    (tmp_path / "source" / "pages").mkdir(parents=True)
    return tmp_path / "source"


def test_files_are_kept_beside_the_report(source: Path, tmp_path: Path) -> None:
    """With the folders that they are in, and found there again."""
    (source / "shot 1.png").write_bytes(b"\x89PNG")
    (source / "pages" / "cart.html").write_text("<p>")
    report = tmp_path / "out" / "report.md"

    kept = keep_evidence(source, report)

    assert (kept.names, kept.left_out) == (("pages/cart.html", "shot 1.png"), ())
    assert (evidence_folder(report) / "shot 1.png").read_bytes() == b"\x89PNG"
    assert kept_evidence(report) == kept


@pytest.mark.skipif(sys.platform == "win32", reason="makes links and pipes")
def test_links_pipes_and_odd_names_are_left_out(source: Path, tmp_path: Path) -> None:
    """None of them is followed, opened or copied."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("s3cret")
    (source / "link").symlink_to(secret / "key")
    (source / "folder").symlink_to(secret)
    os.mkfifo(source / "pipe")
    (source / "-rf").write_text("x")
    (source / "a\nb").write_text("x")
    (source / ".hidden").write_text("x")

    kept = keep_evidence(source, tmp_path / "report.md")

    assert (kept.names, len(kept.left_out)) == ((), 6)
    assert not evidence_folder(tmp_path / "report.md").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="makes links")
@pytest.mark.parametrize(
    "link", ["report-evidence", "report-evidence/pages", "report-evidence/pages/cart.html"]
)
def test_nothing_is_written_through_a_link_beside_the_report(source: Path, tmp_path: Path, link: str) -> None:
    """What is left in the work tree may lead anywhere, and names and contents are chosen by a command."""
    (source / "pages" / "cart.html").write_text("<p>")
    elsewhere = tmp_path / "home" / "pages"
    elsewhere.mkdir(parents=True)
    (elsewhere / "cart.html").write_text("mine")
    place = tmp_path / "tree" / link
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path.joinpath("home", *place.relative_to(tmp_path / "tree").parts[1:]))

    kept = keep_evidence(source, tmp_path / "tree" / "report.md")

    assert kept.names == ()
    assert kept.left_out == ("'pages/cart.html' would be written through a link in report-evidence",)
    assert (elsewhere / "cart.html").read_text() == "mine"


def test_only_as_much_is_kept_as_a_person_looks_at(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In number, and in bytes of one file and of all; the rest is named."""
    for number in range(4):
        (source / f"{number}.txt").write_text("abcd")
    (source / "large.txt").write_text("x" * 100)
    monkeypatch.setattr(evidence, "MOST_BYTES", 50)
    monkeypatch.setattr(evidence, "MOST_FILES", 3)
    kept = keep_evidence(source, tmp_path / "report.md")
    assert (kept.names, len(kept.left_out)) == (("0.txt", "1.txt", "2.txt"), 2)

    monkeypatch.setattr(evidence, "MOST_BYTES_IN_ALL", 9)
    assert keep_evidence(source, tmp_path / "other.md").names == ("0.txt", "1.txt")

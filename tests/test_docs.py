"""What the documents name is there: commands of the Makefile, files, modules."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    """A relative link names a file of this repository."""
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", text_of(document)):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_exist(document: str) -> None:
    """Every `make` command that a reader may type is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z-]+)", text_of(document), re.MULTILINE)
    assert set(named) <= targets


def test_every_make_target_says_what_it_does() -> None:
    """`make help` is made from the `##` comments, so a target without one is hidden."""
    targets = re.findall(r"^[a-z-]+:.*$", text_of("Makefile"), re.MULTILINE)
    assert [line for line in targets if " ## " not in line] == []


def test_the_modules_that_the_architecture_names_exist() -> None:
    """A module that was renamed or removed is renamed or removed there as well."""
    for name in re.findall(r"`([a-z_]+\.py)`", text_of("ARCHITECTURE.md")):
        assert (ROOT / "repomap" / name).is_file(), name

"""What is built and installed is what the tree holds, and each dependency says why it is there."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from setuptools import find_packages

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = find_packages(str(ROOT), **PROJECT["tool"]["setuptools"]["packages"]["find"])
"""As the build finds them."""
REQUIREMENT = re.compile(r'^    "(?P<name>[A-Za-z0-9_.-]+)(?:\[[a-z0-9,-]+\])?(?P<bounds>[<>=!~][^"]*)",$')


def requirement_lines() -> list[tuple[str, str, str]]:
    """(name, bounds, the line above) of every dependency, as pyproject.toml writes them."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    found = [(REQUIREMENT.match(line), above) for above, line in pairwise(lines)]
    return [(match["name"], match["bounds"], above) for match, above in found if match]


def locked(lock: str = "requirements.lock") -> dict[str, set[str]]:
    """The versions that a lock pins, by name; several where systems or Pythons differ."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE):
        pins.setdefault(name, set()).add(version)
    return pins


def test_every_folder_with_modules_is_packaged() -> None:
    """A folder without `__init__.py` is missing from the wheel, though the tests find it in the tree."""
    folders = {path.parent for name in ("repomap", "edits", "chat") for path in (ROOT / name).rglob("*.py")}

    assert {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in folders} == set(PACKAGES)


def test_every_data_file_is_packaged() -> None:
    """Queries, schemas and `py.typed` match a pattern in `package-data`."""
    patterns = PROJECT["tool"]["setuptools"]["package-data"]
    for package in PACKAGES:
        folder = ROOT / package.replace(".", "/")
        data = {path for path in folder.iterdir() if path.is_file() and path.suffix not in (".py", ".pyc")}
        packed = {path for pattern in patterns.get(package, ()) for path in folder.glob(pattern)}
        assert data <= packed, package


def test_the_wheel_holds_the_modules_and_their_data(tmp_path: Path) -> None:
    """What a user installs has every module, query and `py.typed` of the tree, no tests, and the built page alone."""
    shutil.copytree(
        ROOT, tmp_path / "tree", ignore=shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
    )
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", tmp_path, tmp_path / "tree"], check=True, timeout=300)
    (wheel,) = tmp_path.glob("trigpoint-*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}

    folders = [ROOT / package for package in ("repomap", "edits", "chat")]
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert packed == {path for path in files if not path.startswith("repomap/page/web/")}


@pytest.mark.parametrize("package", ["repomap", "edits", "chat"])
def test_types_are_visible_to_users(package: str) -> None:
    """`py.typed` stands in each package and is packed with it (PEP 561)."""
    assert (ROOT / package / "py.typed").is_file()
    assert "py.typed" in PROJECT["tool"]["setuptools"]["package-data"][package]


def test_the_tests_run_against_the_installed_package() -> None:
    """`chat` and `edits` are common names; another distribution's would be imported without a word."""
    assert metadata.version("trigpoint") == PROJECT["project"]["version"]


@pytest.mark.skipif(not (ROOT / "chat" / "cli.py").exists(), reason="the command is not there yet")
def test_the_command_says_its_version() -> None:
    """`--version` and pyproject.toml agree."""
    ran = subprocess.run(
        [Path(sys.executable).parent / "trigpoint", "--version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert PROJECT["project"]["version"] in ran.stdout.split()


def test_every_dependency_has_a_floor_and_a_reason() -> None:
    """A floor that nobody explained is one that nobody dares to change."""
    lines = requirement_lines()
    extras = PROJECT["project"]["optional-dependencies"].values()
    groups = PROJECT["dependency-groups"].values()
    assert len(lines) == len(PROJECT["project"]["dependencies"]) + sum(map(len, (*extras, *groups)))

    for name, bounds, above in lines:
        assert bounds.startswith(">="), f"{name} has no floor"
        assert above.startswith("    # "), f"{name} has no reason above it"


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~]", each)[0].lower() for each in requirements}


EXTRAS, GROUPS = PROJECT["project"]["optional-dependencies"], PROJECT["dependency-groups"]
OWN = PROJECT["project"]["dependencies"]


@pytest.mark.parametrize(
    ("lock", "held"),
    [
        ("requirements.lock", [*OWN, *EXTRAS["dev"]]),
        ("docs/site/requirements.lock", GROUPS["docs"]),
        ("tests/cluster/requirements.lock", [*OWN, *EXTRAS["cluster"], *EXTRAS["s3"], *GROUPS["cluster"]]),
    ],
)
def test_a_lock_holds_every_dependency_and_only_hashes(lock: str, held: list[str]) -> None:
    """Set-up installs what was tested, from wherever packages come: no address stands in the lock."""
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert names_of(held) <= locked(lock).keys()
    assert "--hash=sha256:" in text
    assert not re.search(r"://|^--|^-e|^\.", text, re.MULTILINE)


def test_malicious_releases_are_out_of_reach() -> None:
    """litellm 1.82.7 and 1.82.8 stole credentials (PYSEC-2026-2)."""
    (bounds,) = [bounds for name, bounds, _ in requirement_lines() if name == "litellm"]

    assert int(re.match(r">=1\.(\d+)", bounds)[1]) > 82  # type: ignore[index]
    assert not locked()["litellm"] & {"1.82.7", "1.82.8"}

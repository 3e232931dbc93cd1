"""`repomap` offers what its lists say, and imports it only when it is used."""

import subprocess
import sys

import pytest

import repomap


@pytest.mark.parametrize("name", repomap.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    """The lists in `__init__` are written by hand; the type checker reads one, the program another."""
    assert getattr(repomap, name) is not None


def test_the_lists_of_public_names_agree() -> None:
    """Each name is in the table of modules and in `__all__`."""
    assert sorted(repomap._MODULE_OF) == sorted(repomap.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As in any module."""
    with pytest.raises(AttributeError, match="no_such_name"):
        repomap.no_such_name  # noqa: B018


def test_importing_the_package_loads_none_of_its_modules() -> None:
    """A program that may need the map should not wait for numpy."""
    program = "import sys, repomap; print([name for name in sys.modules if name.startswith('repomap.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

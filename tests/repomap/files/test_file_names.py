"""A file's name tells its language where it can."""

import pytest

from repomap.parsing.languages import language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("Dockerfile", "dockerfile"),
        ("docker/Dockerfile.dev", "dockerfile"),
        ("app.Dockerfile", "dockerfile"),
        ("src/Makefile.am", "make"),
        ("GNUmakefile", "make"),
        ("Makefile.py", "python"),
        ("lib/CMakeLists.txt", "cmake"),
        ("notes.txt", None),
        (".gitignore", None),
        ("queue.mli", "ocaml_interface"),
        ("HEAT.F90", "fortran"),
    ],
)
def test_a_name_tells_the_language(path: str, language: str | None) -> None:
    """By the whole name, then by the suffix in any case, then by what stands before the first dot."""
    found = language_of(path)
    assert (found.name if found else None) == language

"""What settings, git's attributes, `.editorconfig` and the bytes say about a file's encoding and line ends."""

import subprocess
from pathlib import Path

import pytest

from chat.state.conventions import ProjectConventions
from chat.state.editorconfig import editor_settings, matches


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository without a commit."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def test_gits_attributes_decide(repo: Path) -> None:
    """The encoding of the work tree and the line end, for new files as well."""
    (repo / ".gitattributes").write_text(
        "*.txt working-tree-encoding=UTF-16LE-BOM\n*.bat eol=crlf\n*.sh eol=lf\n"
    )
    conventions = ProjectConventions(repo)

    assert conventions.encoding("a.txt", b"", "") == "utf-16"
    assert [conventions.line_end(name) for name in ("a.bat", "a.sh", "a.c")] == ["\r\n", "\n", "\n"]


def test_editorconfig_decides_where_git_says_nothing(tmp_path: Path) -> None:
    """Without git, too; nearer files win, and `root = true` ends the search."""
    (tmp_path / ".editorconfig").write_text("[*]\ncharset = latin1\nend_of_line = crlf\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / ".editorconfig").write_text("root = true\n\n[*.{c,h}]\ncharset = windows-1251\n")
    conventions = ProjectConventions(tmp_path)

    assert conventions.encoding("src/a.c", b"\xe4", "ж") == "cp1251"
    assert conventions.encoding("a.c", b"\xe4", "ä") == "iso8859-1"
    assert (conventions.line_end("a.c"), conventions.line_end("src/a.c")) == ("\r\n", "\n")


def test_a_setting_decides_before_all(repo: Path) -> None:
    """A pattern before the encoding for all, whichever comes first."""
    (repo / ".gitattributes").write_text("* working-tree-encoding=UTF-16\n")
    conventions = ProjectConventions(repo, (("src/*.c", "gbk"), ("", "cp1252"), ("*.h", "big5")))

    names = [conventions.encoding(path, b"\x80", "") for path in ("src/a.c", "src/a.h", "a.txt")]

    assert names == ["gbk", "big5", "cp1252"]


def test_utf8_that_is_declared_and_not_there_does_not_count(tmp_path: Path) -> None:
    """`charset = utf-8` in a repository with an old file: its bytes say what it is."""
    (tmp_path / ".editorconfig").write_text("[*]\ncharset = utf-8\n")

    assert ProjectConventions(tmp_path).encoding("a.c", "// привет мир".encode("koi8_r"), "ура") == "koi8_r"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "gbk"]
)
def test_the_text_of_a_file_is_shown_in_its_letters(encoding: str, tmp_path: Path) -> None:
    """With plain line ends, whatever stands on disk."""
    text = "// привет мир\nint x = 1;\n" if encoding != "gbk" else "// 中文注释\nint x = 1;\n"
    content = text.replace("\n", "\r\n").encode(encoding)

    assert ProjectConventions(tmp_path).text("a.c", content) == text


def test_binary_files_have_no_text(tmp_path: Path) -> None:
    """A zero byte that is no half of a character."""
    assert ProjectConventions(tmp_path).text("a.png", b"\x89PNG\r\n\x00\x00\x0dIHDR") is None


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*", "src/a.c", True),
        ("*.py", "a/b.py", True),
        ("/*.py", "a/b.py", False),
        ("lib/**.js", "lib/a/b.js", True),
        ("lib/*.js", "lib/a/b.js", False),
        ("{a,b}.txt", "b.txt", True),
        ("file{1..3}", "file2", True),
        ("[!ab].c", "a.c", False),
        ("[", "a.c", False),
    ],
)
def test_patterns_of_sections(pattern: str, path: str, expected: bool) -> None:
    """As editors read them."""
    assert matches(pattern, path) is expected


def test_a_file_without_settings_has_none() -> None:
    """Not even where no file says anything."""
    assert editor_settings("a/b.c", lambda _path: None) == {}

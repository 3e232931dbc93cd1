"""[io] How the files of a repository are encoded and end their lines.

Asked in this order: the settings, git's attributes (`working-tree-encoding`, `eol`), `.editorconfig`
(`charset`, `end_of_line`), and for an encoding at last the bytes themselves.
"""

import codecs
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from chat.model import RepoPath
from chat.safety.small_file import reader_below
from chat.state.editorconfig import editor_settings
from chat.state.encodings import detect, likeliest

Encodings = Sequence[tuple[str, str]]
"""(glob of paths or "" for all, encoding), as the setting `encoding` has them."""

_ATTRIBUTES = ("working-tree-encoding", "eol")
_UNSET = ("unspecified", "unset", "set")
_LINE_ENDS = {"crlf": "\r\n", "lf": "\n"}
_BY_NAME = {
    "utf-16le-bom": "utf-16",
    "latin1": "iso8859-1",
    "utf-8-bom": "utf-8-sig",
}
"""Names that git and editors use, as Python has them."""
_PROBE_BYTES = 8_000


class ProjectConventions:
    """The conventions of one repository; files are looked at when they are first asked about."""

    def __init__(self, root: Path, encodings: Encodings = ()) -> None:
        self._root = root
        self._encodings = encodings
        self._read = reader_below(root)
        self._attributes: dict[RepoPath, dict[str, str]] = {}

    def encoding(self, path: RepoPath, content: bytes, reply: str) -> str | None:
        """The encoding of a file whose content is not UTF-8, or of a new one; None where that is uncertain."""
        named = self._named(path)
        if named is not None and not (named == "utf-8" and not content.isascii()):
            return named
        return None if content.isascii() or b"\0" in content else detect(content, reply)

    def line_end(self, path: RepoPath) -> str:
        r"""The line end of a new file, `\n` unless git's attributes or `.editorconfig` say `crlf`."""
        stated = self._of_git(path).get("eol") or editor_settings(path, self._read).get("end_of_line", "")
        return _LINE_ENDS.get(stated.lower(), "\n")

    def text(self, path: RepoPath, content: bytes) -> str | None:
        r"""The text of a file for a reader, with `\n` at line ends; None where the bytes are no text."""
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return _plain(content.decode("utf-16", "replace"))
        name = self._reading(path, content)
        return None if name is None else _plain(content.decode(name, "replace"))

    def _reading(self, path: RepoPath, content: bytes) -> str | None:
        """The encoding to read bytes with; None where they are no text."""
        from edits import is_utf8

        head, is_plain = content[:_PROBE_BYTES], is_utf8(content)
        if is_plain and b"\0" not in head and b"\x1b" not in head:
            return "utf-8"
        name = self._named(path) or _without_mark(head)
        if name is not None and (name != "utf-8" or is_plain):
            return name
        if b"\0" in head:
            return None
        return "utf-8" if is_plain else likeliest(content)

    def _named(self, path: RepoPath) -> str | None:
        """The encoding that settings, attributes or `.editorconfig` name for a path."""
        chosen = [name for glob, name in self._encodings if glob and _matches(path, glob)]
        stated = (
            (chosen[-1] if chosen else dict(self._encodings).get(""))
            or self._of_git(path).get("working-tree-encoding")
            or editor_settings(path, self._read).get("charset")
        )
        return python_name(stated) if stated else None

    def _of_git(self, path: RepoPath) -> dict[str, str]:
        if path not in self._attributes:
            self._attributes[path] = _attributes(self._root, path)
        return self._attributes[path]


def python_name(encoding: str) -> str | None:
    """Python's name of an encoding, or None where it knows none.

    >>> python_name("UTF-16LE-BOM"), python_name("windows-1251"), python_name("klingon")
    ('utf-16', 'cp1251', None)
    """
    try:
        return codecs.lookup(_BY_NAME.get(encoding.lower(), encoding)).name
    except (LookupError, ValueError):
        return None


def _matches(path: RepoPath, glob: str) -> bool:
    """Whether a glob fits a path, or its last part where the glob names no folder."""
    return fnmatchcase(path if "/" in glob else path.rsplit("/", 1)[-1], glob)


def _attributes(root: Path, path: RepoPath) -> dict[str, str]:
    """What git's attributes say about a path; nothing outside a repository and without git."""
    from repomap import GitFailed, GitRunner, find_git, find_layout, look_for_doubts

    program, layout = find_git(), find_layout(root)
    if program is None or layout is None or look_for_doubts(layout):
        return {}
    try:
        output = GitRunner(program=program, folder=root).run("check-attr", "-z", *_ATTRIBUTES, "--", path)
    except GitFailed:
        return {}
    fields = output.stdout.decode("utf-8", "replace").split("\0")
    return {
        name: value for name, value in zip(fields[1::3], fields[2::3], strict=False) if value not in _UNSET
    }


def _without_mark(content: bytes) -> str | None:
    """UTF-16 without a mark, told by the zero in every other byte."""
    even, odd = content[0::2], content[1::2]
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros.count(0) * 2 > len(zeros) and not others.count(0):
            return name
    return None


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")

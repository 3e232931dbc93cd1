"""What may be written below a root: the places that only look as if they were inside."""

import os
from pathlib import Path

import pytest

from edits import DiskTree, Format, Reason, Rules, parse_reply, plan_edits, write_changes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder beside one that must not change."""
    for name in ("repo", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside" / "victim.txt").write_bytes(b"x = 1\n")
    return tmp_path / "repo"


def link(path: Path, target: Path | str, *, folder: bool = False) -> None:
    try:
        path.symlink_to(target, target_is_directory=folder)
    except (OSError, NotImplementedError):
        pytest.skip("no symbolic links here")


def test_a_link_out_of_the_root_is_forbidden(root: Path) -> None:
    """A file, a folder, a link to nothing and a loop."""
    link(root / "file.txt", root.parent / "outside" / "victim.txt")
    link(root / "folder", root.parent / "outside", folder=True)
    link(root / "nowhere", root.parent / "outside" / "new.txt")
    link(root / "loop", "loop")
    tree = DiskTree(str(root))

    for path in ("file.txt", "folder/new.txt", "folder/victim.txt", "nowhere", "loop"):
        assert tree.forbidden(path), path


def test_a_link_inside_the_root_is_allowed(root: Path) -> None:
    """It is the place behind it that counts."""
    (root / "real.txt").write_bytes(b"x")
    link(root / "link.txt", "real.txt")

    assert DiskTree(str(root)).forbidden("link.txt") == ""


@pytest.mark.parametrize(
    "path",
    [".git/config", "sub/.git/hooks/x", ".GIT/config", ".git./config", ".git /config", "git~1/config", ".git::$DATA",
     ".g\u200cit/config", "a\x1bb", ""],
)  # fmt: skip
def test_git_and_its_aliases_are_forbidden(root: Path, path: str) -> None:
    """Other systems read these names as `.git`; names with control characters drive terminals."""
    assert DiskTree(str(root)).forbidden(path)


def test_what_is_no_file_is_forbidden(root: Path) -> None:
    """Folders, pipes, and a path below a file."""
    (root / "folder").mkdir()
    (root / "file").write_bytes(b"x")
    tree = DiskTree(str(root))

    assert tree.forbidden("folder")
    assert tree.forbidden("file/below")
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "pipe")
        assert tree.forbidden("pipe")
        assert not tree.has("pipe")


def test_a_file_without_a_write_bit_is_forbidden(root: Path) -> None:
    """A rename would get past it, which is not what its owner meant."""
    path = root / "a.txt"
    path.write_bytes(b"x")
    path.chmod(0o444)

    assert DiskTree(str(root)).forbidden("a.txt")


def test_an_absolute_name_below_the_root_is_a_path(root: Path) -> None:
    """Below it, and not beside it."""
    tree = DiskTree(str(root))

    assert tree.relative(str(root / "src" / "a.py")) == "src/a.py"
    assert tree.relative(str(root) + "-other/a.py") is None
    assert tree.relative(str(root / ".." / "outside" / "victim.txt")) is None


def test_all_paths_are_listed_but_those_of_git(root: Path) -> None:
    """Sorted, with slashes."""
    for name in ("b.txt", "sub/a.txt", ".git/config", "node_modules/x.js"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")

    assert DiskTree(str(root)).paths() == ("b.txt", "sub/a.txt")


SAMPLES = {
    "utf-8": "ä UNIQUE ö\nnext\n".encode(),
    "bom": b"\xef\xbb\xbfUNIQUE\nnext\n",
    "utf-16-le-bom": b"\xff\xfe" + "UNIQUE ä\nnext\n".encode("utf-16-le"),
    "utf-16-be-bom": b"\xfe\xff" + "UNIQUE ä\nnext\n".encode("utf-16-be"),
    "utf-16-le": "UNIQUE line\nnext line\n".encode("utf-16-le"),
    "latin-1": "é UNIQUE\nnext\n".encode("latin-1"),
    "invalid": b"\xff\xc3\xa4 before\nUNIQUE\nnext \xe9\n",
    "crlf": b"a\r\nUNIQUE\r\nnext\r\n",
    "cr": b"a\rUNIQUE\rnext\r",
    "mixed": b"a\r\nb\nUNIQUE\r\nnext\n",
    "no-final-newline": b"a\nUNIQUE",
    "nel-and-ls": "a\u0085b\u2028c\nUNIQUE\nd\x0ce\n".encode(),
    "nul": b"a\x00b\nUNIQUE\nnext\n",
    "tabs": b"\t\ta\n\tUNIQUE\n\t\t\tb\n",
    "one-line": b"UNIQUE",
    "long-line": b"x" * 300_000 + b"\nUNIQUE\n" + b"y" * 300_000,
}


@pytest.mark.parametrize("kind", ["replace", "insert", "delete", "twice"])
@pytest.mark.parametrize("name", SAMPLES)
def test_bytes_outside_the_edit_stay(name: str, kind: str, root: Path) -> None:
    """Every encoding and newline style, each kind of edit: from disk to disk."""
    before = SAMPLES[name]
    (root / "a.txt").write_bytes(before)
    line = DiskLine(before)
    new = {"replace": [line.text.replace("UNIQUE", "NEW")], "insert": [line.text, "NEW"], "delete": []}
    blocks = [([line.text], new.get(kind, [line.text, "NEW"]))]
    if kind == "twice":
        blocks.append((["NEW"], ["NEWER"]))
    reply = "".join(
        "a.txt\n<<<<<<< SEARCH\n" + "".join(f"{row}\n" for row in old) + "=======\n"
        + "".join(f"{row}\n" for row in text) + ">>>>>>> REPLACE\n" for old, text in blocks
    )  # fmt: skip

    plan = plan_edits(parse_reply(reply, Format.DIFF), DiskTree(str(root)), Rules(chat=("a.txt",)))
    assert not plan.rejected, plan.rejected
    write_changes(plan.changes, str(root))

    assert (root / "a.txt").read_bytes() == line.edited(kind)


class DiskLine:
    """The line with UNIQUE of a sample, by a reading of its own: the bytes around it are fixed."""

    def __init__(self, data: bytes) -> None:
        unit = 2 if b"U\x00N" in data or b"\x00U\x00N" in data else 1
        wide = "utf-16-be" if data[:2] == b"\xfe\xff" else "utf-16-le"
        self.encoding = wide if unit == 2 else "utf-8"
        ends = [end.encode(self.encoding) for end in ("\r\n", "\n", "\r")]
        at = data.index("UNIQUE".encode(self.encoding))
        bom = 3 if data[:3] == b"\xef\xbb\xbf" else 2 if data[:2] in (b"\xff\xfe", b"\xfe\xff") else 0
        self.start = max([bom, *(found + len(end) for end in ends if (found := data.rfind(end, 0, at)) >= 0)])
        stops = sorted((found, -len(end)) for end in ends if (found := data.find(end, at)) >= 0)
        self.stop, self.next = (stops[0][0], stops[0][0] - stops[0][1]) if stops else (len(data), len(data))
        self.data = data
        raw = data[self.start : self.stop]
        try:
            self.text = raw.decode(self.encoding)
        except UnicodeDecodeError:
            self.encoding = "latin-1"
            self.text = raw.decode("latin-1")

    def edited(self, kind: str) -> bytes:
        end = self.data[self.stop : self.next]
        style = end or (
            b"\n"
            if b"\n" not in self.data
            else self.data[self.data.index(b"\n") : self.data.index(b"\n") + 1]
        )
        lines = {
            "replace": [self.text.replace("UNIQUE", "NEW")],
            "insert": [self.text, "NEW"],
            "delete": [],
            "twice": [self.text, "NEWER"],
        }[kind]
        encoded = [line.encode(self.encoding) for line in lines]
        middle = style.join(encoded) + (end if encoded else b"")
        return self.data[: self.start] + middle + self.data[self.next :]


def test_a_character_that_the_encoding_lacks_is_refused(root: Path) -> None:
    """A Latin-1 file cannot hold a Greek letter; it is not turned into something else."""
    (root / "a.txt").write_bytes("é\n".encode("latin-1"))
    reply = "a.txt\n<<<<<<< SEARCH\né\n=======\nλ\n>>>>>>> REPLACE\n"

    plan = plan_edits(parse_reply(reply, Format.DIFF), DiskTree(str(root)), Rules(chat=("a.txt",)))

    assert [result.reason for result in plan.rejected] == [Reason.ENCODING]


@pytest.mark.slow
def test_a_file_of_50_mb(root: Path) -> None:
    """An edit in a file of this size is exact as well."""
    before = b"some line of text\n" * 2_900_000 + b"UNIQUE\n"
    (root / "a.txt").write_bytes(before)
    reply = "a.txt\n<<<<<<< SEARCH\nUNIQUE\n=======\nNEW\n>>>>>>> REPLACE\n"

    plan = plan_edits(parse_reply(reply, Format.DIFF), DiskTree(str(root)), Rules(chat=("a.txt",)))
    write_changes(plan.changes, str(root))

    assert (root / "a.txt").read_bytes() == before.replace(b"UNIQUE", b"NEW")

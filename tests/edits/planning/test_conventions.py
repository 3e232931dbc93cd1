"""New text in the encoding and with the line ends of a project, or a refusal that says how to name them."""

from collections.abc import Callable
from typing import Any

import pytest

from edits import Format, Reason, Rules, parse_reply, plan_edits

Make = Callable[..., Any]


class Stated:
    """Conventions that say the same of every file."""

    def __init__(self, encoding: str | None, line_end: str = "\n") -> None:
        self._encoding = encoding
        self._line_end = line_end
        self.asked: list[str] = []

    def encoding(self, path: str, content: bytes, reply: str) -> str | None:
        self.asked.append(reply)
        return self._encoding

    def line_end(self, path: str) -> str:
        return self._line_end


def reply(search: str, replace: str, path: str = "a.c") -> str:
    return f"{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def plan(tree: Any, text: str, stated: Stated | None, form: Format = Format.DIFF) -> Any:
    return plan_edits(parse_reply(text, form), tree, Rules(chat=("a.c",), conventions=stated))


@pytest.mark.parametrize(
    ("encoding", "old", "new"),
    [
        ("gbk", "中文", "新的"),
        ("big5", "中文", "新的"),
        ("euc_jp", "日本語", "新しい"),
        ("cp932", "日本語", "新しい"),
        ("cp949", "한국어", "새"),
        ("cp1251", "привет", "ура"),
        ("cp1250", "žluťoučký", "č"),
        ("utf-16", "привет", "ура"),
    ],
)
def test_new_text_is_written_in_the_encoding_of_the_file(
    encoding: str, old: str, new: str, make_tree: Make
) -> None:
    """In a block, a whole file, a diff and a patch alike."""
    before = f"// {old}\nint x = 1;\n".encode(encoding)
    wanted = f"// {old}\nint x = 2; // {new}\n".encode(encoding)
    diff = f"-int x = 1;\n+int x = 2; // {new}\n"
    replies = {
        Format.DIFF: reply("int x = 1;\n", f"int x = 2; // {new}\n"),
        Format.WHOLE: f"a.c\n```\n// {old}\nint x = 2; // {new}\n```\n",
        Format.UDIFF: f"```diff\n--- a.c\n+++ a.c\n@@ -2,1 +2,1 @@\n{diff}```\n",
        Format.PATCH: f"*** Begin Patch\n*** Update File: a.c\n@@\n{diff}*** End Patch\n",
    }

    for form, text in replies.items():
        (change,) = plan(make_tree({"a.c": before}), text, Stated(encoding), form).changes
        assert change.after == wanted, form
        assert change.after.decode(change.encoding).lstrip("\ufeff").startswith("// ")


@pytest.mark.parametrize("stated", [None, Stated(None)])
def test_text_beyond_ascii_needs_a_known_encoding(stated: Stated | None, make_tree: Make) -> None:
    """The refusal names the flag; text in ASCII is written all the same."""
    tree = make_tree({"a.c": "// привет\nint x = 1;\n".encode("koi8_r")})

    (refused,) = plan(tree, reply("int x = 1;\n", "int x = 2; // ура\n"), stated).rejected
    (change,) = plan(tree, reply("int x = 1;\n", "int x = 2;\n"), stated).changes

    assert refused.reason is Reason.ENCODING
    assert "--encoding" in refused.message
    assert change.after == "// привет\nint x = 2;\n".encode("koi8_r")


def test_a_search_beyond_ascii_says_that_the_encoding_is_missing(make_tree: Make) -> None:
    """It cannot be compared; the lines as bytes would help nobody."""
    tree = make_tree({"a.c": "// привет\n".encode("koi8_r")})

    (refused,) = plan(tree, reply("// привет\n", "// hi\n"), None).rejected

    assert (refused.reason, "--encoding" in refused.message) == (Reason.ENCODING, True)


def test_a_character_that_the_encoding_lacks_is_refused(make_tree: Make) -> None:
    """It is not replaced, and the file does not become UTF-8."""
    tree = make_tree({"a.c": "// é\nx\n".encode("cp1252")})

    (refused,) = plan(tree, reply("x\n", "x // ж\n"), Stated("cp1252")).rejected

    assert refused.reason is Reason.ENCODING
    assert "cp1252" in refused.message


def test_the_edits_hint_at_the_encoding(make_tree: Make) -> None:
    """Their lines beyond ASCII, of both parts; a file of ASCII alone is asked about only then."""
    stated = Stated("cp1251")
    tree = make_tree({"a.c": b"int x = 1;\nint y = 1;\n"})

    plan(tree, reply("int x = 1;\n", "int x = 2;\n"), stated)
    assert stated.asked == []
    (change,) = plan(tree, reply("int x = 1;\nint y = 1;\n", "int x = 1; // ж\nint y = 1;\n"), stated).changes

    assert set(stated.asked) == {"int x = 1; // ж"}
    assert change.after == "int x = 1; // ж\nint y = 1;\n".encode("cp1251")


def test_new_files_follow_the_conventions(make_tree: Make) -> None:
    """Line ends and encoding, mark included."""
    (batch,) = plan(make_tree({}), reply("", "@echo off\nrem é\n", "run.bat"), Stated(None, "\r\n")).changes
    (wide,) = plan(make_tree({}), reply("", "é\n", "a.txt"), Stated("utf-16")).changes

    assert batch.after == "@echo off\r\nrem é\r\n".encode()
    assert wide.after == b"\xff\xfe" + "é\n".encode("utf-16-le")

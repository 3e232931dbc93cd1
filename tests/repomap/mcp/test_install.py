"""Putting the server into other programs' configuration: what changes, what stays, what is refused."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.commands.map import run
from repomap.errors import Unreadable
from repomap.mcp.client_files import NotEditable, with_json_entry, with_toml_entry
from repomap.mcp.install import CLIENTS, make, plan

FILES = {
    "claude": ".mcp.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".vscode/mcp.json",
    "gemini": ".gemini/settings.json",
}
KEYS = ["context_servers", "trigpoint"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder for the test."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("APPDATA", str(home))
    monkeypatch.delenv("CODEX_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


@pytest.mark.parametrize("client", list(CLIENTS))
def test_each_client_gets_an_entry_that_it_can_start(client: str, tmp_path: Path, home: Path) -> None:
    """In its file of the project, or of the user where it has none; a second time there is nothing to change."""
    change = plan(client, tmp_path, folders=["/srv/code"])
    assert change.file == (tmp_path / FILES[client] if client in FILES else change.file)
    assert client in FILES or home in change.file.parents
    assert make(change) is None
    text = change.file.read_text()
    content = tomllib.loads(text) if change.file.suffix == ".toml" else json.loads(text)
    for key in CLIENTS[client].keys:
        content = content[key]
    assert content["trigpoint"]["args"][-2:] == ["mcp", "/srv/code"]
    assert content["trigpoint"]["command"]
    assert plan(client, tmp_path, folders=["/srv/code"]).diff == ""


def test_what_else_is_in_the_file_stays_and_a_copy_is_kept(tmp_path: Path, home: Path) -> None:
    """Comments, order, blank lines, line ends; the copy is the file as it was."""
    file = home / ".config" / "zed" / "settings.json"
    if not CLIENTS["zed"].user or plan("zed", tmp_path).file != file:
        pytest.skip("Zed keeps its settings elsewhere here")
    file.parent.mkdir(parents=True)
    lines = [
        "// mine",
        "{",
        '  "theme": "x", // dark',
        '  "context_servers": {',
        '    "a": {"command": "b"},',
        "  },",
        "}",
    ]
    before = "".join(line + "\r\n" for line in lines)
    file.write_bytes(before.encode())
    change = plan("zed", tmp_path)
    backup = make(change)
    assert backup
    assert backup.read_bytes() == before.encode()
    after = file.read_bytes().decode()
    kept = after.splitlines()
    assert [line for line in before.splitlines() if line not in kept] == []
    assert "\n" not in after.replace("\r\n", "")


def test_toml_keeps_its_comments(home: Path) -> None:
    """The table is added, or its members replaced."""
    before = '# mine\nmodel = "x"  # why\n\n[mcp_servers.other]\ncommand = "y"\n'
    after = with_toml_entry(before, ["mcp_servers", "trigpoint"], {"command": "t", "args": ["mcp"]})
    assert after.startswith(before)
    assert tomllib.loads(after)["mcp_servers"]["trigpoint"] == {"command": "t", "args": ["mcp"]}
    again = with_toml_entry(after + "enabled = false\n", ["mcp_servers", "trigpoint"], {"command": "u"})
    assert tomllib.loads(again)["mcp_servers"]["trigpoint"] == {
        "command": "u",
        "args": ["mcp"],
        "enabled": False,
    }


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"a": 1',
        '{"a": 1} x',
        '{"context_servers": 3}',
        '{"a": 1, "a": 2}',
        "{'a': 1}",
        "{/* ",
        '{"a',
    ],
)
def test_a_file_that_cannot_be_read_is_left_alone(text: str, tmp_path: Path, home: Path) -> None:
    """The error has the entry to be put in by hand."""
    with pytest.raises(NotEditable):
        with_json_entry(text, KEYS, {"command": "t"})
    file = tmp_path / ".mcp.json"
    file.write_text(text.replace("context_servers", "mcpServers"))
    with pytest.raises(Unreadable, match=r'(?s)was not changed.*"mcpServers"'):
        plan("claude", tmp_path)


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """What was shown is what is written, or nothing is."""
    change = plan("claude", tmp_path)
    (tmp_path / ".mcp.json").write_text("{}")
    with pytest.raises(Unreadable, match="changed meanwhile"):
        make(change)
    assert (tmp_path / ".mcp.json").read_text() == "{}"


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["a", "//", "context_servers", "é"]), st.dictionaries(st.text(max_size=5), _VALUES)
    ),
    st.sampled_from([None, 2, 4, "\t"]),
)
@examples(40)
def test_an_entry_changes_nothing_else(content: dict[str, Any], indent: Any) -> None:
    """For any content and layout, the entry is there and all the rest is as it was."""
    text = json.dumps(content, indent=indent, ensure_ascii=False)
    after = json.loads(with_json_entry(text, KEYS, {"command": "t"}))
    expected = {**content, KEYS[0]: {**content.get(KEYS[0], {}), "trigpoint": {"command": "t"}}}
    assert after == expected


def test_the_command_shows_the_change_and_asks_before_it_makes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--print` only prints, without a terminal nothing is made, `--yes` makes it."""
    from repomap.commands.lookups import every_command

    def command(*arguments: str) -> int:
        return run(["mcp", "install", "claude", "-C", str(tmp_path), *arguments], every_command())

    assert command("--print") == 0
    assert '+    "trigpoint": {' in capsys.readouterr().out
    assert command() == 2
    assert "Nobody can be asked" in capsys.readouterr().err
    assert not (tmp_path / ".mcp.json").exists()
    assert command("--yes") == 0
    assert "trigpoint" in json.loads((tmp_path / ".mcp.json").read_text())["mcpServers"]

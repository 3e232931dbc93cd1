"""The server as an agent meets it: the official client over standard input and output."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from map_server import roots_of

from repomap import Index, IndexOptions
from repomap.errors import NotMappable
from repomap.mapping.tokens import count_tokens
from repomap.mcp.tools import MOST_TOKENS

TOOLS = set("repo_map find find_symbol references outline read_symbol related_files impact map_diff".split())
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("repo_map", {"query": "save the key"}),
    ("find", {"pattern": "save"}),
    ("find_symbol", {"name": "Store.save"}),
    ("references", {"name": "Store"}),
    ("outline", {"path": "app/store.py"}),
    ("read_symbol", {"target": "Store.save"}),
    ("related_files", {"path": "app/store.py"}),
    ("impact", {"targets": ["Store"]}),
]
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("find_symbol", {"name": "Stroe"}, "Similar: Store"),
    ("find", {"pattern": "/(/"}, "not a regular expression"),
    ("find", {"pattern": "save", "tokens": 3}, "greater than or equal to 16"),
    ("find", {"pattern": "save", "tokens": MOST_TOKENS + 1}, "less than or equal"),
    ("read_symbol", {"target": "../secret.py"}, "outside"),
    ("read_symbol", {"target": "/etc/passwd"}, "outside"),
    ("read_symbol", {"target": "app/store.py:999"}, "6 lines"),
    ("outline", {"path": ".git/config"}, "There is no file"),
    ("related_files", {"path": "gone.py"}, "gone.py"),
    ("impact", {}, "either a diff or targets"),
    ("impact", {"diff": "hello"}, "diff"),
    ("map_diff", {"revision": "--output=x"}, "revision"),
    ("find", {"pattern": "save", "cursor": "1-12345678"}, "does not belong"),
    (
        "find",
        {"pattern": "save", "max_tokens": 99, "limit": 1},
        "find has no argument limit, max_tokens; it takes",
    ),
    ("find", {"pattern": "save", "root": "elsewhere"}, "not one of the served folders"),
]


def with_client(root: Path, talk: Callable[[Any], Awaitable[None]]) -> None:
    """Start the server in a process of its own and connect a client."""
    from mcp import Client, StdioServerParameters

    async def main() -> None:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "repomap", "mcp", str(root), "--jobs", "1", "--no-history"],
            env=dict(os.environ),
        )
        async with Client(server) as client:
            await talk(client)

    asyncio.run(asyncio.wait_for(main(), 120))


def test_an_agent_can_use_every_tool(root: Path) -> None:
    """Read-only tools with described arguments; answers as text within the budget and as objects
    that their schema describes; errors that say what to ask; files that change are seen."""

    async def talk(client: Any) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools.keys() == TOOLS
        for tool in tools.values():
            assert tool.annotations.read_only_hint
            assert all(one["description"] for one in tool.input_schema["properties"].values())
            assert tool.input_schema["properties"]["tokens"]["maximum"] == MOST_TOKENS
        for name, arguments in CALLS:
            given = await client.call_tool(name, {**arguments, "tokens": 100})
            assert not given.is_error, given
            (content,) = given.content
            jsonschema.validate(given.structured_content, tools[name].output_schema)
            assert given.structured_content["tokens"] == count_tokens(content.text) <= 100
            assert "app/" in content.text
        for name, arguments, said in WRONG:
            given = await client.call_tool(name, arguments)
            assert given.is_error
            assert said in given.content[0].text
            assert "SECRET" not in given.content[0].text
        (root / "app" / "more.py").write_text("def fresh():\n    pass\n")
        given = await client.call_tool("find_symbol", {"name": "fresh"})
        assert not given.is_error
        assert given.structured_content["items"][0]["path"] == "app/more.py"

    with_client(root, talk)


def test_a_refresh_without_a_change_keeps_the_index_data(root: Path) -> None:
    """Expensive data are computed again only if something changed."""
    index = Index(root, IndexOptions(jobs=1, cache=False, history=False))
    index.refresh()
    index_data = index.data
    began = time.process_time()
    index.refresh()
    assert index.data is index_data
    assert time.process_time() - began < 0.5


def test_a_missing_folder_is_not_served(tmp_path: Path) -> None:
    """The error comes at once, not at the first call."""
    with pytest.raises(NotMappable, match="There is no folder"):
        roots_of(tmp_path / "gone")


def test_nothing_but_the_protocol_is_on_stdout(root: Path) -> None:
    """Every line that the server writes is a message, even while it warns."""
    import subprocess

    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    calls = [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "find", "arguments": {"pattern": "save"}},
        },
    ]
    command = [sys.executable, "-m", "repomap", "mcp", str(root), "--jobs", "1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        for message in (hello, *calls):
            server.stdin.write(json.dumps(message) + "\n")
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(2)]
        server.stdin.close()
        rest = server.stdout.read()
        assert server.wait(30) == 0
    assert [answer["id"] for answer in answers] == [1, 2]
    assert answers[1]["result"]["isError"] is False
    assert rest == ""


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such terminals")
def test_at_a_terminal_it_says_what_it_waits_for_and_ctrl_c_ends_it(root: Path) -> None:
    """A person who starts it sees that it does not hang, and need not type a line to get out."""
    keyboard, terminal = os.openpty()
    command = [sys.executable, "-m", "repomap", "mcp", str(root), "--jobs", "1"]
    with subprocess.Popen(
        command, stdin=terminal, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as served:
        assert served.stderr is not None
        said = served.stderr.readline()
        served.send_signal(signal.SIGINT)
        code = served.wait(30)
    os.close(keyboard)
    os.close(terminal)

    assert b"Waiting for the messages of an MCP client" in said
    assert code == -signal.SIGINT

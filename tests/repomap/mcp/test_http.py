"""The server over HTTP: who is answered, and that nobody else learns anything."""

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from map_server import roots_of

from repomap.errors import BadRequest, Unreadable
from repomap.mcp.http import TOKEN_VARIABLE, find_token, make_app

TOKEN = "a-token-of-the-tests"
PING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@pytest.fixture
def port(root: Path) -> Iterator[int]:
    """A server at a free port, in a thread."""
    import socket

    import uvicorn

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        number = int(listener.getsockname()[1])
        config = uvicorn.Config(
            make_app(roots_of(root), TOKEN, number), log_level="error", lifespan="on", ws="none"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        yield number
        server.should_exit = True
        thread.join(10)


def call(port: int, **headers: str) -> tuple[int, str, Any]:
    """Post a request as a page or program would; return status, body and headers."""
    import httpx2

    given = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {TOKEN}"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in given.items() if value}
    answer = httpx2.post(f"http://127.0.0.1:{port}/mcp", json=PING, headers=sent, timeout=20)
    return answer.status_code, answer.text, answer.headers


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_client_with_the_token_is_served(port: int, mode: str) -> None:
    """In both protocol revisions, without a session, many calls at once."""
    import httpx2
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async def main() -> None:
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30) as http:
            transport = streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)
            async with Client(transport, mode=mode) as client:
                calls = [client.call_tool("find_symbol", {"name": "Store"}) for _ in range(20)]
                for given in await asyncio.gather(*calls):
                    assert given.structured_content["items"][0]["path"] == "app/store.py"

    asyncio.run(asyncio.wait_for(main(), 60))


def test_nobody_else_gets_anything(port: int) -> None:
    """No token, a wrong one, a page of another origin, a name that was made to point here: a status and no body."""
    wrong = [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer " + TOKEN[:-1]}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Origin": "https://example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": f"http://localhost.example.org:{port}"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": f"example.org:{port}"}, 403),
        ({"Host": "127.0.0.1"}, 403),
    ]
    for headers, status in wrong:
        answered, body, given = call(port, **headers)
        assert (answered, body) == (status, ""), headers
        assert not any(name.lower().startswith("access-control") for name in given)
    assert call(port)[0] == 200
    assert call(port, Origin=f"http://localhost:{port}")[0] == 200


def test_servers_that_start_together_have_one_token(tmp_path: Path) -> None:
    """None of them reads a file that another one has not written yet."""
    file = tmp_path / "folder" / "token"
    with ThreadPoolExecutor(8) as threads:
        tokens = {token for token, _ in threads.map(find_token, [file] * 8)}
    assert len(tokens) == 1
    assert os.listdir(file.parent) == [file.name]


def test_the_token_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made once, in a file of its owner; a file that others can read, or a short token, is refused."""
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    file = tmp_path / "folder" / "token"
    token, where = find_token(file)
    assert len(token) >= 40
    assert where == str(file)
    assert find_token(file)[0] == token
    monkeypatch.setenv(TOKEN_VARIABLE, "sixteen-characters")
    assert find_token(None)[0] == "sixteen-characters"
    monkeypatch.setenv(TOKEN_VARIABLE, "short")
    with pytest.raises(BadRequest, match="16 or more"):
        find_token(None)
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
        file.chmod(0o644)
        with pytest.raises(Unreadable, match="other users"):
            find_token(file)

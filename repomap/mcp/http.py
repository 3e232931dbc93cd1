"""Serves over HTTP on loopback, to callers who have the token and to no page of another origin.

The server keeps no session, so any number of clients and calls share it.
"""

import hmac
import os
import secrets
import socket
import stat
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from repomap.errors import BadRequest, Unreadable
from repomap.mcp.roots import Roots
from repomap.mcp.server import make_server
from repomap.safety.whole_file import write_whole

TOKEN_VARIABLE = "TRIGPOINT_MCP_TOKEN"  # noqa: S105  # the name of a variable
HOST = "127.0.0.1"
LEAST_TOKEN_CHARS = 16
LARGEST_BODY_BYTES = 4_000_000

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]]


def find_token(file: Path | None) -> tuple[str, str]:
    """Return the token, and where it is from: the variable, or a private file, which is made if it is missing.

    Raises Unreadable for a file that others may read or that holds no token, BadRequest for a short one.
    """
    given = os.environ.get(TOKEN_VARIABLE, "").strip()
    if given and file is None:
        return _checked(given, TOKEN_VARIABLE), f"the variable {TOKEN_VARIABLE}"
    path = file or _own_file()
    try:
        return _checked(_read_or_make(path), str(path)), str(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: {error}. No server was started; name another --token-file.") from error


def _own_file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("trigpoint", appauthor=False) / "mcp-token"


def _read_or_make(path: Path) -> str:
    if not path.exists():
        _make(path)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Unreadable(
            f"{path} can be read by other users. No server was started; run chmod 600 on it, or delete it for a "
            "new token."
        )
    return path.read_text("utf-8").strip()


def _make(path: Path) -> None:
    """Write a new token, which nobody sees half of; where another process was first, its token stays."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    write_whole(beside, f"{secrets.token_urlsafe(32)}\n".encode())
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _checked(token: str, where: str) -> str:
    if len(token) < LEAST_TOKEN_CHARS or not token.isascii() or not token.isprintable():
        raise BadRequest(
            f"{where}: a token is {LEAST_TOKEN_CHARS} or more printable ASCII characters. No server was started."
        )
    return token


def guarded(app: App, token: str, port: int) -> App:
    """Let through what comes to this host, from no other origin, with the token; refuse the rest without a word of it.

    Host and origin are checked so that a page in a browser cannot call, not even by a name that it made point here.
    """
    hosts = {f"{name}:{port}" for name in (HOST, "localhost", "[::1]")}
    origins = {f"http://{host}" for host in hosts}
    expected = f"Bearer {token}".encode()

    async def guard(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await app(scope, receive, send)
        if scope["type"] != "http":
            return None
        headers = dict(scope["headers"])
        host, origin = headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin")
        if host.lower() not in hosts or (
            origin is not None and origin.decode("latin-1").lower() not in origins
        ):
            return await _refuse(send, 403)
        if not hmac.compare_digest(headers.get(b"authorization", b""), expected):
            return await _refuse(send, 401)
        return await app(scope, receive, send)

    return guard


async def _refuse(send: Any, status: int) -> None:
    headers = [(b"content-length", b"0"), *([(b"www-authenticate", b"Bearer")] if status == 401 else [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def make_app(roots: Roots, token: str, port: int) -> App:
    """Make the application that a server runs, with everything guarded."""
    app = make_server(roots).streamable_http_app(
        stateless_http=True, json_response=False, host=HOST, max_request_body_size=LARGEST_BODY_BYTES
    )
    return guarded(app, token, port)


def serve_http(roots: Roots, port: int, token_file: Path | None, say: Callable[[str], None]) -> None:
    """Serve until interrupted, at a port of the loopback address; 0 takes one that is free.

    Raises BadRequest where the port is taken, and what `find_token` raises.
    """
    import uvicorn

    token, origin = find_token(token_file)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise BadRequest(
                f"Port {port} cannot be used: {error}. No server was started; give another."
            ) from error
        port = listener.getsockname()[1]
        say(f"serving at http://{HOST}:{port}/mcp; the token is in {origin}")
        config = uvicorn.Config(make_app(roots, token, port), log_level="warning", lifespan="on")
        uvicorn.Server(config).run(sockets=[listener])

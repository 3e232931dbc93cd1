"""The server with its tools, resources and prompts, and how it serves over standard input and output."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from repomap.mcp.graph_tools import graph_tools
from repomap.mcp.prompts import add_prompts
from repomap.mcp.resources import add_resources, watch_list
from repomap.mcp.roots import Roots, folder_of
from repomap.mcp.tools import reading_tools

if TYPE_CHECKING:
    from mcp.server import MCPServer

INSTRUCTIONS = (
    "Tools that find code in {roots}. Start with repo_map and the task as its query: it lists the files and "
    "definitions that the work will most likely touch. Then use find_symbol, references and find to locate "
    "things, outline to list what a file defines, and read_symbol to read code. Before an edit, impact says "
    "who depends on what you change and which tests to run, and related_files what belongs to a file; map_diff "
    "says what changed since a revision. Paths are relative to the root. Every answer fits its token budget, "
    "says what it omits, and goes on with its cursor. Files that have changed are seen at once; an answer that "
    "is partial or old says so."
)

ROOTS_S = 5.0
"""How long a client may take to say which folders it has open."""


def make_server(roots: Roots, *, one_client: bool = False) -> "MCPServer[Any]":
    """Make the server, not yet running.

    With ``one_client``, which stays connected, that client may offer folders, and is told when files come or go by the
    older protocol versions, too; by the newer one every client may subscribe to that.
    """
    from mcp.server import MCPServer
    from mcp.server.subscriptions import InMemorySubscriptionBus, ResourcesListChanged

    bus, client = InMemorySubscriptionBus(), _Client(roots)

    async def announce() -> None:
        await bus.publish(ResourcesListChanged())
        await client.tell_of_change()

    @asynccontextmanager
    async def watching(_: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(watch_list(roots, announce))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    server: MCPServer[Any] = MCPServer(
        "trigpoint",
        version=_version(),
        instructions=INSTRUCTIONS.format(
            roots=", ".join(each.folder for each in roots) or "the open folders"
        ),
        log_level="WARNING",
        tools=[*reading_tools(roots), *graph_tools(roots)],
        lifespan=watching,
        subscriptions=bus,
        middleware=[client.before_request] if one_client else [],
    )
    add_resources(server, roots)
    add_prompts(server, roots)
    return server


def serve_stdio(roots: Roots) -> None:
    """Answer over standard input and output until the input ends."""
    import anyio
    from mcp.server.lowlevel.server import NotificationOptions
    from mcp.server.stdio import stdio_server

    server = make_server(roots, one_client=True)._lowlevel_server

    async def run() -> None:
        async with stdio_server() as (incoming, outgoing):
            options = server.create_initialization_options(NotificationOptions(resources_changed=True))
            await server.run(incoming, outgoing, options)

    anyio.run(run)


class _Client:
    """The one client at the other end of standard input and output."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._session: Any = None
        self._must_ask = True
        self._asking = asyncio.Lock()

    async def before_request(self, ctx: Any, call_next: Any) -> Any:
        """Ask the client for its folders before the first question, and again when they have changed."""
        self._session = ctx.session
        if ctx.method == "notifications/roots/list_changed":
            self._must_ask = True
        elif ctx.method.startswith(("tools/call", "resources/", "prompts/get")):
            await self._ask_roots(ctx.session)
        return await call_next(ctx)

    async def _ask_roots(self, session: Any) -> None:
        from mcp.shared.exceptions import MCPError

        async with self._asking:
            capabilities = session.client_capabilities
            if not self._must_ask or capabilities is None or capabilities.roots is None:
                return
            self._must_ask = False
            if not session.can_send_request:
                return  # newer protocol versions have no such request
            with warnings.catch_warnings(), suppress(MCPError, TimeoutError):
                warnings.simplefilter(
                    "ignore"
                )  # the SDK calls it deprecated; older clients have nothing else
                listed = await asyncio.wait_for(session.list_roots(), ROOTS_S)
                folders = [folder_of(str(root.uri)) for root in listed.roots]
                self._roots.offer([folder for folder in folders if folder])

    async def tell_of_change(self) -> None:
        """Tell a client of an older protocol version that the list of resources has changed."""
        from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

        session = self._session
        if session is not None and session.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
            await session.send_resource_list_changed()


def _version() -> str:
    try:
        return version("trigpoint")
    except PackageNotFoundError:
        return ""

"""The map's server in the tests' own process, and the official client for it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from repomap import Index, IndexOptions
from repomap.mcp.roots import Roots
from repomap.mcp.server import make_server

Talk = Callable[[Any], Awaitable[None]]


def roots_of(*folders: Path, **options: Any) -> Roots:
    """Serve folders by indexes without caches and history."""
    given = {"jobs": 1, "cache": False, "history": False, **options}
    roots = Roots(lambda folder: Index(folder, IndexOptions(**given)), pytest.fail)
    for folder in folders:
        roots.add_own(folder)
    return roots


def talk_to(roots: Roots, talk: Talk, mode: str = "2026-07-28", **client: Any) -> None:
    """Connect the official client to a server in this process."""
    from mcp import Client

    async def main() -> None:
        async with Client(make_server(roots, one_client=True), mode=mode, **client) as connected:
            await talk(connected)

    asyncio.run(asyncio.wait_for(main(), 60))

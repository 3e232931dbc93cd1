"""What a client can attach: `repo://map`, `repo://file/{path}` and `repo://outline/{path}`, of each served folder.

The list has the map and the files of each folder, in pages. Clients are told when it changes, which is looked for
while any of them is connected.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from repomap.errors import BadRequest, RepoMapError
from repomap.index.index import Index
from repomap.mcp.ask import present
from repomap.mcp.page import encodable
from repomap.mcp.roots import Roots, Served
from repomap.mcp.tools import MOST_TOKENS, picked
from repomap.model import LOOKUP_TOKENS

PAGE_ITEMS = 500
"""Of the list of resources in one answer."""
LOOK_S = 10.0
"""How often files are looked for that came or went, where no call does so."""


def add_resources(server: Any, roots: Roots) -> None:
    """Give the server its resources and their list."""
    _add_map(server, roots)
    _add_templates(server, roots)
    _add_list(server, roots)


def _add_map(server: Any, roots: Roots) -> None:
    from mcp.server.mcpserver import Context

    async def repo_map(context: Context, root: str = "") -> str:
        return await _text(roots, context, root, lambda index, _: index.map(tokens=LOOKUP_TOKENS).text)

    async def first_map() -> str:
        return await _text(roots, None, "", lambda index, _: index.map(tokens=LOOKUP_TOKENS).text)

    about = f"The most important files and signatures of the repository, in {LOOKUP_TOKENS} tokens."
    server.resource("repo://map", name="map", title="Repository map", description=about)(first_map)
    server.resource("repo://map{?root}", name="map of", title="Map of a root", description=about)(repo_map)


def _add_templates(server: Any, roots: Roots) -> None:
    from mcp.server.mcpserver import Context

    async def file(context: Context, path: str, root: str = "") -> str:
        return await _text(roots, context, root, lambda index, served: _source(index, served, path))

    async def outline(context: Context, path: str, root: str = "") -> str:
        return await _text(
            roots, context, root, lambda index, served: index.outline(served.relative(path), MOST_TOKENS).text
        )

    server.resource(
        "repo://file/{+path}{?root}",
        name="file",
        title="File",
        description=f"The text of a file, up to {MOST_TOKENS} tokens.",
    )(file)
    server.resource(
        "repo://outline/{+path}{?root}",
        name="outline",
        title="Outline",
        description="What a file defines, with line numbers and signatures.",
    )(outline)


def _source(index: Index, served: Served, path: str) -> str:
    relative = served.relative(path)
    if relative not in index.paths():  # a resource is one file, not whatever a target may mean
        raise BadRequest(f"There is no file {path} in {served.name}.")
    return index.source(relative, MOST_TOKENS, numbered=False).text


async def _text(roots: Roots, context: Any, root: str, question: Callable[[Index, Served], str]) -> str:
    from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError

    async def silent(_done: float, _total: float | None = None, _message: str | None = None) -> None:
        return None

    try:
        served = picked(roots, root)
        state = await present(served, context.report_progress if context else silent)
        text = await asyncio.to_thread(question, state.answer, served)
    except (RepoMapError, ToolError) as error:
        raise ResourceNotFoundError(encodable(str(error))) from error
    return str(encodable(text))


def _add_list(server: Any, roots: Roots) -> None:
    """Replace the SDK's list, which knows fixed resources alone and gives all of them at once."""
    from mcp.shared.exceptions import MCPError
    from mcp_types import INVALID_PARAMS, ListResourcesResult, PaginatedRequestParams, Resource

    async def listed(_context: Any, params: PaginatedRequestParams | None) -> ListResourcesResult:
        cursor = (params.cursor if params else None) or "0"
        if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
            raise MCPError(
                code=INVALID_PARAMS, message=f"The cursor {cursor[:40]!r} is not one of this list."
            )
        first, rows = int(cursor), _rows(roots)
        after = str(first + PAGE_ITEMS) if first + PAGE_ITEMS < len(rows) else None
        page = [Resource(**row) for row in rows[first : first + PAGE_ITEMS]]
        return ListResourcesResult(resources=page, next_cursor=after)

    server._lowlevel_server.add_request_handler("resources/list", PaginatedRequestParams, listed)


def _rows(roots: Roots) -> list[dict[str, Any]]:
    """Return the members of each listed resource: the maps first, then the files of each folder by path."""
    several = [
        (served, "" if row == 0 else f"?root={quote(served.name)}") for row, served in enumerate(roots)
    ]
    about = "The most important files and signatures of the repository."
    rows: list[dict[str, Any]] = [
        {"uri": f"repo://map{end}", "name": "map", "title": f"Map of {served.name}", "description": about}
        for served, end in several
    ]
    for served, end in several:
        rows += [
            {
                "uri": f"repo://file/{quote(encodable(path))}{end}",
                "name": encodable(path),
                "mime_type": "text/plain",
            }
            for path in paths_of(served)
        ]
    return rows


def paths_of(served: Served) -> Sequence[str]:
    """Return the files of a folder as they are known now; none before its list is there."""
    state = served.fresh.view() if served.fresh.is_read else None
    return state.answer.paths() if state else ()


async def watch_list(roots: Roots, announce: Callable[[], Any]) -> None:
    """Call ``announce`` whenever files came or went, until cancelled."""
    known: Any = None
    while True:
        now = [(served.name, served.fresh.is_read, paths_of(served)) for served in roots]
        if known is not None and now != known:
            await announce()
        known = now
        all_read = all(served.fresh.is_read for served in roots)
        await asyncio.sleep(LOOK_S if all_read else 0.5)
        for served in roots:
            served.fresh.begin()

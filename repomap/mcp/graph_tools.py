"""The tools about dependencies and changes: related files, the impact of a change, the difference of two maps."""

from typing import Any

from repomap.errors import BadRequest
from repomap.mcp.roots import Roots
from repomap.mcp.tools import (
    budget_field,
    cursor_field,
    path_field,
    picked,
    result,
    root_field,
    tool,
)
from repomap.model import IMPACT_LIMIT, LOOKUP_TOKENS

MOST_RELATED = 10_000
"""Files; the budget and the cursor decide how many are shown."""
MOST_DIFF_CHARS = 2_000_000
"""Of a diff; a longer one is refused."""


def graph_tools(roots: Roots) -> list[Any]:
    """Make the three tools about dependencies and changes."""
    return [_related_tool(roots), _impact_tool(roots), _diff_tool(roots)]


def _related_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult

    async def related_files(
        context: Context,
        path: Annotated[str, path_field()],
        tokens: Annotated[int, budget_field()] = LOOKUP_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root, path)
        file = served.relative(path)
        return await result(
            served,
            asked,
            lambda index, budget, skip: index.ask_graph(
                "related", file, limit=MOST_RELATED, tokens=budget, skip=skip
            ),
        )

    return tool(
        related_files,
        "Related files",
        "The files that belong to a file, closest first: those it uses, those that use it, and those that the same "
        "commits changed.",
        "graph-related",
    )


def _impact_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult
    from pydantic import Field

    changed = Field(
        description="A unified diff, applied or not, such as `git diff` prints.", max_length=MOST_DIFF_CHARS
    )
    meant = Field(
        description="Instead of a diff: what is to be changed, as path, path:name or name.", max_length=50
    )
    most = Field(description="Items of each list.", ge=1, le=200)

    async def impact(
        context: Context,
        diff: Annotated[str, changed] = "",
        targets: Annotated[list[str], meant] = [],  # noqa: B006  # a default that JSON can show
        limit: Annotated[int, most] = IMPACT_LIMIT,
        tokens: Annotated[int, budget_field()] = LOOKUP_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root, *targets[:1])
        sought = [served.relative(target) for target in targets]

        def question(index: Any, budget: int, skip: int) -> Any:
            if bool(diff) == bool(sought):
                raise BadRequest("Give either a diff or targets. Nothing was looked up.")
            return index.impact(diff, budget, targets=sought, limit=limit, skip=skip)

        return await result(served, asked, question)

    return tool(
        impact,
        "Impact of a change",
        "What a change touches: the definitions, who uses them, the tests to run, and the files that usually change "
        "with it. Call this before an edit with its targets, or after it with the diff.",
        "impact",
    )


def _diff_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult
    from pydantic import Field

    name = Field(
        description="A commit, branch or tag, such as main, HEAD~5 or v1.2.", min_length=1, max_length=500
    )

    async def map_diff(
        context: Context,
        revision: Annotated[str, name] = "HEAD",
        tokens: Annotated[int, budget_field()] = LOOKUP_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root)
        return await result(
            served, asked, lambda index, budget, skip: index.map_diff(revision, budget, skip=skip)
        )

    return tool(
        map_diff,
        "Difference of the map",
        "What changed in the map since a revision: files and definitions that came, went or are declared otherwise, "
        "and ranks. Not committed changes count.",
        "map-diff",
    )

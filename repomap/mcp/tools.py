"""The tools that find and read: a map, text, symbols, references, outlines, sources."""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from repomap.errors import RepoMapError
from repomap.index.index import Index
from repomap.mapping.formats import schema
from repomap.mcp.ask import Question, ask_page
from repomap.mcp.page import encodable, paged_schema
from repomap.mcp.roots import Roots, Served
from repomap.model import DEFAULT_TOKENS, LEAST_TOKENS, LOOKUP_TOKENS, Focus, RepoMap

if TYPE_CHECKING:
    from mcp_types import CallToolResult

MOST_TOKENS = 20_000
"""The largest budget that a call may give."""
MOST_CHARS = 20_000
"""Of a query; a longer one is refused."""
MOST_PAGES = 50
"""Of a map; each makes all the pages before it again."""


def reading_tools(roots: Roots) -> list[Any]:
    """Make the six tools that find and read."""
    makers = (_map_tool, _symbol_tool, _references_tool, _outline_tool, _find_tool, _read_tool)
    return [make(roots) for make in makers]


def _map_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult
    from pydantic import Field

    paths = Field(
        description="Paths you have already read: they are not shown, related files are.", max_length=200
    )
    names = Field(description="Exact names of files or symbols that matter.", max_length=200)

    async def repo_map(
        context: Context,
        query: Annotated[str, query_field()] = "",
        known_files: Annotated[list[str], paths] = [],  # noqa: B006  # a default that JSON can show
        mentions: Annotated[list[str], names] = [],  # noqa: B006
        tokens: Annotated[int, budget_field()] = DEFAULT_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root, *known_files[:1])
        focus = Focus(query, tuple(map(served.relative, known_files)), tuple(mentions))
        return await result(served, asked, lambda index, budget, skip: map_page(index, focus, budget, skip))

    return tool(
        repo_map,
        "Repository map",
        "The files and signatures that a task will most likely touch, ranked, within a token budget. "
        "Call this first.",
        "map",
    )


def map_page(index: Index, focus: Focus, budget_tokens: int, skip: int) -> RepoMap:
    """Make the map of what the ``skip`` maps before it did not show."""
    shown: set[str] = set()
    for _ in range(min(skip, MOST_PAGES)):
        shown |= {file.path for file in index.map(focus, budget_tokens, hidden=shown).files}
    return index.map(focus, budget_tokens, hidden=shown)


def _symbol_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult

    async def find_symbol(
        context: Context,
        name: Annotated[str, name_field()],
        tokens: Annotated[int, budget_field()] = LOOKUP_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root, name)
        sought = served.relative(name)
        return await result(
            served, asked, lambda index, budget, skip: index.symbol(sought, budget, skip=skip)
        )

    return tool(find_symbol, "Find a symbol", "Where a name is defined: path, lines, signature.", "symbol")


def _references_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult

    async def references(
        context: Context,
        name: Annotated[str, name_field()],
        tokens: Annotated[int, budget_field()] = LOOKUP_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root, name)
        sought = served.relative(name)
        return await result(
            served, asked, lambda index, budget, skip: index.references(sought, budget, skip=skip)
        )

    return tool(
        references, "Find references", "Where the code uses a name, by file and enclosing definition.", "refs"
    )


def _outline_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult

    async def outline(
        context: Context,
        path: Annotated[str, path_field()],
        tokens: Annotated[int, budget_field()] = LOOKUP_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root, path)
        file = served.relative(path)
        return await result(served, asked, lambda index, budget, skip: index.outline(file, budget, skip=skip))

    return tool(
        outline,
        "Outline a file",
        "What a file defines, as a tree with line numbers and signatures.",
        "outline",
    )


def _find_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult
    from pydantic import Field

    sought = Field(
        description="Plain text (case-insensitive unless it has capitals), /regular expression/, or "
        "/regular expression/i to ignore case.",
        min_length=1,
        max_length=1000,
    )
    folder = Field(description="Search only this folder, or paths like *.py.", max_length=4096)

    async def find(
        context: Context,
        pattern: Annotated[str, sought],
        within: Annotated[str, folder] = "",
        tokens: Annotated[int, budget_field()] = LOOKUP_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root, within)
        place = served.relative(within)
        return await result(
            served, asked, lambda index, budget, skip: index.find(pattern, budget, within=place, skip=skip)
        )

    return tool(
        find,
        "Find text",
        "The lines that contain a text or match a pattern, definitions first, with the definition around each.",
        "find",
    )


def _read_tool(roots: Roots) -> Any:
    from typing import Annotated

    from mcp.server.mcpserver import Context
    from mcp_types import CallToolResult
    from pydantic import Field

    read = Field(
        description="path:name, path:from-to, path, or the name of a single definition.",
        min_length=1,
        max_length=4096,
    )

    async def read_symbol(
        context: Context,
        target: Annotated[str, read],
        numbered: Annotated[bool, Field(description="Start each line with its number.")] = True,
        tokens: Annotated[int, budget_field()] = LOOKUP_TOKENS,
        cursor: Annotated[str, cursor_field()] = "",
        root: Annotated[str, root_field()] = "",
    ) -> CallToolResult:
        asked = locals()
        served = picked(roots, root, target)
        sought = served.relative(target)
        return await result(
            served,
            asked,
            lambda index, budget, skip: index.source(sought, budget, numbered=numbered, skip=skip),
        )

    return tool(
        read_symbol, "Read a symbol", "The text of a definition, of a range of lines, or of a file.", "show"
    )


def query_field() -> Any:
    """Describe the argument with the task."""
    from pydantic import Field

    return Field(
        description="The task, question, error message or stack trace, verbatim. "
        "If empty, the map is an overview of the whole repository.",
        max_length=MOST_CHARS,
    )


def name_field() -> Any:
    """Describe the argument with what is looked up."""
    from pydantic import Field

    return Field(
        description="A name, or a qualified one: Class.method, Class/method, path:name.",
        min_length=1,
        max_length=500,
    )


def path_field() -> Any:
    """Describe the argument with a file."""
    from pydantic import Field

    return Field(description="A file of the repository.", min_length=1, max_length=4096)


def budget_field() -> Any:
    """Describe the argument with the budget."""
    from pydantic import Field

    return Field(
        description="Budget for the text of the answer in tokens (o200k_base); never exceeded.",
        ge=LEAST_TOKENS,
        le=MOST_TOKENS,
    )


def cursor_field() -> Any:
    """Describe the argument with the cursor."""
    from pydantic import Field

    return Field(
        description="To go on with an answer: its cursor, with all other arguments as they were.",
        max_length=100,
    )


def root_field() -> Any:
    """Describe the argument with the folder."""
    from pydantic import Field

    return Field(
        description="Where several repositories are served: the name or path of the one that is meant.",
        max_length=4096,
    )


def tool(function: Callable[..., Any], title: str, description: str, output: str) -> Any:
    """Make a read-only tool whose structured answer follows the published schema ``output``."""
    from mcp.server.mcpserver.tools import Tool
    from mcp_types import ToolAnnotations

    hints = ToolAnnotations(
        title=title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    made = Tool.from_function(function, title=title, description=description, annotations=hints)
    made.fn_metadata.output_schema = paged_schema(json.loads(schema(output)))
    made.fn_metadata.arg_model = _refusing_others(made.fn_metadata.arg_model, made.name)
    made.parameters["additionalProperties"] = False
    return made


def _refusing_others(arguments: Any, name: str) -> Any:
    """Return a model of arguments that refuses others: a budget by another name would be left out in silence."""
    from pydantic import model_validator

    class Arguments(arguments):  # type: ignore[misc]
        @model_validator(mode="before")
        @classmethod
        def refuse_others(cls, given: Any) -> Any:
            others = sorted(given.keys() - cls.model_fields.keys()) if isinstance(given, dict) else []
            if others:
                known = ", ".join(cls.model_fields)
                raise ValueError(
                    f"{name} has no argument {', '.join(others)}; it takes {known}. Nothing was answered."
                )
            return given

    return Arguments


def picked(roots: Roots, root: str, *targets: str) -> Served:
    """Return the folder that a call means. Raises ToolError for one that is not served."""
    from mcp.server.mcpserver.exceptions import ToolError

    try:
        return roots.pick(root, next(iter(targets), ""))
    except RepoMapError as error:
        raise ToolError(encodable(str(error))) from error


async def result(served: Served, asked: dict[str, Any], question: Question) -> "CallToolResult":
    """Return the answer as text for the model and as an object for programs.

    ``asked`` holds the arguments of the call, and its `context`. Raises ToolError instead of RepoMapError.
    """
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp_types import CallToolResult, TextContent

    context = asked["context"]
    arguments = {name: value for name, value in asked.items() if _is_argument(value)}
    try:
        page = await ask_page(served, question.__qualname__, arguments, question, context.report_progress)
    except RepoMapError as error:
        raise ToolError(encodable(str(error))) from error
    return CallToolResult(
        content=[TextContent(text=encodable(page.text))], structured_content=encodable(page.values)
    )


def _is_argument(value: Any) -> bool:
    return isinstance(value, str | int | Sequence)

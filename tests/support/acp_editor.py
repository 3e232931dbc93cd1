"""An editor for tests: the client of the protocol's own package, joined to the agent in this process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from acp import PROTOCOL_VERSION, connect_to_agent
from acp._transport import memory_transport_pair
from acp.agent.connection import AgentSideConnection
from acp.exceptions import RequestError
from acp.interfaces import Agent
from acp.schema import (
    AllowedOutcome,
    DeniedOutcome,
    PermissionOption,
    RequestPermissionResponse,
    TextContentBlock,
    ToolCallUpdate,
)
from scripted_model import ScriptedModel
from whole_chat import MODELS

from chat.acp.agent import EditorAgent
from chat.settings.load import Loaded
from chat.settings.table import Settings, changed

LONG_S = 20.0


@dataclass
class Recorder:
    """The client: notes what it is shown, and answers each question with the option of this id."""

    answer: str = "no"
    updates: list[Any] = field(default_factory=list)
    asked: list[tuple[ToolCallUpdate, list[PermissionOption]]] = field(default_factory=list)
    on_update: Callable[[Any], Awaitable[None]] | None = None

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        self.updates.append(update)
        if self.on_update:
            await self.on_update(update)

    async def request_permission(
        self,
        session_id: str,
        tool_call: ToolCallUpdate,
        options: list[PermissionOption],
        **_: Any,
    ) -> RequestPermissionResponse:
        self.asked.append((tool_call, options))
        if self.answer == "cancelled":
            return RequestPermissionResponse(outcome=DeniedOutcome(outcome="cancelled"))
        return RequestPermissionResponse(outcome=AllowedOutcome(outcome="selected", option_id=self.answer))

    def of(self, kind: str) -> list[Any]:
        """Return the updates of one kind, in order."""
        return [update for update in self.updates if update.session_update == kind]

    @property
    def text(self) -> str:
        """What the agent has said so far."""
        return "".join(update.content.text for update in self.of("agent_message_chunk"))


@dataclass
class OpenEditor:
    """An editor that is connected."""

    agent: Any
    """The connection, whose methods are those of the protocol's agent."""
    client: Recorder
    root: Path

    async def prompt(self, session_id: str, *blocks: Any) -> Any:
        """Send a prompt of texts and blocks, and return the response."""
        made = [TextContentBlock(type="text", text=b) if isinstance(b, str) else b for b in blocks]
        return await self.agent.prompt(prompt=made, session_id=session_id)

    async def new(self) -> str:
        """Open a session in the root and return its id."""
        session: str = (await self.agent.new_session(cwd=str(self.root), mcp_servers=[])).session_id
        return session


@asynccontextmanager
async def open_editor(
    root: Path,
    server: ScriptedModel | None,
    answer: str = "no",
    notices: tuple[str, ...] = (),
    **settings: Any,
) -> AsyncIterator[OpenEditor]:
    """Connect an editor to an agent whose models are those of a scripted server."""
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    base = {"api-base": server.base_url if server else "", "api-key": (("", "k"),)}
    values = changed(Settings(), {**MODELS, **base, **named}, "test")
    agent = EditorAgent(lambda _: Loaded(values, notices, {}, root), "0")
    ours, theirs = memory_transport_pair()
    side = AgentSideConnection(cast("Agent", agent), ours, use_unstable_protocol=True)
    client = Recorder(answer)
    connection = connect_to_agent(cast("Any", client), theirs, use_unstable_protocol=True)
    try:
        async with asyncio.timeout(LONG_S):
            await connection.initialize(protocol_version=PROTOCOL_VERSION)
            yield OpenEditor(connection, client, root)
    finally:
        await asyncio.to_thread(agent.close)
        await connection.close()
        await side.close()


__all__ = ["OpenEditor", "Recorder", "RequestError", "open_editor"]

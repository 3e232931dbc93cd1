"""[io] Speaks the protocol over standard input and output, until the input ends or a signal comes."""

import asyncio
from typing import IO, cast

from acp.agent.connection import AgentSideConnection
from acp.interfaces import Agent

from chat.acp.agent import EditorAgent, LoadSettings
from chat.acp.stdio import LineTransport, protocol_streams
from chat.display.program import program_version
from chat.terminal.signals import ended_by_signals


def serve(load_settings: LoadSettings) -> None:
    """Serve one editor; its sessions are closed at the end."""
    agent = EditorAgent(load_settings, program_version())
    with protocol_streams() as (given, taken), ended_by_signals():
        try:
            asyncio.run(_listen(agent, given, taken))
        finally:
            agent.close()


async def _listen(agent: EditorAgent, given: IO[bytes], taken: IO[bytes]) -> None:
    connection = AgentSideConnection(
        cast("Agent", agent),
        LineTransport(given, taken, agent.stop),
        listening=False,
        use_unstable_protocol=True,  # the package still counts resuming and closing sessions so
    )
    try:
        await connection.listen()
    finally:
        agent.stop()
        await connection.close()

"""[io] Answers the protocol's methods: opens, loads and lists sessions, and passes prompts on to them."""

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from acp import PROTOCOL_VERSION
from acp.exceptions import RequestError
from acp.interfaces import Client
from acp.schema import (
    AgentCapabilities,
    CloseSessionResponse,
    Implementation,
    InitializeResponse,
    ListSessionsResponse,
    LoadSessionResponse,
    NewSessionResponse,
    PromptCapabilities,
    PromptResponse,
    ResumeSessionResponse,
    SessionCapabilities,
    SessionCloseCapabilities,
    SessionInfo,
    SessionListCapabilities,
    SessionResumeCapabilities,
    SetSessionModeResponse,
)

from chat.acp.endings import protocol_usage
from chat.acp.history import replayed
from chat.acp.offers import modes
from chat.acp.session import EditorSession
from chat.acp.stored import stored_session, stored_sessions
from chat.app.project import root_of
from chat.errors import ChatError
from chat.model import Mode
from chat.sessions.journal import read_lines
from chat.settings.load import Loaded
from chat.settings.table import changed
from chat.terminal.screens.output import error_text
from chat.terminal.setup import OpenChat, open_real_chat

_PAGE = 50
"""Sessions in one answer to `session/list`."""
_INVALID_PARAMS, _NOT_FOUND, _FAILED = -32602, -32002, -32603

LoadSettings = Callable[[Path], Loaded]
"""Reads the settings that count in a folder."""


class EditorAgent:
    """Trigpoint as the agent of one editor."""

    def __init__(self, load_settings: LoadSettings, version: str, opening: OpenChat = open_real_chat) -> None:
        self._load_settings = load_settings
        self._version = version
        self._opening = opening
        self._client: Client | None = None
        self._sessions: dict[str, EditorSession] = {}
        self._greetings: set[asyncio.Task[None]] = set()

    def on_connect(self, conn: Client) -> None:
        """Remember the editor."""
        self._client = conn

    async def initialize(self, protocol_version: int, **_: Any) -> InitializeResponse:  # noqa: ARG002
        """Say what the agent can do. There is one version of the protocol yet, whatever the editor asks for."""
        capabilities = AgentCapabilities(
            load_session=True,
            prompt_capabilities=PromptCapabilities(embedded_context=True, image=False, audio=False),
            session_capabilities=SessionCapabilities(
                list=SessionListCapabilities(),
                resume=SessionResumeCapabilities(),
                close=SessionCloseCapabilities(),
            ),
        )
        return InitializeResponse(
            protocol_version=PROTOCOL_VERSION,
            agent_capabilities=capabilities,
            auth_methods=[],
            agent_info=Implementation(name="trigpoint", title="Trigpoint", version=self._version),
        )

    async def authenticate(self, method_id: str, **_: Any) -> None:
        """Refuse: keys come from the settings and the environment."""
        raise RequestError(_INVALID_PARAMS, f"There is no way to authenticate named {method_id}.")

    async def new_session(self, cwd: str, **_: Any) -> NewSessionResponse:
        """Open a new session in a folder."""
        session = await self._open(_folder(cwd))
        return NewSessionResponse(session_id=session.id, modes=modes(session.mode))

    async def load_session(self, cwd: str, session_id: str, **_: Any) -> LoadSessionResponse:
        """Open a session again, and show what was said in it."""
        session, path = await self._open_again(_folder(cwd), session_id)
        for update in replayed(read_lines(path)):
            await self._require_client().session_update(session.id, update)
        return LoadSessionResponse(modes=modes(session.mode))

    async def resume_session(self, cwd: str, session_id: str, **_: Any) -> ResumeSessionResponse:
        """Open a session again; the editor has what was said in it."""
        session, _path = await self._open_again(_folder(cwd), session_id)
        return ResumeSessionResponse(modes=modes(session.mode))

    async def list_sessions(
        self, cwd: str | None = None, cursor: str | None = None, **_: Any
    ) -> ListSessionsResponse:
        """Name the sessions of a folder's project, or of all, last written first."""
        root = root_of(self._settings(_folder(cwd)).settings, _folder(cwd)) if cwd else None
        start = int(cursor) if cursor and cursor.isdecimal() else 0
        page = await asyncio.to_thread(_page, root, start)
        following = str(start + _PAGE) if len(page) > _PAGE else None
        return ListSessionsResponse(sessions=page[:_PAGE], next_cursor=following)

    async def set_session_mode(self, mode_id: str, session_id: str, **_: Any) -> SetSessionModeResponse:
        """Set what the prompts of a session may do, from the next one on."""
        try:
            self._session(session_id).choose_mode(Mode(mode_id))
        except ValueError:
            known = ", ".join(mode.value for mode in Mode)
            raise RequestError(
                _INVALID_PARAMS, f"There is no mode {mode_id}; there are {known}. Nothing changed."
            ) from None
        return SetSessionModeResponse()

    async def prompt(self, prompt: list[Any], session_id: str, **_: Any) -> PromptResponse:
        """Carry out a prompt, and say how it ended."""
        ending = await self._session(session_id).prompt(prompt)
        return PromptResponse(stop_reason=ending.reason, usage=protocol_usage(ending.usage))

    async def cancel(self, session_id: str, **_: Any) -> None:
        """End the prompt that is running in a session."""
        if session := self._sessions.get(session_id):
            session.cancel()

    async def close_session(self, session_id: str, **_: Any) -> CloseSessionResponse:
        """Stop and close a session; it can be loaded again."""
        self._session(session_id)
        await self._sessions.pop(session_id).close()
        return CloseSessionResponse()

    def stop(self) -> None:
        """Stop the prompts that are running."""
        for session in self._sessions.values():
            session.cancel()

    def close(self, wait_s: float = 10.0) -> None:
        """Stop and close all sessions, because the editor is gone."""
        closings = [session.begin_close() for session in self._sessions.values()]
        self._sessions.clear()
        for closing in closings:
            with suppress(Exception):
                closing.result(wait_s)

    def _require_client(self) -> Client:
        if self._client is None:  # the connection says so before anything else
            raise RequestError(_FAILED, "No editor is connected.")
        return self._client

    def _session(self, session_id: str) -> EditorSession:
        if session_id not in self._sessions:
            raise RequestError(_NOT_FOUND, f"The session {session_id} is not open. Load it first.")
        return self._sessions[session_id]

    def _settings(self, folder: Path) -> Loaded:
        try:
            return self._load_settings(folder)
        except ChatError as error:
            raise RequestError(_FAILED, str(error)) from error

    async def _open(self, folder: Path, resume: str = "") -> EditorSession:
        loaded = self._settings(folder)
        settings = changed(loaded.settings, {"resume": resume}, "editor") if resume else loaded.settings
        session = EditorSession(settings, folder, self._require_client(), self._opening)
        session.notices += loaded.notices
        try:
            await session.open()
        except Exception as error:
            session.begin_close()
            raise RequestError(_FAILED, error_text(error)) from error
        self._sessions[session.id] = session
        self._greet(session)
        return session

    def _greet(self, session: EditorSession) -> None:
        """Publish commands and notices, once the editor knows the session."""
        greeting = asyncio.get_running_loop().create_task(session.greet())
        self._greetings.add(greeting)
        greeting.add_done_callback(self._greetings.discard)

    async def _open_again(self, folder: Path, session_id: str) -> tuple[EditorSession, Path]:
        path = stored_session(root_of(self._settings(folder).settings, folder), session_id)
        if path is None:
            raise RequestError(_NOT_FOUND, f"{folder} has no session {session_id}. Nothing was opened.")
        if session_id in self._sessions:
            await self._sessions.pop(session_id).close()
        return await self._open(folder, session_id), path


def _folder(cwd: str) -> Path:
    if not os.path.isabs(cwd) or not os.path.isdir(cwd):
        raise RequestError(
            _INVALID_PARAMS, f"{cwd} is not the absolute path of a folder. Nothing was opened."
        )
    return Path(cwd)


def _page(root: Path | None, start: int) -> list[SessionInfo]:
    """Return the sessions of a page, and one more where another page follows."""
    return list(itertools.islice(_infos(root), start, start + _PAGE + 1))


def _infos(root: Path | None) -> Iterator[SessionInfo]:
    for stored in stored_sessions(root):
        yield SessionInfo(
            session_id=stored.session_id, cwd=stored.root, title=stored.title, updated_at=stored.updated_at
        )

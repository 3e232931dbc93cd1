"""[io] One session of an editor: a chat in a thread of its own, which runs one prompt at a time."""

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from acp.exceptions import RequestError
from acp.helpers import update_available_commands, update_current_mode
from acp.interfaces import Client
from acp.schema import SessionInfoUpdate

from chat.acp.editor import Editor, OneStop
from chat.acp.endings import Ending, ending_of, usage_update
from chat.acp.offers import commands
from chat.acp.person import EditorPerson
from chat.acp.prompts import Attachment, EditorPrompt, read_prompt
from chat.acp.updates import Updates
from chat.commands.command import CommandContext, Leave
from chat.commands.table import run_line
from chat.display.input_line import read_command
from chat.errors import InputError, SessionError
from chat.events import Event, Notice, ReplyEnded, TurnEnded
from chat.model import Mode, ModelRole, Usage
from chat.safety.printable import on_one_line
from chat.safety.stopping import stopping_with
from chat.settings.table import Settings
from chat.terminal.setup import OpenChat, set_up
from repomap import read_regular

if TYPE_CHECKING:
    from chat.app.chat import Chat

T = TypeVar("T")
_BUSY = "A prompt is running in this session. Nothing was sent; wait for its end, or cancel it."
_ATTACHED = "The user attached {name}:\n\n{text}"
_TITLE_CHARS = 80
_CLOSE_S = 10.0
"""How long the work of a session is waited for that was told to stop."""


class EditorSession:
    """A chat that an editor drives."""

    def __init__(self, settings: Settings, folder: Path, client: Client, opening: OpenChat) -> None:
        self._settings = settings
        self._folder = folder
        self._opening = opening
        self._stop = OneStop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="session")
        self._editor = Editor(client, asyncio.get_running_loop(), self._stop)
        self._updates = Updates(folder, uuid.uuid4().hex[:8])
        self._person = EditorPerson(self._editor, self._updates, settings.yes)
        self._context: CommandContext | None = None
        self._mode = self._told_mode = Mode(settings.mode)
        """The mode for the next prompt, and the one that the editor knows of."""
        self._is_busy = self._is_cancelled = self._has_title = False
        self._last, self._of_turn, self._of_session = Usage(), Usage(), Usage()
        self.id = ""
        self.notices: list[str] = []
        """What the user should know from the start; shown with `greet`."""

    @property
    def mode(self) -> Mode:
        """The mode for the next prompt."""
        return self._mode

    async def open(self) -> None:
        """Open the chat. Raises ChatError."""
        await self._do(self._open)

    async def greet(self) -> None:
        """Publish the commands, and show what the user should know from the start."""
        await self._do(self._greet)

    async def prompt(self, blocks: list[Any]) -> Ending:
        """Carry out a prompt, which may be a command. Raises RequestError where it fails."""
        if self._is_busy:
            raise RequestError(-32600, _BUSY)
        self._is_busy = True
        self._stop.clear()
        self._is_cancelled = False
        try:
            ending = await self._do(lambda: self._run(blocks))
        finally:
            self._is_busy = False
        if ending.error:
            raise RequestError(-32603, ending.error)
        return ending

    def cancel(self) -> None:
        """End the prompt that is running, as Ctrl-C would."""
        if self._is_busy:
            self._is_cancelled = True
            self._stop.set()

    def choose_mode(self, mode: Mode) -> None:
        """Set what prompts may do from the next one on."""
        self._mode = self._told_mode = mode

    def begin_close(self) -> Future[None]:
        """Stop what is running and close the chat, in its thread; the caller waits, or does not."""
        self._is_cancelled = True
        self._stop.set()
        closing = self._thread.submit(self._close)
        self._thread.shutdown(wait=False)
        return closing

    async def close(self) -> None:
        """Stop what is running, close the chat, and wait for it a while."""
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(self.begin_close()), _CLOSE_S)

    async def _do(self, what: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what)

    # In the thread of the session

    def _open(self) -> None:
        chat = self._opening(self._settings, self._folder, self._emit, self._person)
        self._updates.root = chat.root
        self._context = set_up(chat, self._settings, (), at_terminal=False)
        self._mode = self._told_mode = chat.mode
        self._has_title = chat.state.conversation.turn > 0
        self._of_session = sum(chat.usage().values(), Usage())
        self.id = self._editor.session_id = chat.session_id or uuid.uuid4().hex
        chat.warm_up_beside()

    def _greet(self) -> None:
        with suppress(KeyboardInterrupt):
            self._editor.show(update_available_commands(commands()))
            self._editor.show(*(self._updates.paragraph(notice) for notice in self.notices))

    def _run(self, blocks: list[Any]) -> Ending:
        context = self._require_context()
        error: BaseException | None = None
        self._updates.begin()
        self._of_turn = Usage()
        try:
            with stopping_with(self._stop):
                context.chat.configuration.choose_mode(self._mode)
                prompt = read_prompt(blocks, context.chat.root)
                self._send(context, prompt)
        except (Exception, KeyboardInterrupt, Leave) as caught:  # the editor is told whatever it is
            error = caught
        ending = ending_of(error, self._is_cancelled)
        with suppress(KeyboardInterrupt):  # the editor is gone
            self._tell_end(context.chat, ending, getattr(blocks[0], "text", "") if blocks else "")
        return replace(ending, usage=self._of_turn)

    def _send(self, context: CommandContext, prompt: EditorPrompt) -> None:
        if not prompt.text:
            raise InputError("The prompt is empty. Nothing was sent.")
        for name in prompt.files:
            self._add(context, name)
        for attachment in prompt.attachments:
            self._attach(context, attachment)
        run_line(context, prompt.text)

    def _add(self, context: CommandContext, name: str) -> None:
        """Add a file that the prompt links; a folder is only named, and one outside the root can only be read."""
        if (context.chat.root / name).is_dir():
            return
        try:
            context.chat.files.add([name], read_only=Path(name).is_absolute())
        except InputError as error:
            reason = str(error).removesuffix(" Nothing was added.")
            context.say(f"{reason} It is only named in the request.", "warning")

    def _attach(self, context: CommandContext, attachment: Attachment) -> None:
        """Show the model a text of the editor: as a file of the chat where it is saved like that."""
        if attachment.is_whole_file and _is_saved(context.chat.root / attachment.name, attachment.text):
            self._add(context, attachment.name)
        else:
            text = _ATTACHED.format(name=attachment.name, text=attachment.text)
            context.chat.conversation.tell_model(text)

    def _tell_end(self, chat: "Chat", ending: Ending, request: str) -> None:
        """Show what has changed with a prompt beside its answer."""
        if ending.remark:
            self._editor.show(self._updates.paragraph(ending.remark))
        if chat.mode is not self._told_mode:
            self._mode = self._told_mode = chat.mode
            self._editor.show(update_current_mode(chat.mode.value))
        if self._of_turn.calls:
            window = chat.model.window(ModelRole.MAIN)
            self._editor.show(usage_update(self._last, window.input_tokens, self._of_session))
        if (
            not self._has_title
            and not read_command(request)
            and (title := on_one_line(request, _TITLE_CHARS))
        ):
            self._has_title = True
            self._editor.show(SessionInfoUpdate(session_update="session_info_update", title=title))

    def _emit(self, event: Event) -> None:
        if not self._editor.session_id:
            if isinstance(event, Notice) and event.level != "info":
                self.notices.append(event.text)
            return
        match event:
            case ReplyEnded(reply, role) if not role.is_internal:
                self._last = reply.usage
            case TurnEnded(usage, session):
                self._of_turn, self._of_session = self._of_turn + usage, session
            case _:
                pass
        self._editor.show(*self._updates.of(event))

    def _require_context(self) -> CommandContext:
        if self._context is None:
            raise SessionError("The session is not open. Nothing was sent; open it again.")
        return self._context

    def _close(self) -> None:
        self._editor.session_id = ""  # what the end of a chat tells is not for the editor
        if self._context is not None:
            self._context.chat.close()


def _is_saved(path: Path, text: str) -> bool:
    """Whether a file holds just this text."""
    data = text.encode("utf-8", "replace")
    try:
        return read_regular(path, len(data) + 1, follow_links=True) == data
    except OSError:
        return False

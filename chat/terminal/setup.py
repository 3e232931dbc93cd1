"""[io] Settings and paths → a chat with someone at it: what the REPL and one shot have in common."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chat.commands.command import CommandContext
from chat.commands.table import run_line
from chat.display.input_line import quoted, read_command
from chat.errors import UsageError
from chat.events import Emit
from chat.ports import Person
from chat.settings.table import Settings

if TYPE_CHECKING:
    from chat.app.chat import Chat


class OpenChat(Protocol):
    """Puts the real ports together."""

    def __call__(self, settings: Settings, root: Path, emit: Emit, person: Person) -> "Chat": ...


def open_real_chat(settings: Settings, root: Path, emit: Emit, person: Person) -> "Chat":
    """The chat on this disk, with this network."""
    if _will_ask(settings):
        from chat.llm import lite_model as llm

        llm.CALLS.load()  # takes longest, so it begins first
    from chat.app.open import open_chat

    return open_chat(settings, root, emit, person)


def _will_ask(settings: Settings) -> bool:
    """Whether it is clear from the start that a model will be asked."""
    request = settings.message or settings.print
    shows = settings.show_repo_map or settings.show_prompts
    return bool(request or settings.message_file) and not shows and read_command(request) is None


def set_up(
    chat: "Chat", settings: Settings, paths: Sequence[str], at_terminal: bool, multiline: bool = False
) -> CommandContext:
    """A context at the chat, with the files of the command line in the chat and ``--load`` carried out.

    Raises InputError for a path that is not there.
    """
    context = CommandContext(chat, at_terminal, multiline=multiline)
    editable = (*paths, *settings.file)
    if editable:
        chat.files.add([_below(chat.root, path) for path in editable])
    if settings.read:
        chat.files.add([_below(chat.root, path) for path in settings.read], read_only=True)
    if settings.load:
        run_line(context, f"/load {quoted(settings.load)}")
    return context


def _below(root: Path, path: str) -> str:
    """A path of the command line, which is relative to the working directory, as the chat names it."""
    try:
        relative = os.path.relpath(os.path.abspath(path), os.path.abspath(root))
    except ValueError:  # on another drive
        return path
    outside = relative.split(os.sep)[0] == os.pardir
    return path if outside else relative.replace(os.sep, "/")


def one_request(settings: Settings) -> str:
    """The request of the command line, or "". Raises UsageError where there are several."""
    given = [text for text in (settings.message, settings.print, settings.message_file) if text]
    if len(given) > 1:
        raise UsageError("Give one of --message, --print and --message-file. Nothing was sent.")
    return settings.message or settings.print

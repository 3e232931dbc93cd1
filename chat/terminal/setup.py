"""[io] Opens a chat and prepares it from the command line, for the REPL and for a single request."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chat.commands.command import CommandContext
from chat.commands.table import run_line
from chat.display.input_line import quoted, read_command
from chat.errors import InputError, UsageError
from chat.events import Emit
from chat.model import ModelRole
from chat.ports import Person
from chat.settings.table import Settings

if TYPE_CHECKING:
    from chat.app.chat import Chat


class OpenChat(Protocol):
    """A function that opens a chat; tests pass their own."""

    def __call__(self, settings: Settings, root: Path, emit: Emit, person: Person) -> "Chat": ...


def open_real_chat(settings: Settings, root: Path, emit: Emit, person: Person) -> "Chat":
    """Open the chat with the real disk, network and shell."""
    if _will_call_model(settings):
        from chat.llm import lite_model as llm

        llm.CALLER.load()  # takes longest, so it starts first
    from chat.app.open import open_chat

    return open_chat(settings, root, emit, person)


def _will_call_model(settings: Settings) -> bool:
    """Whether the settings already show that a model will be called."""
    request = settings.message or settings.print or settings.input_format.removeprefix("text")
    only_shows = settings.show_repo_map or settings.show_prompts
    command = read_command(request)
    calls = settings.goal or (command.name == "goal" if command else request or settings.message_file)
    return bool(calls) and not only_shows


def set_up(
    chat: "Chat", settings: Settings, paths: Sequence[str], at_terminal: bool, multiline: bool = False
) -> CommandContext:
    """Add the files of the command line and of the settings to the chat, and run ``--load``.

    A file of the command line that does not exist is made. Raises InputError where it cannot be, or where its
    name looks like a word of a request. A file that the settings name and nobody has is a warning.
    """
    context = CommandContext(chat, at_terminal, multiline=multiline)
    is_flag = dict(settings.sources).get("file") == "--file"
    for path in (*paths, *(settings.file if is_flag else ())):
        _add_named(context, _relative(chat.root, path))
    for read_only, others in ((False, () if is_flag else settings.file), (True, settings.read)):
        for path in others:
            _add_if_there(context, path, read_only)
    if settings.verbose:
        context.say(_what_is_open(chat))
    if settings.load:
        run_line(context, f"/load {quoted(settings.load)}")
    return context


def _what_is_open(chat: "Chat") -> str:
    branch = f" on {chat.branch()}" if chat.branch() else ""
    session = f", session {chat.session_id}" if chat.session_id else ""
    files = [f"{file.path} ({file.tokens:,} tokens)" for file in chat.files.listed()]
    listed = f"\nfiles: {', '.join(files)}" if files else ""
    return f"{chat.root}{branch}, {chat.model.name(ModelRole.MAIN)}{session}{listed}"


def _add_named(context: CommandContext, path: str) -> None:
    """Add a file of the command line; make it where there is none and the name is evidently a file's."""
    files = context.chat.files
    if context.chat.settings.dry_run or not files.is_new(path):
        files.add([path])
    elif os.path.splitext(path)[1] or (
        context.at_terminal
        and context.chat.person.confirm(f"There is no file {path}.{files.similar(path)} Create it?")
    ):
        context.say(f"Created {files.create(path, from_root=True)}, which is empty.")
    else:
        raise InputError(
            f"There is no file {path} in {context.chat.root}. Nothing was sent; quote a request of several words, "
            f"or create the file.{files.similar(path)}"
        )


def _add_if_there(context: CommandContext, path: str, read_only: bool) -> None:
    """Add a file that the settings name; warn where there is none."""
    try:
        context.chat.files.add([_relative(context.chat.root, path)], read_only=read_only)
    except InputError as error:
        name = "read" if read_only else "file"
        source = dict(context.chat.settings.sources).get(name, f"--{name}")
        reason = str(error).removesuffix(" Nothing was added.")
        context.say(f"{reason} It was left out; {source} names it.", "warning")


def _relative(root: Path, path: str) -> str:
    """Turn a path relative to the working directory into one relative to the root, as the chat names it."""
    try:
        relative = os.path.relpath(os.path.abspath(path), os.path.abspath(root))
    except ValueError:  # on another drive
        return path
    is_outside = relative.split(os.sep)[0] == os.pardir
    return path if is_outside else relative.replace(os.sep, "/")


def one_request(settings: Settings) -> str:
    """The request on the command line, or "". Raises UsageError if there are several."""
    given = (settings.message, settings.print, settings.message_file, settings.goal)
    if sum(map(bool, given)) > 1:
        raise UsageError("Give only one of --message, --print, --message-file and --goal. Nothing was sent.")
    return f"/goal {settings.goal}" if settings.goal else settings.message or settings.print


def only_shows(settings: Settings) -> bool:
    """Whether no model is called."""
    return settings.show_repo_map or settings.show_prompts

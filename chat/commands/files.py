"""Commands about what the model is shown: the files of the chat, the map, lookups."""

from chat.commands.command import Command, CommandContext
from chat.display.event_text import count
from chat.display.input_line import split_words
from chat.errors import UsageError


def add(context: CommandContext, arguments: str) -> None:
    """Puts files into the chat, to be edited."""
    added = context.chat.files.add(_needed(arguments, "add"))
    context.say(_told("Added", added, "all of them were in the chat already"))


def read_only(context: CommandContext, arguments: str) -> None:
    """Puts files into the chat, to be read alone."""
    added = context.chat.files.add(_needed(arguments, "read-only"), read_only=True)
    context.say(_told("Added to be read only", added, "all of them were so already"))


def drop(context: CommandContext, arguments: str) -> None:
    """Takes files out of the chat: those named, or all."""
    context.say(
        _told("Dropped", context.chat.files.drop(split_words(arguments)), "no such file is in the chat")
    )


def list_files(context: CommandContext, arguments: str) -> None:
    """The files of the chat."""
    files = [file for file in context.chat.files.listed() if arguments in file.path]
    if not files:
        context.say("No file is in the chat. /add PATH adds one; the model also asks for what it needs.")
        return
    width = max(len(file.path) for file in files)
    for_editing = [_row(file.path, width, file.tokens, file.part) for file in files if not file.read_only]
    for_reading = [_row(file.path, width, file.tokens, file.part) for file in files if file.read_only]
    sections = (("To be edited:", for_editing), ("Read only:", for_reading))
    context.show("\n".join("\n".join([title, *rows]) for title, rows in sections if rows))


def show_map(context: CommandContext, arguments: str) -> None:
    """The map that the prompt shows, or one for these words."""
    text = context.chat.index.answer(f"map: {arguments}") if arguments else context.chat.prompt.map()
    context.show(text or "The map is empty: --map-tokens is 0, or the folder holds no file.")


def refresh_map(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """The map, made anew."""
    context.show(context.chat.prompt.map(refresh=True) or "The map is empty.")


def find(context: CommandContext, arguments: str) -> None:
    """Lines that hold a text."""
    context.show(context.chat.index.answer(f"find: {_text(arguments, 'find')}"))


def refs(context: CommandContext, arguments: str) -> None:
    """Where a name is used."""
    context.show(context.chat.index.answer(f"refs: {_text(arguments, 'refs')}"))


def show(context: CommandContext, arguments: str) -> None:
    """The text of a definition or of lines."""
    context.show(context.chat.index.answer(f"show: {_text(arguments, 'show')}"))


def _needed(arguments: str, name: str) -> tuple[str, ...]:
    words = split_words(arguments)
    if not words:
        raise UsageError(f"/{name} needs at least one path. Nothing was added; see /help {name}.")
    return words


def _text(arguments: str, name: str) -> str:
    if not arguments:
        raise UsageError(f"/{name} needs something to look for; see /help {name}.")
    return " ".join(arguments.split())


def _told(verb: str, paths: tuple[str, ...], nothing: str) -> str:
    return f"{verb} {', '.join(paths)}." if paths else f"Nothing to do: {nothing}."


def _row(path: str, width: int, tokens: int, part: bool) -> str:
    return f"  {path:<{width}}  {count(tokens):>5} tokens" + (", in part" if part else "")


_PATTERNS = (
    "A path, a folder, a glob such as `src/**/*.py`, or lines as `path:10-40`. Quote names with spaces."
)

TABLE = (
    Command("add", "PATH…", "Put files into the chat, to be edited.", add, _PATTERNS, completes="paths"),
    Command(
        "drop",
        "[PATH…]",
        "Take files out of the chat: these, or all.",
        drop,
        "A path, a folder or a glob.",
        completes="chat files",
    ),
    Command(
        "read-only",
        "PATH…",
        "Put files into the chat that must not be edited.",
        read_only,
        f"{_PATTERNS} An edit of such a file is refused, whatever the model says.",
        ("read",),
        completes="paths",
    ),
    Command(
        "ls", "[PART]", "List the files of the chat and what they cost.", list_files, completes="chat files"
    ),
    Command(
        "map",
        "[WORDS]",
        "Show the map that the model sees, or one for WORDS.",
        show_map,
        "WORDS may be a folder. What is shown is not sent anywhere.",
    ),
    Command("map-refresh", "", "Make the map anew and show it.", refresh_map),
    Command(
        "find",
        "TEXT",
        "Show the lines that hold a text or match a /pattern/.",
        find,
        completes="symbols",
    ),
    Command("refs", "NAME", "Show where the code uses a name.", refs, completes="symbols"),
    Command(
        "show",
        "NAME|PATH:FROM-TO",
        "Show a definition, or lines of a file.",
        show,
        completes="symbols",
    ),
)
"""In the order of `/help`."""

"""Commands for what the model is shown: the files of the chat, the map, lookups."""

from chat.commands.command import Command, CommandContext
from chat.display.amounts import token_count
from chat.display.input_line import split_words
from chat.errors import UsageError


def add(context: CommandContext, arguments: str) -> None:
    """Add files for editing; offer to make one that does not exist."""
    files = context.chat.files
    names = _needed(arguments, "add")
    for name in filter(files.is_new, names if context.at_terminal else ()):
        if context.chat.person.confirm(f"There is no file {name}.{files.similar(name)} Create it?"):
            context.say(f"Created {files.create(name)}, which is empty.")
    added = files.add(names)
    context.say(_report("Added", added, "all of them are in the chat already"))


def read_only(context: CommandContext, arguments: str) -> None:
    """Add files for reading only."""
    added = context.chat.files.add(_needed(arguments, "read-only"), read_only=True)
    context.say(_report("Added read-only:", added, "all of them are read-only already"))


def drop(context: CommandContext, arguments: str) -> None:
    """Remove these files, or all."""
    names, files = split_words(arguments), context.chat.files
    dropped = files.drop(names)
    idle = "no such file is in the chat" if names else "there are no files in the chat"
    in_chat = ", ".join(file.path for file in files.listed()) if names and not dropped else ""
    context.say(_report("Dropped", dropped, f"{idle}, which has {in_chat}" if in_chat else idle))


def list_files(context: CommandContext, arguments: str) -> None:
    """List the files of the chat."""
    files = [file for file in context.chat.files.listed() if arguments in file.path]
    if not files:
        context.say(
            "There are no files in the chat. Add one with /add PATH, or let the model ask for what it needs."
        )
        return
    width = max(len(file.path) for file in files)
    for_editing = [_row(file.path, width, file.tokens, file.part) for file in files if not file.read_only]
    for_reading = [_row(file.path, width, file.tokens, file.part) for file in files if file.read_only]
    sections = (("For editing:", for_editing), ("Read-only:", for_reading))
    context.show("\n".join("\n".join([title, *rows]) for title, rows in sections if rows))


def show_map(context: CommandContext, arguments: str) -> None:
    """Show the map of the prompt, or one for these words."""
    text = context.chat.index.answer(f"map: {arguments}") if arguments else context.chat.prompt.map()
    context.show(text or "The map is empty: --map-tokens is 0, or the folder has no files.")


def refresh_map(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Remake the map and show it."""
    context.show(context.chat.prompt.map(refresh=True) or "The map is empty.")


def find(context: CommandContext, arguments: str) -> None:
    """Show the lines that contain a text."""
    context.show(context.chat.index.answer(f"find: {_text(arguments, 'find')}"))


def refs(context: CommandContext, arguments: str) -> None:
    """Show where a name is used."""
    context.show(context.chat.index.answer(f"refs: {_text(arguments, 'refs')}"))


def show(context: CommandContext, arguments: str) -> None:
    """Show a definition, or lines of a file."""
    context.show(context.chat.index.answer(f"show: {_text(arguments, 'show')}"))


def _needed(arguments: str, name: str) -> tuple[str, ...]:
    words = split_words(arguments)
    if not words:
        raise UsageError(f"/{name} needs at least one path. Nothing was added; see /help {name}.")
    return words


def _text(arguments: str, name: str) -> str:
    if not arguments:
        raise UsageError(f"/{name} needs something to look for. See /help {name}.")
    return " ".join(arguments.split())


def _report(verb: str, paths: tuple[str, ...], why_none: str) -> str:
    return f"{verb} {', '.join(paths)}." if paths else f"Nothing to do: {why_none}."


def _row(path: str, width: int, tokens: int, part: bool) -> str:
    return f"  {path:<{width}}  {token_count(tokens):>5} tokens" + (", partly shown" if part else "")


_PATTERNS = (
    "A path, a folder, a glob such as `src/**/*.py`, or lines such as `path:10-40`. Quote names with spaces."
)

TABLE = (
    Command("add", "PATH…", "Add files to the chat for editing.", add, more=_PATTERNS, completes="paths"),
    Command(
        "drop",
        "[PATH…]",
        "Remove these files from the chat, or all.",
        drop,
        more="A path, a folder or a glob.",
        completes="chat files",
    ),
    Command(
        "read-only",
        "PATH…",
        "Add files to the chat that must not be edited.",
        read_only,
        more=f"{_PATTERNS} Edits of such a file are refused, whatever the model says. It may be outside the "
        "repository: `~/conventions.md`.",
        aliases=("read",),
        completes="paths",
    ),
    Command(
        "ls", "[PART]", "List the files of the chat with their tokens.", list_files, completes="chat files"
    ),
    Command(
        "map",
        "[FOLDER] [WORDS]",
        "Show the map that the model sees, or one for WORDS.",
        show_map,
        more="With FOLDER, of that folder alone. Nothing is sent to the model.",
    ),
    Command("map-refresh", "", "Remake the map and show it.", refresh_map),
    Command(
        "find",
        "TEXT",
        "Show the lines with a text, or that match a /pattern/.",
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

"""Commands about the conversation: its cost, its past, what is remembered, what is typed."""

import os
import re
from collections.abc import Iterable, Sequence

from chat.commands.clipboard import find_clipboard, read_clipboard, write_clipboard
from chat.commands.command import Command, CommandContext
from chat.commands.models import in_mode
from chat.display.event_text import count, usd
from chat.display.input_line import quoted, split_words
from chat.errors import InputError, UsageError
from chat.events import Copied
from chat.model import Mode, ModelRole, Usage
from chat.sessions.recent import session_table

_CHOOSE = """Which files have to be seen or changed for what follows? Name each by its full path, one a line, \
with half a line on why. Name only files that are needed, and change nothing.

{request}"""


def clear(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Forgets what was said."""
    context.chat.conversation.clear()
    context.say("The conversation begins anew; the files stay in the chat.")


def reset(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Forgets what was said, and the files."""
    context.chat.conversation.reset()
    context.say("The conversation begins anew, with no file in the chat.")


def compact(context: CommandContext, arguments: str) -> None:
    """Replaces what is past by a summary."""
    context.say(context.chat.conversation.compact(arguments))


def uncompact(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Brings back what a summary replaced."""
    context.say(context.chat.conversation.uncompact())


def choose_files(context: CommandContext, arguments: str) -> None:
    """Has the model choose the files for a request."""
    if not arguments:
        raise UsageError("/context needs the request that files are wanted for. Nothing was asked.")
    known = set(context.chat.index.paths())
    there = {file.path for file in context.chat.files.listed()}
    in_mode(context, Mode.ASK, _CHOOSE.format(request=arguments))
    named = dict.fromkeys(re.findall(r"[\w./+@-]+", context.answer))
    paths = [path for path in (name.rstrip(".") for name in named) if path in known - there]
    added = context.chat.files.add(paths) if paths else ()
    context.say(
        f"Added {', '.join(added)}." if added else "The answer names no further file; none was added."
    )


def focus(context: CommandContext, arguments: str) -> None:
    """Begins an exploration."""
    if not arguments:
        raise UsageError("/focus needs to be told on what. Nothing was done; see /help focus.")
    context.say(context.chat.conversation.explore(arguments))


def done(context: CommandContext, arguments: str) -> None:
    """Ends an exploration."""
    if not arguments:
        raise UsageError("/done needs the conclusion that is to stay. Nothing was done; see /help focus.")
    context.say(context.chat.conversation.conclude(arguments))


def remember(context: CommandContext, arguments: str) -> None:
    """Keeps a note for later sessions."""
    if not arguments:
        raise UsageError("/remember needs the text to keep. Nothing was kept.")
    context.say(context.chat.notes.add(arguments))


def memory(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """The notes that are kept."""
    context.show(context.chat.notes.text() or "Nothing is remembered yet; /remember TEXT keeps a note.")


def sessions(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """The sessions of this folder."""
    context.show(session_table(context.chat.root))


def tokens(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """The prompt by parts."""
    *parts, ceiling = context.chat.prompt.parts()
    total = sum(part.tokens for part in parts)
    known = [part.usd for part in parts if part.usd is not None]
    rows = [
        (part.name, f"{part.tokens:,}", _share(part.tokens, ceiling.tokens), _usd(part.usd)) for part in parts
    ]
    rows += [
        ("in all", f"{total:,}", _share(total, ceiling.tokens), _usd(sum(known) if known else None)),
        (ceiling.name, f"{ceiling.tokens:,}", "", ""),
    ]
    context.show(_table(("part", "tokens", "share", "cost uncached"), rows))


def cost(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """What was spent, by role and by turn."""
    by_role = context.chat.usage()
    heads = ("calls", "in", "cached", "out", "cost")
    rows = [(role.value, *_spent(by_role[role])) for role in ModelRole if role in by_role]
    rows.append(("session", *_spent(sum(by_role.values(), Usage()))))
    text = _table(("model", *heads), rows)
    if context.turns:
        turns = [(str(number), *_spent(taken.usage)) for number, taken in enumerate(context.turns, 1)]
        text += "\n\n" + _table(("turn", *heads), turns) + "\n\nTurns are counted since the program started."
    context.show(text)


def save(context: CommandContext, arguments: str) -> None:
    """Writes commands that bring back files, models and mode."""
    (path,) = _one_path(arguments, "save")
    if os.path.exists(path) and not context.chat.person.confirm(f"{path} exists. Write over it?"):
        raise UsageError(f"{path} exists, so nothing was saved; choose another name.")
    lines = _setup(context)
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; nothing was saved. Choose another place.") from error
    context.say(f"Saved to {path}; /load {quoted(path)} brings it back.")


def _setup(context: CommandContext) -> list[str]:
    chosen = context.chat.settings
    models = (
        ("model", chosen.model),
        ("weak-model", chosen.weak_model),
        ("editor-model", chosen.editor_model),
    )
    files = [
        f"/{'read-only' if file.read_only else 'add'} {quoted(file.path)}"
        for file in context.chat.files.listed()
    ]
    return [*(f"/{name} {value}" for name, value in models if value), f"/{context.chat.mode.value}", *files]


def editor(context: CommandContext, arguments: str) -> None:
    """Has a message written in an editor, and sends it."""
    text = context.edit(arguments).strip()
    if text:
        context.send(text)
    else:
        context.say("The message is empty, so nothing was sent.")


def paste(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Puts the clipboard's text into the next message."""
    text = read_clipboard(context.chat.shell, find_clipboard())
    if text is None:
        context.say(
            "The clipboard cannot be read from here; paste with the keys of your terminal.", "warning"
        )
    elif text.strip():
        context.prefill = text.rstrip("\n")
    else:
        context.say("The clipboard holds no text.")


def copy(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Puts the last answer into the clipboard."""
    if not context.answer:
        raise UsageError("There is no answer yet, so nothing was copied.")
    context.chat.emit(Copied(context.answer))
    there = write_clipboard(context.chat.shell, find_clipboard(), context.answer)
    how = "" if there else ", if your terminal lets programs write its clipboard (OSC 52)"
    context.say(f"Copied the last answer, {len(context.answer)} characters{how}.")


def multiline(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Turns the meaning of Enter around."""
    context.multiline = not context.multiline
    now = (
        "Enter makes a new line, Alt-Enter sends"
        if context.multiline
        else "Enter sends, Alt-Enter makes a new line"
    )
    context.say(f"{now}.")


def _one_path(arguments: str, name: str) -> tuple[str, ...]:
    words = split_words(arguments)
    if len(words) != 1:
        raise UsageError(f"/{name} needs the name of one file. Nothing was done; quote a name with spaces.")
    return words


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _usd(amount: float | None) -> str:
    return "" if amount is None else usd(amount)


def _spent(usage: Usage) -> tuple[str, str, str, str, str]:
    tokens = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
    prompt, cached, completion = (count(number) for number in tokens)
    price = "unknown" if usage.cost_usd is None else usd(usage.cost_usd)
    return str(usage.calls), prompt, cached, completion, price


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns of text: the first to the left, numbers to the right."""
    every = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(row[column]) for row in every) for column in range(len(heads))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in every
    )


TABLE = (
    Command("tokens", "", "Show what the prompt consists of, against its ceiling.", tokens),
    Command("cost", "", "Show what was spent, by model and by turn.", cost),
    Command(
        "context",
        "TEXT",
        "Have the model choose the files for a request.",
        choose_files,
        "The files that its answer names are added to the chat; nothing is changed.",
    ),
    Command("clear", "", "Begin the conversation anew; the files stay.", clear),
    Command("reset", "", "Begin anew, without files.", reset),
    Command(
        "compact",
        "[WHAT MATTERS]",
        "Replace what is past by a summary.",
        compact,
        "The prompt gets small. The transcript stays on disk, and /uncompact brings it back into the prompt.",
    ),
    Command("uncompact", "", "Bring back what the last summary replaced.", uncompact),
    Command(
        "focus",
        "WHAT",
        "Begin an exploration that /done takes out again.",
        focus,
        "Ask and look around as you like. /done CONCLUSION ends it: what was said since leaves the prompt, the "
        "conclusion stays.",
    ),
    Command("done", "CONCLUSION", "End an exploration; its conclusion stays.", done),
    Command("remember", "TEXT", "Keep a note that later sessions will see, too.", remember),
    Command("memory", "", "Show the notes that are kept.", memory),
    Command("sessions", "", "List the sessions of this folder.", sessions),
    Command(
        "save",
        "FILE",
        "Write commands that bring back files, models, mode.",
        save,
        completes="paths",
    ),
    Command(
        "editor",
        "[TEXT]",
        "Write the next message in your editor.",
        editor,
        "The editor is --editor, else VISUAL, else EDITOR. An empty message is not sent.",
        ("edit",),
        needs_terminal=True,
    ),
    Command(
        "paste",
        "",
        "Put the clipboard's text into the next message.",
        paste,
        "It is sent when you have looked at it and press Enter.",
        needs_terminal=True,
    ),
    Command("copy", "", "Put the last answer into the clipboard.", copy, needs_terminal=True),
    Command(
        "multiline",
        "",
        "Exchange the keys that send and that make a line.",
        multiline,
        "Enter sends and Alt-Enter makes a new line, or the other way round.",
        aliases=("multiline-mode",),
        needs_terminal=True,
    ),
)
"""In the order of `/help`."""

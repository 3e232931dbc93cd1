"""Commands for the conversation: cost, summaries, notes, sessions, and how messages are typed."""

import os
import platform
from functools import partial

from chat.commands.clipboard import find_clipboard, read_clipboard, write_clipboard
from chat.commands.command import Command, CommandContext
from chat.display.amounts import token_count, usd, usd_if_known
from chat.display.input_line import quoted, split_words
from chat.display.program import program_version
from chat.display.text_table import text_table
from chat.errors import InputError, UsageError
from chat.events import Copied
from chat.model import Mode, ModelRole, Usage
from chat.settings.display import describe

_CHOOSE = """Which files have to be read or changed for the request below? Give the full path of each, one per line, \
with a few words on why. Name only files that are needed, and change nothing.

{request}"""


def clear(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Forget the conversation, keep the files."""
    context.chat.conversation.clear()
    context.say("Started a new conversation. The files stay in the chat.")


def reset(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Forget the conversation and the files."""
    context.chat.conversation.reset()
    context.say("Started a new conversation without files.")


def compact(context: CommandContext, arguments: str) -> None:
    """Replace the past conversation with a summary."""
    with context.around_work():
        said = context.chat.conversation.compact(arguments)
    context.say(said)


def uncompact(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Restore what the last summary replaced."""
    context.say(context.chat.conversation.uncompact())


def choose_files(context: CommandContext, arguments: str) -> None:
    """Let the model choose the files for a request."""
    if not arguments:
        raise UsageError("/context needs a request to choose files for. See /help context.")
    answer = context.send(_CHOOSE.format(request=arguments), Mode.ASK, names_files=True).text
    added = context.chat.files.add(context.chat.index.paths_in(answer))
    context.say(
        f"Added {', '.join(added)}." if added else "The answer names no other files, so none were added."
    )


def focus(context: CommandContext, arguments: str) -> None:
    """Begin an exploration."""
    if not arguments:
        raise UsageError("/focus needs a topic. See /help focus.")
    context.say(context.chat.conversation.explore(arguments))


def done(context: CommandContext, arguments: str) -> None:
    """End an exploration."""
    if not arguments:
        raise UsageError("/done needs a conclusion to keep. The exploration goes on; see /help focus.")
    context.say(context.chat.conversation.conclude(arguments))


def remember(context: CommandContext, arguments: str) -> None:
    """Keep a note for later sessions."""
    if not arguments:
        raise UsageError("/remember needs a text. Nothing was kept.")
    context.say(context.chat.notes.add(arguments))


def memory(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Show the notes."""
    context.show(context.chat.notes.text() or "There are no notes yet. /remember TEXT keeps one.")


def sessions(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """List the sessions of this folder."""

    from chat.sessions.recent import session_table

    context.show(session_table(context.chat.root))


def tag(context: CommandContext, arguments: str, *, remove: bool = False) -> None:
    """Tag the session, or take a tag away."""
    words = split_words(arguments)
    if len(words) != 1:
        raise UsageError(f"/{'untag' if remove else 'tag'} needs one word. Nothing changed.")
    conversation = context.chat.conversation
    context.say(conversation.untag(words[0]) if remove else conversation.tag(words[0]))


def tokens(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Show the parts of the prompt."""
    *parts, ceiling = context.chat.prompt.parts()
    total = sum(part.tokens for part in parts)
    known = [part.usd for part in parts if part.usd is not None]
    rows = [
        (part.name, f"{part.tokens:,}", _share(part.tokens, ceiling.tokens), _usd(part.usd)) for part in parts
    ]
    rows += [
        ("total", f"{total:,}", _share(total, ceiling.tokens), _usd(sum(known) if known else None)),
        (ceiling.name, f"{ceiling.tokens:,}", "", ""),
    ]
    context.show(text_table((("part", "tokens", "share", "cost uncached"), *rows), "<>"))


def cost(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Show what was spent, by model and by turn."""
    by_role = context.chat.usage()
    heads = ("calls", "in", "cached", "out", "cost")
    rows = [(role.value, *_spent(by_role[role])) for role in ModelRole if role in by_role]
    rows.append(("session", *_spent(sum(by_role.values(), Usage()))))
    text = text_table((("model", *heads), *rows), "<>")
    if context.turns:
        turns = [(str(number), *_spent(turn.usage)) for number, turn in enumerate(context.turns, 1)]
        text += (
            "\n\n"
            + text_table((("turn", *heads), *turns), "<>")
            + "\n\nTurns are counted from the start of the program."
        )
    context.show(text)


def save(context: CommandContext, arguments: str) -> None:
    """Write commands that restore the files, models and mode."""
    (path,) = _one_path(arguments, "save")
    if os.path.exists(path) and not context.chat.person.confirm(f"{path} exists. Overwrite it?"):
        raise UsageError(f"{path} exists. Nothing was saved; choose another name.")
    lines = _setup(context)
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}. Nothing was saved; choose another file.") from error
    context.say(f"Saved to {path}. /load {quoted(path)} restores it.")


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
    """Open an editor for a message, and send it."""
    text = context.edit(arguments).strip()
    if text:
        context.send(text)
    else:
        context.say("The message is empty. Nothing was sent.")


def paste(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Put the clipboard into the next message."""
    text = read_clipboard(context.chat.shell, find_clipboard())
    if text is None:
        context.say(
            "The clipboard cannot be read from here. Paste with the keys of your terminal.", "warning"
        )
    elif text.strip():
        context.prefill = text.rstrip("\n")
    else:
        context.say("The clipboard has no text.")


def copy_context(context: CommandContext, arguments: str) -> None:
    """Copy the prompt of a request, for a model elsewhere."""
    text = context.chat.prompt.text(arguments)
    context.chat.emit(Copied(text))
    is_certain = write_clipboard(context.chat.shell, find_clipboard(), text)
    condition = "" if is_certain else ", if your terminal lets programs write its clipboard (OSC 52)"
    context.say(
        f"Copied the prompt, {len(text)} characters{condition}. `trigpoint apply` applies the edits of a reply."
    )


def report(context: CommandContext, arguments: str) -> None:
    """Show what a report of a fault needs."""
    chat = context.chat
    changed_settings = (row for row in describe(chat.settings) if row.source != "default")
    lines = [
        f"Trigpoint {program_version()}, Python {platform.python_version()}, {platform.platform()}",
        f"model: {chat.model.name(ModelRole.MAIN) or 'none'}; mode: {chat.mode.value}",
        *(f"{row.name} = {row.value}  # {row.source}" for row in changed_settings),
    ]
    context.show("\n".join([*([arguments, ""] if arguments else []), *lines]))
    context.say("Nothing was sent. Look it through before you pass it on.")


def copy(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Copy the last answer to the clipboard."""
    if not context.answer:
        raise UsageError("There is no answer yet. Nothing was copied.")
    context.chat.emit(Copied(context.answer))
    is_certain = write_clipboard(context.chat.shell, find_clipboard(), context.answer)
    condition = "" if is_certain else ", if your terminal lets programs write its clipboard (OSC 52)"
    context.say(f"Copied the last answer, {len(context.answer)} characters{condition}.")


def multiline(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Swap the keys that send and that start a new line."""
    context.multiline = not context.multiline
    if context.multiline:
        context.say("Enter starts a new line, Alt-Enter sends.")
    else:
        context.say("Enter sends, Alt-Enter starts a new line.")


def _one_path(arguments: str, name: str) -> tuple[str, ...]:
    words = split_words(arguments)
    if len(words) != 1:
        raise UsageError(f"/{name} needs the name of one file. Quote a name with spaces.")
    return words


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _usd(amount: float | None) -> str:
    return "" if amount is None else usd(amount)


def _spent(usage: Usage) -> tuple[str, str, str, str, str]:
    tokens = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
    prompt, cached, completion = (token_count(number) for number in tokens)
    return str(usage.calls), prompt, cached, completion, usd_if_known(usage.cost_usd)


TABLE = (
    Command("tokens", "", "Show the parts of the prompt, and the most it may have.", tokens),
    Command("cost", "", "Show what was spent, by model and by turn.", cost),
    Command(
        "context",
        "TEXT",
        "Let the model choose the files for a request.",
        choose_files,
        more="The files that its answer names are added to the chat. Nothing is changed.",
    ),
    Command("clear", "", "Start a new conversation; keep the files.", clear),
    Command("reset", "", "Start a new conversation without files.", reset),
    Command(
        "compact",
        "[WHAT MATTERS]",
        "Replace the past conversation with a summary.",
        compact,
        more="The prompt gets small. The transcript stays on disk, and /uncompact restores the prompt.",
    ),
    Command("uncompact", "", "Restore what the last summary replaced.", uncompact),
    Command(
        "focus",
        "TOPIC",
        "Begin an exploration that /done removes again.",
        focus,
        more="Ask and look around as you like. /done CONCLUSION ends it: what was said since leaves the prompt, the "
        "conclusion stays.",
    ),
    Command("done", "CONCLUSION", "End an exploration; keep only its conclusion.", done),
    Command("remember", "TEXT", "Keep a note for later sessions.", remember),
    Command("memory", "", "Show the notes.", memory),
    Command("sessions", "", "List the sessions of this folder.", sessions),
    Command("tag", "TAG", "Tag this session, for `trigpoint sessions --tag TAG`.", tag),
    Command("untag", "TAG", "Remove a tag from this session.", partial(tag, remove=True)),
    Command(
        "save",
        "FILE",
        "Write commands that restore files, models and mode.",
        save,
        completes="paths",
    ),
    Command(
        "editor",
        "[TEXT]",
        "Write the next message in your editor.",
        editor,
        more="The editor is --editor, else VISUAL, else EDITOR. An empty message is not sent.",
        aliases=("edit",),
        needs_terminal=True,
    ),
    Command(
        "paste",
        "",
        "Put the clipboard into the next message.",
        paste,
        more="Look at it, then press Enter to send it.",
        needs_terminal=True,
    ),
    Command("copy", "", "Copy the last answer to the clipboard.", copy, needs_terminal=True),
    Command(
        "copy-context",
        "[TEXT]",
        "Copy the prompt of a request, for a model elsewhere.",
        copy_context,
        more="`trigpoint apply` applies the edits of the reply that you get there.",
        needs_terminal=True,
    ),
    Command(
        "report",
        "[TEXT]",
        "Show version, system, model and changed settings, for a report of a fault.",
        report,
        more="Nothing is sent; keys are not shown.",
    ),
    Command(
        "multiline",
        "",
        "Swap the keys that send and that start a new line.",
        multiline,
        more="Enter sends and Alt-Enter starts a new line, or the other way round.",
        aliases=("multiline-mode",),
        needs_terminal=True,
    ),
)
"""In the order of `/help`."""

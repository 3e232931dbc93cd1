"""[io] What precedes the conversation in every prompt: the rules, the pinned texts, the overview map."""

from dataclasses import replace
from typing import Literal

from chat.conversation.prompt_texts import system_text
from chat.model import Message, Mode
from chat.prompt.maps import is_new_map_due, overview_map
from chat.settings.table import Settings
from chat.state.state import State

_DEFAULT_FORMAT = "diff"


def edit_format(settings: Settings) -> str:
    """Return the format in which the model is to write its edits."""
    return _DEFAULT_FORMAT if settings.edit_format == "auto" else settings.edit_format


def editor_edit_format(settings: Settings) -> str:
    """Return the format in which the editor model is to write its edits."""
    chosen = settings.editor_edit_format
    return edit_format(settings) if chosen == "auto" else chosen


def base_messages(state: State, *, with_overview: bool) -> tuple[Message, ...]:
    """Return the messages that precede the log: the rules, the pinned texts, the overview map."""
    settings = state.settings
    mode = state.conversation.mode
    mode = mode if state.may_edit or mode is Mode.ASK else Mode.ARCHITECT
    parts = [system_text(edit_format(settings), mode, settings.chat_language, _commands(state))]
    parts += [f"# {title}\n{text}" for title, text in state.prompt.pinned]
    parts += [overview_map(state).text] if with_overview else []
    return (Message("system", "\n\n".join(part.strip("\n") for part in parts if part)),)


def _commands(state: State) -> Literal["any", "look", ""]:
    """Return which commands the model may ask for."""
    if not state.may_run_commands:
        return ""
    return "any" if state.may_edit else "look"


def prepare(state: State) -> None:
    """Make the beginning of the prompt if there is none, or a new map if the settings ask for one."""
    when = state.settings.map_refresh
    files = tuple(file.path for file in state.conversation.files)
    if not state.conversation.base:
        base = base_messages(state, with_overview=_has_overview(state.settings))
        state.writer.put(replace(state.conversation, base=base))
    elif when == "always" or (when == "files" and is_new_map_due(state, files)):
        renew_rules(state)


def renew_rules(state: State) -> None:
    """Replace the rules and the overview map; what a rebuild left after them stays."""
    conversation = state.conversation
    if conversation.base:
        rules = base_messages(state, with_overview=_has_overview(state.settings))
        if rules != conversation.base[:1]:
            state.writer.put(replace(conversation, base=(*rules, *conversation.base[1:])))


def _has_overview(settings: Settings) -> bool:
    """Whether more than one request is to be expected, for which an overview map pays."""
    one_shot = bool(settings.message or settings.print or settings.message_file)
    return not one_shot or settings.continue_session or bool(settings.resume)

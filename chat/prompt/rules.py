"""[io] What precedes the conversation in every prompt: the rules, the pinned texts, the overview map."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from chat.conversation.prompt_texts import (
    ANSWER_FORM,
    APPENDED,
    FORMAT_CHANGED,
    format_in,
    format_text,
    system_text,
)
from chat.model import Message, Mode, RepoPath
from chat.prompt.budget import whole_file_tokens
from chat.prompt.maps import is_new_map_due, overview_map
from chat.settings.table import Settings
from chat.state.active_settings import ActiveSettings
from chat.state.state import State
from chat.state.tokens import count

_FAILURES = 2
"""After this many replies in a row whose edits fit nowhere, another format is tried."""
_TITLES = tuple(text.partition("\n")[0] for text in (APPENDED, ANSWER_FORM))


def editor_edit_format(active: ActiveSettings) -> str:
    """Return the format in which the editor model is to write its edits."""
    chosen = active.settings.editor_edit_format
    return active.edit_format() if chosen == "auto" else chosen


def base_messages(state: State, *, with_overview: bool) -> tuple[Message, ...]:
    """Return the messages that precede the log: the rules, the pinned texts, the overview map."""
    settings = state.settings
    mode = state.conversation.mode
    mode = mode if state.may_edit or mode is Mode.ASK else Mode.ARCHITECT
    agents = state.ports.agents.offered() if state.ports.agents is not None else ()
    parts = [system_text(state.active.edit_format(), mode, settings.chat_language, _commands(state), agents)]
    parts += [f"# {title}\n{text}" for title, text in state.prompt.pinned]
    parts += _of_this_run(settings)
    parts += [overview_map(state).text] if with_overview else []
    return (Message("system", "\n\n".join(part.strip("\n") for part in parts if part)),)


def _of_this_run(settings: Settings) -> list[str]:
    """Return what the settings add to the rules, which an earlier run of a resumed session need not have had."""
    appended, schema = settings.append_system_prompt, settings.json_schema
    parts = [APPENDED.format(text=appended)] if appended.strip() else []
    return [*parts, ANSWER_FORM.format(schema=schema)] if schema else parts


def _adopt_run(state: State) -> None:
    """Renew the rules of a resumed prompt where the settings add something else to them than those of the last run."""
    base = state.conversation.base
    if not base:
        return
    rules, added = base[0].text, _of_this_run(state.settings)
    titles = sum(f"{title}\n" in rules for title in _TITLES)
    if titles != len(added) or any(part not in rules for part in added):
        renew_rules(state)


def _commands(state: State) -> Literal["any", "look", ""]:
    """Return which commands the model may ask for."""
    if not state.may_run_commands:
        return ""
    return "look" if state.only_looks else "any"


def prepare(state: State) -> None:
    """Make the beginning of the prompt if there is none, or a new map if the settings ask for one."""
    when = state.settings.map_refresh
    files = tuple(file.path for file in state.conversation.files)
    _adopt_format(state)
    _adopt_run(state)
    if not state.conversation.base:
        base = base_messages(state, with_overview=_has_overview(state.settings))
        state.writer.put(replace(state.conversation, base=base))
    elif when == "always" or (when == "files" and is_new_map_due(state, files)):
        renew_rules(state)


def _adopt_format(state: State) -> None:
    """Keep to the format that the rules of a resumed prompt describe, or renew them where another one is set."""
    base, active = state.conversation.base, state.active
    written = format_in(base[0].text) if base else ""
    if not written or written == active.edit_format():
        return
    if state.settings.edit_format == "auto":
        active.adapted_format = written
    else:
        renew_rules(state)


def after_failed_edits(state: State, paths: Iterable[RepoPath]) -> str:
    """Count a reply whose edits of these files fit nowhere; after two in a row, change to another format.

    Returns what the model is to be told then, else "". A format that the settings name is kept.
    """
    active = state.active
    active.failed_replies += 1
    if active.failed_replies < _FAILURES or state.settings.edit_format != "auto" or active.adapted_format:
        return ""
    before = active.edit_format()
    active.adapted_format = _other_format(state, before, paths)
    renew_rules(state)
    state.ports.notice(
        f"Edits in the format {before} did not fit twice, so the model is asked for {active.adapted_format} from "
        f"now on. --edit-format {before} keeps to it."
    )
    return FORMAT_CHANGED.format(form=format_text(active.adapted_format))


def _other_format(state: State, before: str, paths: Iterable[RepoPath]) -> str:
    """Whole files where they are small; else the form that is least like the one before."""
    texts = [state.ports.workspace.text(path) or "" for path in paths]
    is_small = sum(map(count, texts)) <= whole_file_tokens(state.active)
    if texts and is_small and before != "whole":
        return "whole"
    return "udiff" if before in ("diff", "diff-fenced") else "diff"


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

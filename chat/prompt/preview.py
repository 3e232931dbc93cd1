"""What the next call would send: its base made when it is missing, its text, its parts and their size."""

from dataclasses import replace

from chat.model import Message, ModelRole
from chat.prompt import context
from chat.results import TokenPart
from chat.settings.table import Settings
from chat.state.state import State
from chat.state.tokens import count, prompt_tokens


def prepare(state: State) -> None:
    """Makes the base of the prompt where there is none, and its map where the settings want a new one."""
    when, files = state.settings.map_refresh, tuple(seen.path for seen in state.conversation.files)
    if not state.conversation.base:
        state.writer.put(
            replace(state.conversation, base=context.base(state, stable_map=_goes_on(state.settings)))
        )
    elif when == "always" or (when == "files" and context.is_new_map_due(state, files)):
        renew_rules(state)


def renew_rules(state: State) -> None:
    """Writes the rules and the stable map anew; what a rebuild left behind them stays."""
    conversation = state.conversation
    if conversation.base:
        first = context.base(state, stable_map=_goes_on(state.settings))
        if first != conversation.base[:1]:
            state.writer.put(replace(conversation, base=(*first, *conversation.base[1:])))


def _goes_on(settings: Settings) -> bool:
    """Whether more than one request is to be expected, for which a stable map pays."""
    one_shot = bool(settings.message or settings.print or settings.message_file)
    return not one_shot or settings.continue_session or bool(settings.resume)


class PromptPreview:
    """The prompt of the next call, before it is sent."""

    def __init__(self, state: State) -> None:
        self._state = state

    def map(self, *, refresh: bool = False) -> str:
        """The map that the next prompt would show; ``refresh`` looks at the disk and makes it anew."""
        state = self._state
        if refresh:
            state.ports.workspace.ask(lambda index: index.refresh())
            state.prompt.request_map = None
            renew_rules(state)
        return context.focus(state, "").text.partition("\n")[2]

    def text(self, request: str) -> str:
        """The prompt that a request would send, to be read by a person."""
        state = self._state
        prepare(state)
        messages = [*state.conversation.prompt().messages, Message("user", request)]
        shown = [f"# {message.role.upper()}\n{message.text}" for message in messages]
        return "\n\n".join([*shown, context.focus(state, request).text])

    def parts(self) -> tuple[TokenPart, ...]:
        """The parts of the next prompt; the last is the ceiling."""
        state = self._state
        prepare(state)
        base = sum(count(message.text) for message in state.conversation.base)
        files = sum(seen.tokens for seen in state.conversation.files)
        log = prompt_tokens(state.conversation.prompt()) - base
        sizes = (
            ("rules and pinned facts", base - context.stable_tokens(state)),
            ("map, at most", context.map_budget(state)),
            ("files", files),
            ("conversation", max(0, log - files)),
            ("ceiling", context.ceiling(state)),
        )
        price = state.model.price(ModelRole.MAIN)
        return tuple(
            TokenPart(name, size, size * price.prompt_usd if price else None) for name, size in sizes
        )

    def share_used(self) -> float:
        """How much of the ceiling the conversation fills, 0 to 1."""
        return prompt_tokens(self._state.conversation.prompt()) / max(1, context.ceiling(self._state))

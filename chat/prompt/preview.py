"""[io] What the next call would send, shown to the user: its map, its text, its parts and their sizes.

All of it is read off `next_prompt`, which a turn begins with, too.
"""

from chat.model import ModelRole
from chat.prompt.budget import ceiling, map_budget, within_ceiling
from chat.prompt.compaction_due import is_due
from chat.prompt.maps import overview_tokens
from chat.prompt.next_prompt import next_prompt
from chat.prompt.rules import renew_rules
from chat.results import TokenPart
from chat.state.state import State
from chat.state.tokens import count, prompt_tokens


class PromptPreview:
    """The prompt of the next call, before it is sent."""

    def __init__(self, state: State) -> None:
        self._state = state

    def map(self, request: str = "", *, refresh: bool = False) -> str:
        """Return the map that the next prompt would show; ``refresh`` looks at the disk and makes a new one."""
        state = self._state
        if refresh:
            state.ports.workspace.ask(lambda index: index.refresh())
            state.prompt.forget_map()
            renew_rules(state)
        return next_prompt(state, request).request_map.text.partition("\n")[2]

    def text(self, request: str) -> str:
        """Return the prompt that a request would send, for a person to read. Raises PromptTooLarge."""
        state = self._state
        prompt = next_prompt(state, request).prompt
        if is_due(state.active, state.conversation):
            state.ports.notice("The conversation is long, so it would be summarised first.")
        elif not state.conversation.entries:
            prompt = within_ceiling(state.active, prompt)
        shown = [f"# {message.role.upper()}\n{message.text}" for message in prompt.messages]
        return "\n\n".join(filter(None, [*shown, prompt.request_map]))

    def parts(self) -> tuple[TokenPart, ...]:
        """Return the parts of the next prompt; the last is the ceiling."""
        state = self._state
        conversation = next_prompt(state, "").conversation
        base = sum(count(message.text) for message in conversation.base)
        files = sum(file.tokens for file in conversation.files)
        log = prompt_tokens(conversation.prompt()) - base
        sizes = (
            ("rules and pinned facts", base - overview_tokens(conversation)),
            ("map, at most", map_budget(state.active)),
            ("files", files),
            ("conversation", max(0, log - files)),
            ("ceiling", ceiling(state.active)),
        )
        price = state.model.price(ModelRole.MAIN)
        return tuple(
            TokenPart(name, size, size * price.prompt_usd if price else None) for name, size in sizes
        )

    def share_used(self) -> float:
        """Return how much of the ceiling the conversation fills, from 0 to 1."""
        return prompt_tokens(self._state.conversation.prompt()) / max(1, ceiling(self._state.active))

"""[io] The answers to lookups: from the index, a kept output, or the earlier conversation, if hooks let them pass."""

from chat.conversation.context_requests import Lookup
from chat.conversation.long_output import lines_of, lines_with, named_lines, named_search
from chat.sessions.transcripts import messages_in, search_past
from chat.state.hook_calls import before_tools, map_call
from chat.state.state import State
from chat.state.tokens import count_once
from chat.state.workspace import LOOKUP_TOKENS
from chat.turn.hooks import Heard

_OUTPUT_TOKENS = 4 * LOOKUP_TOKENS
"""The budget of lines of a kept output that were asked for by their numbers."""


def reason_against(state: State, lookup: Lookup, heard: Heard) -> str | None:
    """Ask hooks, and the person where they want it, whether a lookup may be answered.

    Returns None where it may, else why not; that may be "".
    """
    verdict = heard.heed(state, before_tools(state, (map_call(lookup),)))
    if verdict.objection:
        state.ports.notice(f"A hook forbids to answer `{lookup}`: {verdict.objection}", "warning")
        return verdict.objection
    if verdict.decision == "ask" and not state.ports.agrees(f"The model asks: {lookup}. Answer it?"):
        return ""
    return None


def answer_to(state: State, lookup: Lookup) -> str:
    """Return the answer to a lookup within its budget; "" if nothing matches."""
    if lookup.kind == "past":
        messages = messages_in(state.ports.history())
        turn = state.conversation.turn
        return search_past(messages, lookup.argument, turn, LOOKUP_TOKENS, count_once)
    output_answer = _answer_from_output(state, lookup)
    return state.ports.workspace.look_up(lookup) if output_answer is None else output_answer


def _answer_from_output(state: State, lookup: Lookup) -> str | None:
    """The answer from a kept output; None where the lookup names none."""
    outputs = state.ports.outputs
    lines = named_lines(lookup.argument) if lookup.kind == "show" else None
    if lines is not None and (text := outputs.read(lines[0])) is not None:
        return lines_of(text, lines[1], lines[2], _OUTPUT_TOKENS, count_once)
    search = named_search(lookup.argument) if lookup.kind == "find" else None
    if search is not None and (text := outputs.read(search[0])) is not None:
        return lines_with(text, search[1], LOOKUP_TOKENS, count_once)
    return None

"""[io] The answers to lookups: from the index, a kept output, or the earlier conversation, if hooks let them pass."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chat.conversation.context_requests import Lookup
from chat.conversation.long_output import lines_of, lines_with, named_lines, named_search
from chat.prompt.budget import fits
from chat.sessions.transcripts import messages_in, search_past
from chat.state.hook_calls import before_tools, map_call
from chat.state.state import State
from chat.state.tokens import count, count_once
from chat.state.workspace import LOOKUP_TOKENS
from chat.turn.hooks import HookVerdicts
from chat.turn.requests.limits import Granted, max_tokens

_OUTPUT_TOKENS = 4 * LOOKUP_TOKENS
"""The budget of lines of a kept output that were asked for by their numbers."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """The lookups of a reply, by what became of them."""

    answers: Sequence[tuple[Lookup, str]]
    unknown: Sequence[Lookup]
    repeated: Sequence[Lookup]
    """Answered earlier in this turn."""
    too_much: Sequence[Lookup]
    """Not answered, because the limit of the turn is reached."""
    forbidden: Mapping[Lookup, str]
    """Hooks do not let them be answered: why not."""

    @property
    def found(self) -> list[str]:
        """The answers as the model is shown them."""
        return [f"{lookup}\n{answer}" for lookup, answer in self.answers]


def look_up(
    state: State, lookups: Iterable[Lookup], granted: Granted, tokens: int, verdicts: HookVerdicts
) -> Lookups:
    """Answer the lookups that were not asked before; ``tokens`` are given with the same answer."""
    left_tokens = max_tokens(state) - granted.tokens - tokens
    answers, forbidden = list[tuple[Lookup, str]](), dict[Lookup, str]()
    unknown, repeated, too_much = list[Lookup](), list[Lookup](), list[Lookup]()
    for lookup in lookups:
        if str(lookup) in granted.asked:
            repeated.append(lookup)
            continue
        if (reason := _reason_against(state, lookup, verdicts)) is not None:
            forbidden[lookup] = reason
            continue
        answer = answer_to(state, lookup)
        cost = count(answer)
        if not answer:
            unknown.append(lookup)
        elif cost > left_tokens or not fits(state.active, state.conversation, tokens + cost):
            too_much.append(lookup)
        else:
            answers.append((lookup, answer))
            left_tokens, tokens = left_tokens - cost, tokens + cost
    return Lookups(answers, unknown, repeated, too_much, forbidden)


def _reason_against(state: State, lookup: Lookup, verdicts: HookVerdicts) -> str | None:
    """Ask hooks, and the person where they want it, whether a lookup may be answered.

    Returns None where it may, else why not; that may be "".
    """
    verdict = verdicts.add(state, before_tools(state, (map_call(lookup),)))
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

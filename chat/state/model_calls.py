"""[io] Calls of the models: within the limits, journaled, and not repeated where they were paid for."""

import hashlib
import time
from dataclasses import replace

from chat.events import Emit
from chat.model import ModelRole, Prompt, Reply
from chat.ports import Journal
from chat.safety.masks import Disguised, Masks
from chat.sessions.records.turn import CallDone, CallIntent
from chat.sessions.restored import ReusableReplies
from chat.state.active_settings import ActiveSettings
from chat.state.llm_history import append_call
from chat.state.spending import Spending
from chat.state.tokens import prompt_tokens


class ModelCalls:
    """The calls of one chat."""

    def __init__(
        self, active: ActiveSettings, spending: Spending, journal: Journal, emit: Emit, masks: Masks
    ) -> None:
        self._active = active
        self._spending = spending
        self._journal = journal
        self._emit = emit
        self._masks = masks
        self._reusable = ReusableReplies({})

    def reply(self, prompt: Prompt, role: ModelRole = ModelRole.MAIN) -> Reply:
        """Return the model's reply; one that was paid for before an interruption is used again.

        The model gets placeholders for secrets; where the main model or the editor uses one, the reply has the
        secret again. Raises ModelError, BudgetLimit.
        """
        model = self._active.model
        name = model.name(role)
        digest = digest_of_prompt(prompt, name)
        paid = self._reusable.take(digest)
        if paid is not None:
            return paid
        tokens = prompt_tokens(prompt)
        self._spending.before_call(role, tokens)
        intent = self._journal.write(CallIntent(role.value, name, digest, tokens))
        began_s = time.monotonic()
        sent, disguised = disguised_prompt(prompt, self._masks)
        sent = replace(sent, most_reply_tokens=self._most_reply_tokens(role, tokens))
        reply = model.reply(sent, role, self._emit)
        if role is not ModelRole.WEAK:  # whose words go into commit messages and summaries
            reply = replace(reply, text=disguised.revealed(reply.text))
        seconds = round(time.monotonic() - began_s, 3)
        self._journal.write(CallDone(intent, digest, seconds, role, reply))
        self._spending.after_call(role, reply.usage)
        if history_file := self._active.settings.llm_history_file:
            append_call(history_file, name, sent, reply)
        return reply

    def _most_reply_tokens(self, role: ModelRole, prompt_tokens: int) -> int:
        """Return where a reply must end to stay within the limits; 0 where it could not be so long anyway.

        Servers refuse a limit that is beyond the model's own.
        """
        room = self._spending.reply_room(role, prompt_tokens)
        if room is None:
            return 0
        window = self._active.model.window(role)
        longest = min(window.output_tokens, window.input_tokens - prompt_tokens)
        return room if room < longest else 0

    @property
    def reusable(self) -> ReusableReplies:
        """What an interrupted turn had paid for."""
        return self._reusable

    def reuse(self, replies: ReusableReplies) -> None:
        """Use what an interrupted turn had paid for, instead of calling again."""
        self._reusable = replies

    def forget_reusable(self) -> None:
        """Drop what an interrupted turn had paid for: it is over."""
        self._reusable = ReusableReplies({})


def disguised_prompt(prompt: Prompt, masks: Masks) -> tuple[Prompt, Disguised]:
    """Return a prompt with placeholders for what is secret in it, and what they stand for."""
    disguised = masks.disguised((*(message.text for message in prompt.messages), prompt.request_map))
    if not disguised.values:
        return prompt, disguised
    *texts, request_map = disguised.texts
    messages = zip(prompt.messages, texts, strict=True)
    sent = Prompt(tuple(replace(message, text=text) for message, text in messages), request_map)
    return sent, disguised


def digest_of_prompt(prompt: Prompt, model: str) -> str:
    """Return what identifies a call: model and messages, but not the map, which later commits may change.

    Returns a SHA-256 in hexadecimal digits.
    """
    digest = hashlib.sha256(model.encode())
    for message in prompt.messages:
        digest.update(f"\0{message.role}\0{len(message.text)}\0".encode())
        digest.update(message.text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()

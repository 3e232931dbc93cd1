"""[io] Calls of the models: within the limits, journaled, and not repeated where they were paid for."""

import hashlib
import time

from chat.events import Emit
from chat.model import ModelRole, Prompt, Reply
from chat.ports import Journal
from chat.sessions.records import CallDone, CallIntent
from chat.sessions.restored import ReusableReplies
from chat.state.active_settings import ActiveSettings
from chat.state.spending import Spending
from chat.state.tokens import prompt_tokens


class ModelCalls:
    """The calls of one chat."""

    def __init__(self, active: ActiveSettings, spending: Spending, journal: Journal, emit: Emit) -> None:
        self._active = active
        self._spending = spending
        self._journal = journal
        self._emit = emit
        self._reusable = ReusableReplies({})

    def reply(self, prompt: Prompt, role: ModelRole = ModelRole.MAIN) -> Reply:
        """Return the model's reply; one that was paid for before an interruption is used again.

        Raises ModelError, BudgetLimit.
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
        reply = model.reply(prompt, role, self._emit)
        seconds = round(time.monotonic() - began_s, 3)
        self._journal.write(CallDone(intent, digest, seconds, role, reply))
        self._spending.after_call(role, reply.usage)
        return reply

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


def digest_of_prompt(prompt: Prompt, model: str) -> str:
    """Return what identifies a call: model and messages, but not the map, which later commits may change.

    Returns a SHA-256 in hexadecimal digits.
    """
    digest = hashlib.sha256(model.encode())
    for message in prompt.messages:
        digest.update(f"\0{message.role}\0{len(message.text)}\0".encode())
        digest.update(message.text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()

"""[io] Asks the judge about attempts that pass alike, within what is left of their budget.

Each call is kept before it is made, with an estimate of what it takes, and again with its answer. So a process that
was killed here loses one answer at most, and no money is spent that does not count.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from chat.app.hiding import HidingEmit, masks_for
from chat.app.model_choice import open_model
from chat.attempts.diffs import candidate
from chat.attempts.group import Group, JudgeCall
from chat.attempts.judging import (
    Answer,
    Candidate,
    Comparison,
    Judged,
    compared,
    comparison_prompt,
    distinct,
    read_answer,
)
from chat.errors import BadCall, BudgetLimit, ChatError, NoModel, Unauthorized, Unreachable
from chat.events import Emit
from chat.jobs.view import JobView
from chat.model import ModelRole, Price, Prompt, Reply, Usage
from chat.ports import Model
from chat.safety.printable import on_one_line
from chat.sessions.journal import NoJournal
from chat.settings.table import Settings
from chat.state.active_settings import ActiveSettings
from chat.state.model_calls import ModelCalls
from chat.state.spending import Limits, Spending
from chat.state.tokens import prompt_tokens
from chat.turn.consent.decisions import may_read_in

_NOTHING_SENT = (BudgetLimit, NoModel, Unauthorized, BadCall, Unreachable)
_SPENT = "What is left of the budget does not pay for the judge"
_SIZE_DECIDES = "; the size of the change decides where the judge has not."


def judge_attempts(
    group: Group,
    tied: Sequence[JobView],
    spent: Usage,
    settings: Settings,
    emit: Emit,
    opening: Callable[[Settings], Model] = open_model,
) -> Judged:
    """Have the judge compare attempts that pass alike, the smaller change first, in what ``spent`` leaves over.

    Whatever keeps the judge from answering is noted, and raises nothing.
    """
    record = group.record()
    if len(tied) < 2 or not record.judges:
        return Judged(usage=sum((call.usage for call in group.calls()), Usage()))
    try:
        candidates = _candidates(tied, settings, Path(record.root))
        model = opening(settings)
    except ChatError as error:
        return Judged(note=_note(error))
    active, masks = ActiveSettings(settings, model), masks_for(settings, Path(record.root))
    spending = Spending(Limits(tokens=record.tokens, budget_usd=record.budget_usd), active.price)
    calls = ModelCalls(active, spending, NoJournal(), HidingEmit(emit, masks), masks)
    judge = Judge(
        group,
        lambda prompt: calls.reply(prompt, ModelRole.JUDGE),
        lambda: active.price(ModelRole.JUDGE),
        masks.hidden,
    )
    spending.resume({ModelRole.MAIN: spent, ModelRole.JUDGE: judge.usage}, 0)
    return judge.judge(candidates)


def _candidates(tied: Sequence[JobView], settings: Settings, root: Path) -> list[Candidate]:
    return [candidate(view.record, lambda path: may_read_in(settings, root, path)) for view in tied]


def _note(error: ChatError, *, is_priced: bool = False) -> str:
    if isinstance(error, BudgetLimit) and is_priced:
        return _SPENT + _SIZE_DECIDES
    why = on_one_line(str(error), 300).rstrip(".")
    return f"The judge could not be asked ({why}){_SIZE_DECIDES}"


class Judge:
    """Compares attempts of one group; what it has said before is not asked again."""

    def __init__(
        self,
        group: Group,
        reply: Callable[[Prompt], Reply],
        price: Callable[[], Price | None],
        hidden: Callable[[str], str],
    ) -> None:
        self._group = group
        self._task = group.record().task
        self._reply = reply
        self._price = price
        self._hidden = hidden
        self._calls = group.calls()

    @property
    def usage(self) -> Usage:
        """What all its answers took so far."""
        return sum((call.usage for call in self._calls), Usage())

    def judge(self, candidates: Sequence[Candidate]) -> Judged:
        """Find the best of them: whoever wins meets the next one; those come first that change less."""
        left, same = distinct(candidates)
        best, comparisons, note = "", list[Comparison](), ""
        champion = left[0]
        for challenger in left[1:]:
            try:
                comparison = compared(champion, challenger, self._ask)
            except ChatError as error:
                note = _note(error, is_priced=self._price() is not None)
                break
            comparisons.append(comparison)
            if comparison.better:
                champion = champion if comparison.better == champion.job else challenger
                best = champion.job
        return Judged(best=best, comparisons=tuple(comparisons), same=same, usage=self.usage, note=note)

    def _ask(self, first: Candidate, second: Candidate) -> Answer:
        digests = (first.digest, second.digest)
        for call in self._calls:
            if call.is_over and (call.first, call.second) == digests:
                return call.answer
        prompt = comparison_prompt(self._task, first.diff, second.diff)
        before, asked = self._calls, self._asked(prompt, *digests)
        self._keep([*before, asked])
        try:
            reply = self._reply(prompt)
        except _NOTHING_SENT:
            self._keep(before)
            raise
        answer = read_answer(reply.text, first.diff, second.diff)
        answer = replace(answer, reason=self._hidden(answer.reason))
        self._keep([*before, _over(asked, answer, reply.usage)])
        return answer

    def _asked(self, prompt: Prompt, first: str, second: str) -> JudgeCall:
        """Return a call that is about to be made; its price is in doubt until it is over."""
        tokens, price = prompt_tokens(prompt), self._price()
        cost = tokens * price.prompt_usd if price else None
        return JudgeCall(first=first, second=second, prompt_tokens=tokens, cost_usd=cost)

    def _keep(self, calls: Sequence[JudgeCall]) -> None:
        self._calls = list(calls)
        self._group.keep_calls(calls)


def _over(asked: JudgeCall, answer: Answer, usage: Usage) -> JudgeCall:
    return replace(
        asked,
        is_over=True,
        choice=answer.choice,
        reason=answer.reason,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cost_usd=usage.cost_usd,
    )

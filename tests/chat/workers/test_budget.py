"""The tree of budgets: a job gets a share, and all shares together are never above the whole."""

from hypothesis import given
from hypothesis import strategies as st

from chat.model import Usage
from chat.workers.budget import Account, Budget, extended, for_planner, share

Taken = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=12)


@given(st.floats(0.01, 100), st.integers(100, 10**7), Taken)
def test_shares_never_pass_the_whole(usd: float, tokens: int, taken: list[tuple[float, bool]]) -> None:
    """However much of its share each job takes, and whether it is over when the next one begins."""
    whole = Budget(usd=usd, tokens=tokens)
    accounts = [Account(usage=Usage(), limit=for_planner(whole), is_over=False)]
    for number, (part, is_over) in enumerate(taken):
        given_ = share(whole, accounts, len(taken) - number)
        if given_ is None:
            continue
        used = Usage(prompt_tokens=int(given_.tokens * part), cost_usd=given_.usd * part)
        accounts.append(Account(usage=used, limit=given_, is_over=is_over))
    assert (
        sum(each.usage.cost_usd or 0 if each.is_over else each.limit.usd for each in accounts) <= usd * 1.0001
    )
    assert sum(each.usage.prompt_tokens if each.is_over else each.limit.tokens for each in accounts) <= tokens


def test_what_one_job_leaves_the_others_get() -> None:
    """A job that is over counts with what it took."""
    first = Account(
        usage=Usage(prompt_tokens=10, cost_usd=0.1), limit=Budget(usd=1, tokens=500), is_over=True
    )
    assert share(Budget(usd=1.1, tokens=1010), [first], 2) == Budget(usd=0.5, tokens=500)


def test_where_a_price_is_unknown_all_that_was_given_counts() -> None:
    """Nobody could say how much of it is left."""
    unknown = Account(usage=Usage(cost_usd=None), limit=Budget(usd=0.6), is_over=True)
    assert share(Budget(usd=1.0), [unknown], 1) == Budget(usd=0.4)
    assert share(Budget(usd=0.6), [unknown], 1) is None


def test_without_limits_there_are_no_shares() -> None:
    """0 is no limit."""
    assert share(Budget(), [], 3) == Budget()
    assert extended(Budget(), Usage(prompt_tokens=5)) == Budget()

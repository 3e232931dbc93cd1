"""Answers questions from the present state of a folder, or from what is there while its index is being made."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from repomap.errors import NotReady
from repomap.index.fresh import Fresh
from repomap.index.index import Index
from repomap.mcp.page import Page, answer_budget, digest_of, make_page, skip_of
from repomap.mcp.roots import Served

FIRST_ANSWER_S = 1.0
"""How long a question waits for the first reading of a repository before it is answered from what is there."""
PROGRESS_S = 0.25
"""How often the client hears of progress meanwhile."""

Report = Callable[[float, float | None, str | None], Awaitable[None]]
"""Tells the client how far the server is; does nothing where it did not ask."""
Question = Callable[[Index, int, int], Any]
"""Asks an index with a budget in tokens, going on behind so much that was shown before."""

_STALE = "(The repository is being read again; this is as of {:.0f} s ago.)"
_PARTIAL = "(Partial: the repository is still being read, {} of {} files so far. Ask again for the rest.)"


async def ask_page(
    served: Served, tool: str, arguments: Mapping[str, Any], question: Question, report: Report
) -> Page:
    """Answer a question as the page that its `cursor` asks for, within its `tokens`.

    Raises RepoMapError.
    """
    budget_tokens, digest = arguments["tokens"], digest_of(tool, arguments)
    skip = skip_of(arguments.get("cursor", ""), digest)
    state = await present(served, report)
    answer = await asyncio.to_thread(question, state.answer, answer_budget(budget_tokens), skip)
    return make_page(answer, skip, digest, budget_tokens, _notes(served, state))


async def present(served: Served, report: Report) -> Fresh[Index]:
    """Return the folder's index, up to date where that takes little time, else as it is.

    Raises what the refresh raised, and NotReady where nothing was read for long.
    """
    fresh, began_s = served.fresh, time.monotonic()
    refresh = asyncio.wrap_future(fresh.begin())
    refresh.add_done_callback(lambda done: None if done.cancelled() else done.exception())
    patience_s = fresh.wait_s if fresh.is_read else FIRST_ANSWER_S
    while not refresh.done():
        waited_s = time.monotonic() - began_s
        if waited_s >= patience_s:
            state = await asyncio.to_thread(fresh.view)
            if state is not None and not refresh.done():
                return state
        if waited_s >= fresh.first_wait_s:
            raise NotReady(
                f"{served.folder} is being read for the first time, which is not finished after "
                f"{fresh.first_wait_s:.0f} s. Nothing was answered yet; ask again in a while."
            )
        await asyncio.wait(
            {refresh}, timeout=min(PROGRESS_S, max(patience_s - waited_s, 0.02), fresh.first_wait_s)
        )
        if not refresh.done():
            done, total = fresh.progress
            await report(done, total or None, f"reading {served.name}")
    refresh.result()
    return Fresh(fresh.index.as_it_is())


def _notes(served: Served, state: Fresh[Index]) -> dict[str, Any]:
    if state.is_partial:
        done, total = served.fresh.progress
        return {"partial": True, "said": [_PARTIAL.format(done, total)]}
    if state.age_s:
        return {"age_s": round(state.age_s, 1), "said": [_STALE.format(state.age_s)]}
    return {}

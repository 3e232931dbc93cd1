"""Attempts are a group on the disk: ranked, merged and removed together, whoever began them and however that ended."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chat_fakes import ScriptedModel
from job_cases import ended, left_in_state, looks, tree_of, view_of, worked
from processes import mark_of_the_dead
from repositories import commit, git, make_repository, write_files
from whole_chat import Program

from chat.attempts.beginning import new_group, new_record
from chat.attempts.comparing import judge_attempts
from chat.attempts.diffs import candidate
from chat.attempts.ending import Ending, end_attempts
from chat.attempts.group import Group, all_groups, find_group, left_over
from chat.attempts.judging import Judged
from chat.errors import InputError, ModelError, UsageError
from chat.jobs.making import Order, make
from chat.jobs.store import JobFolder
from chat.jobs.view import JobView
from chat.model import Price, Reply, Usage
from chat.settings.table import Settings

Pair = tuple[Group, list[JobView]]
ONE, TWO = {"one.py": "ONE = 1\n"}, {"one.py": "# the number one\n\nONE = 1\n"}
SETTINGS = Settings(model="m", judge_model="j")


def begin(root: Path, *works: dict[str, str]) -> tuple[Group, list[JobFolder]]:
    """A group whose attempts are over, each having committed some files."""
    group = new_group(new_record(Order(task="Add one", here=root), len(works), judges=True))
    folders = []
    for number, files in enumerate(works, 1):
        folders.append(make(Order(task="Add one", here=root, group=group.id, note=f"attempt {number}")))
        write_files(tree_of(folders[-1]), files)
        commit(tree_of(folders[-1]), "Work") if files else None
        ended(folders[-1])
    return group, folders


@pytest.fixture(scope="module")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pytest.MonkeyPatch.context() as patch:
        base = tmp_path_factory.mktemp("pair")
        patch.setenv("XDG_STATE_HOME", str(base / "state"))
        group, folders = begin(make_repository(base / "shop"), ONE, TWO)
        yield group, [view_of(folder) for folder in folders]


@pytest.fixture
def pair(_pair: Pair) -> Pair:
    """Two attempts that pass alike and differ, of which no judge has said anything."""
    _pair[0].keep_calls([])
    return _pair


def choosing(text: str, quote: str = "the number one") -> Callable[[str], str]:
    """A judge that prefers the change in which a text stands."""
    return lambda prompt: json.dumps(
        {"better": 1 if f"1| +{text}" in prompt else 2, "quote": quote, "reason": "It says why."}
    )


class Judging(ScriptedModel):
    """Answers by what it is shown, or fails; each call costs a cent."""

    def __init__(self, answer: Callable[[str], str] | BaseException) -> None:
        super().__init__()
        self.answer = answer
        self.asked = 0

    def reply(self, prompt, role, emit):  # type: ignore[no-untyped-def]
        self.asked += 1
        if isinstance(self.answer, BaseException):
            raise self.answer
        return Reply(self.answer(prompt.messages[-1].text), "stop", Usage(1, 900, 0, 100, 0.01), "j")

    def price(self, role):  # type: ignore[no-untyped-def]
        return Price(1e-6, 1e-6)


def judged(pair: Pair, model: Judging, spent: float = 0.0) -> Judged:
    return judge_attempts(*pair, Usage(cost_usd=spent), SETTINGS, lambda _: None, lambda _: model)


def test_the_judge_is_asked_in_both_orders_and_paid_once(pair: Pair) -> None:
    """What it said is kept: whoever ranks the group again pays nothing, and what it took still counts."""
    model = Judging(choosing("# the number one"))
    first, again = judged(pair, model), judged(pair, model)
    assert (first.best, model.asked, first.usage.cost_usd) == (pair[1][1].record.id, 2, 0.02)
    assert again == first


def test_a_judge_that_always_takes_the_first_leaves_it_to_the_size(pair: Pair) -> None:
    """Its preference is not one for a change."""
    model = Judging(lambda _: json.dumps({"better": 1, "quote": "the number one", "reason": "!"}))
    found = judged(pair, model)
    assert (found.best, model.asked) == ("", 2)
    assert found.comparisons[0].reason == "it prefers whichever it sees first"


def test_the_judge_has_what_the_attempts_left_of_the_budget(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that does not pay for it, or nobody knows whether it does, it is not asked, which is said."""
    group, views = pair
    record = group.record()
    group.folder.write("group.json", replace(record, budget_usd=1.0))
    model = Judging(choosing("# the number one"))
    found = judged(pair, model, spent=1.0)
    assert (found.best, model.asked, group.calls()) == ("", 0, [])
    assert "budget does not pay for the judge; the size" in found.note
    with monkeypatch.context() as patch:
        patch.setattr(Judging, "price", lambda *_: None)
        assert "The price of the model is unknown" in judged(pair, model).note
    assert judged(pair, model, spent=0.9).best == views[1].record.id
    group.folder.write("group.json", record)


def test_a_question_that_was_cut_off_counts_and_is_asked_again(pair: Pair) -> None:
    """By an estimate: the server may have counted it."""
    with pytest.raises(KeyboardInterrupt):
        judged(pair, Judging(KeyboardInterrupt()))
    found = judged(pair, Judging(choosing("# the number one")))
    assert (found.best, found.usage.calls) == (pair[1][1].record.id, 3)
    assert 0.02 < (found.usage.cost_usd or 0) < 0.03


def test_a_judge_that_cannot_be_asked_fails_nothing(pair: Pair) -> None:
    """The size of the change decides, and the reason is said."""
    found = judged(pair, Judging(ModelError("The server is gone.")))
    assert found.best == ""
    assert found.note.startswith("The judge could not be asked (The server is gone)")


def test_files_that_no_model_may_read_are_only_named_to_the_judge(shop: Path) -> None:
    """And a change that is too long is shown without its middle."""
    job = worked(shop, {"secret.txt": "the text\n", "long.txt": "a line\n" * 20_000})
    shown = candidate(job.record(), lambda path: path != "secret.txt").diff
    assert "(changed, and not shown: secret.txt)" in shown
    assert "the text" not in shown
    assert "lines left out" in shown
    assert len(shown) < 40_000


def ending_of(group: Group, folders: list[JobFolder]) -> Ending:
    return end_attempts(group, [view_of(folder) for folder in folders], SETTINGS, lambda _: None)


def test_attempts_that_made_the_same_change_need_no_judge(shop: Path) -> None:
    """The first to end is offered; an attempt that changed nothing comes last."""
    group, folders = begin(shop, {}, ONE, ONE)
    ending = ending_of(group, folders)
    best, other, last = (place.attempt.job for place in ending.places)
    assert (ending.best, last) == (ending.places[0], folders[0].id)
    assert (ending.judged.verdict_on(other), ending.usage.calls) == (f"same as {best}", 0)


def test_two_that_rank_at_once_do_not_pay_twice(pair: Pair) -> None:
    """The second is told that the first is at it."""
    with pair[0].folder.locked(), pytest.raises(UsageError, match="Another process is ranking"):
        end_attempts(*pair, SETTINGS, lambda _: None)


def test_a_group_is_ranked_and_merged_by_its_id_or_an_attempt(trigpoint: Program, shop: Path) -> None:
    """Whatever became of the process that began it; then everything goes."""
    before = looks(shop)
    group, folders = begin(shop, TWO, ONE, {})
    shown = trigpoint.run("status", group.id).stdout
    assert all(folder.id in shown for folder in folders)
    assert f"jobs attempts {group.id} ranks them" in shown
    ranked = trigpoint.run("jobs", "attempts", folders[0].id, "--json", "--judge-model", "")
    assert json.loads(ranked.stdout)["attempts"][2]["id"] == folders[2].id
    assert trigpoint.run("artifacts", group.id, "-o", str(shop.parent / "out")).code == 0
    assert (shop.parent / "out" / folders[1].id / "changes.patch").read_bytes()
    assert trigpoint.run("merge", group.id, "--squash").code == 0
    assert "ONE = 1" in (shop / "one.py").read_text()
    discarded = trigpoint.run("discard", group.id)
    assert (discarded.code, discarded.stdout.count("Its last commit was")) == (0, 1)
    git(shop, "reset", "-q", "--hard", "HEAD^")
    assert (looks(shop), left_in_state(), all_groups()) == (before, [], [])


def test_nothing_is_removed_or_merged_while_an_attempt_is_at_work(trigpoint: Program, shop: Path) -> None:
    """It is named; `stop` with the group's id ends all of them."""
    group, _ = begin(shop, ONE)
    make(Order(task="Add one", here=shop, group=group.id))  # its maker, this process, lives
    done = [trigpoint.run(command, group.id) for command in ("discard", "merge")]
    assert [each.code for each in done] == [2, 2]
    assert len(group.jobs()) == 2


def test_a_group_goes_with_its_last_attempt(trigpoint: Program, shop: Path) -> None:
    """And `prune` removes what a killed launcher left, but nothing of one that is at it."""
    group, folders = begin(shop, ONE, TWO)
    for folder in folders:
        trigpoint.run("discard", folder.id)
    assert all_groups() == []
    group, folders = begin(shop)
    assert list(left_over()) == []
    group.folder.write("group.json", replace(group.record(), maker=mark_of_the_dead()))
    assert [each.id for each in left_over()] == [group.id]
    trigpoint.run("jobs", "prune")
    assert all_groups() == []


def test_an_id_that_names_no_group_is_told(shop: Path) -> None:
    """And a job that is no attempt."""
    begin(shop, ONE)
    alone = worked(shop, ONE)
    with pytest.raises(UsageError, match="is no attempt"):
        find_group(alone.id)
    with pytest.raises(InputError, match="No group of attempts matches attempts-none"):
        find_group("attempts-none")

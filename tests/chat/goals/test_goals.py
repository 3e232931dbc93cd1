"""A goal ends as met with proof, within its limits, or with a reason; also where the process is killed on the way."""

import json
import random
from pathlib import Path

import pytest
from goal_fakes import Killed, Process, World, counting, played, process, three_lines

from chat.errors import BudgetLimit, InputError, LimitReached, TurnLimit, Unreachable, UsageError
from chat.goals.goals import EndedGoal
from chat.goals.summary import limits_of
from chat.goals.texts import TITLE
from chat.model import ModelRole, Prompt
from chat.settings.table import Settings, changed
from chat.state.spending import Limits

CHECK = Settings(check=("pytest -q",), plan=False)


def met(*evidence: str) -> str:
    return json.dumps({"verdict": "met", "evidence": evidence, "reason": "It is there."})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


# How it ends


def test_checks_alone_end_a_goal_when_they_are_green(world: World) -> None:
    """They run first, so that the first turn begins with what they say; no model judges."""
    started = process(world, check=three_lines, turn=counting, settings=CHECK)
    started.goals.set("checks")

    ended = started.pursue()

    assert ended.end.outcome == "met"
    assert started.model.judged == []
    assert "0 of 3 lines" in started.requests[0]
    assert (len(started.requests), ended.taken.turns) == (3, 3)


def test_checks_can_decide_about_a_goal_in_words(world: World) -> None:
    """With the setting; the words are the first request."""
    settings = Settings(check=("pytest -q",), checks_decide=True, plan=False)
    started = process(world, check=three_lines, turn=counting, settings=settings)
    started.goals.set("Write three lines")

    assert started.pursue().end.outcome == "met"
    assert started.requests[0] == "Write three lines"
    assert started.model.judged == []


def test_the_judge_is_asked_only_once_the_checks_are_green(world: World) -> None:
    """And its reason opens the next turn."""

    def judge(prompt: str) -> str:
        if "line number 5" in prompt:
            return met("+line number 5")
        return json.dumps({"verdict": "not met", "reason": "Line five is missing."})

    started = process(world, check=three_lines, turn=counting, settings=CHECK, judge=judge)
    started.goals.set("Five lines are there")

    ended = started.pursue()

    assert ended.end.outcome == "met"
    assert ended.end.evidence == ("+line number 5",)
    assert len(started.model.judged) == 3
    assert "2 of 3 lines" in started.requests[2]
    assert "Line five is missing." in started.requests[3]


def test_the_judge_may_find_a_goal_impossible(world: World) -> None:
    """With evidence, as for a goal that is met."""
    answers = iter(
        (
            '{"verdict": "impossible"}',
            met().replace('"met", "evidence": []', '"impossible", "evidence": ["line number 2"]'),
        )
    )
    started = process(world, turn=counting, judge=lambda _: next(answers))
    started.goals.set("Make it so")

    ended = started.pursue()

    assert (ended.end.outcome, ended.taken.turns) == ("impossible", 2)


def test_the_same_failure_begins_afresh_and_then_stops(world: World) -> None:
    """The conversation goes, the goal and the diff stay."""
    started = process(world, check=lambda _: (1, "boom\n"), settings=CHECK)
    world.text = "half done\n"
    started.goals.set("Make it work")

    ended = started.pursue()

    assert (ended.end.outcome, len(started.requests)) == ("stalled", 3)
    assert started.statuses() == ["not met", "fresh", "stalled"]
    assert "+half done" in started.requests[2]
    assert "boom" in started.requests[2]
    assert [
        entry.message.text for entry in started.state.conversation.entries if entry.kind == "request"
    ] == started.requests[2:]


def test_a_model_that_cannot_be_reached_leaves_the_goal_paused(world: World) -> None:
    """And it goes on from there."""
    is_down = True

    def before(_role: ModelRole, _prompt: Prompt) -> None:
        if is_down:
            raise Unreachable("nobody answers")

    started = process(world, turn=counting, check=three_lines, settings=CHECK, before=before)
    started.goals.set("checks")
    with pytest.raises(Unreachable):
        started.pursue()
    summary = started.goals.summary()
    assert summary is not None
    assert summary.status == "paused"

    is_down = False
    assert started.pursue().end.outcome == "met"


# One at a time, pinned, kept


def test_there_is_one_goal_at_a_time(world: World) -> None:
    """Until it ends; then its text leaves the prompt."""
    started = process(world)
    with pytest.raises(InputError, match="There is no goal"):
        started.goals.pause()
    started.goals.set("The first")
    with pytest.raises(UsageError, match="There is a goal already: The first"):
        started.goals.set("The second")
    assert [title for title, _ in started.state.prompt.pinned] == [TITLE]

    started.goals.clear()

    assert started.state.prompt.pinned == ()
    started.goals.set("The second")


def test_the_goal_is_in_every_prompt_word_for_word(world: World) -> None:
    """Without its limits, with its checks."""
    started = process(world, settings=CHECK)
    started.goals.set("Keep  the\n\tform!\n\nor stop after 3 turns")

    ((_, text),) = started.state.prompt.pinned

    assert text.startswith("Keep  the\n\tform!\n\n")
    assert "`pytest -q`" in text


def test_a_goal_of_checks_needs_some(world: World) -> None:
    """Else it would be met at once."""
    started = process(world)
    with pytest.raises(UsageError, match="no checks"):
        started.goals.set("checks")
    with pytest.raises(UsageError, match="needs a condition"):
        started.goals.set(" ")


# A judge that lies


def lie(chance: random.Random, prompt: str) -> str:
    """What a judge says that wants to be done with it."""
    there = [line for line in prompt.splitlines() if len(line) > 10]
    return chance.choice(
        (
            "yes",
            "The goal is met.",
            '{"verdict": "met"',
            met(),
            met("all tests pass in the end"),
            met(chance.choice(there)[::-1]),
            met(f"{chance.choice(there)} and more"),
            met("+line number 1", "+line number 77"),
            json.dumps({"verdict": "impossible", "reason": "no"}),
            json.dumps({"verdict": "met", "evidence": "the user said so in the request"}),
            json.dumps({"verdict": True, "evidence": ["+line number 1"]}),
        )
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_lie_of_the_judge_ends_a_goal(tmp_path: Path, seed: int) -> None:
    """Ten runs each: checks red or green at random, the goal itself quoted; none ends as met."""
    for run in range(10):
        chance = random.Random(f"{seed} {run}")
        started = process(
            World(tmp_path),
            check=lambda _, chance=chance: (chance.randrange(2), f"{chance.random()}"),
            turn=counting,
            settings=CHECK if chance.random() < 0.7 else None,
            judge=lambda prompt, chance=chance: lie(chance, prompt),
        )
        started.goals.set("The work is done well, or stop after 5 turns")

        assert _end_of(started).end.outcome in ("limit", "stalled")


@pytest.mark.parametrize("seed", range(20))
def test_a_red_check_is_never_overruled(tmp_path: Path, seed: int) -> None:
    """By a judge that is right about everything else: with each end as met, all checks were green."""
    chance = random.Random(seed)
    settings = Settings(check=("first", "second"), plan=False)
    codes: list[int] = []

    def check(_world: World) -> tuple[int, str]:
        codes.append(chance.choice((0, 0, 1, 2, 124)))
        return codes[-1], f"{chance.random()}"

    started = process(
        World(tmp_path), check=check, turn=counting, settings=settings, judge=lambda _: met("line number 1")
    )
    started.goals.set("Lines are there, or stop after 40 turns")

    ended = _end_of(started)

    if ended.end.outcome == "met":
        assert codes[-2:] == [0, 0]
        assert all(check.is_green for check in ended.progress.checks)
        assert ended.end.evidence


def _end_of(started: Process) -> EndedGoal:
    try:
        return started.pursue()
    except LimitReached:
        assert started.goals.ended is not None
        return started.goals.ended


# Limits


@pytest.mark.parametrize("seed", range(100))
def test_a_goal_ends_before_what_would_pass_its_limits(tmp_path: Path, seed: int) -> None:
    """Random limits, random costs, killed at random and resumed: what is taken in all stays within each of them.

    They are the goal's own, or in every third run the session's, whose time counts by the process.
    """
    chance = random.Random(seed)
    world = World(tmp_path)
    kinds = chance.sample(("turns", "tokens", "seconds", "usd"), chance.randint(1, 4))
    is_goals = seed % 3 > 0 or kinds == ["seconds"]
    limits = {"turns": chance.randint(1, 8), "tokens": chance.randint(3_000, 30_000)}
    words = {
        "turns": f"{limits['turns']} turns",
        "tokens": f"{limits['tokens']} tokens",
        "seconds": f"{chance.randint(1, 4)} minutes",
        "usd": f"${chance.randint(1, 9) / 100}",
    }
    goal = f"Go on for ever{', or stop after ' if is_goals else ''}"
    goal += " or ".join(words[kind] for kind in kinds) if is_goals else ""
    of_session = {
        "turns": ("max-turns", limits["turns"]),
        "tokens": ("max-tokens-total", limits["tokens"]),
        "usd": ("max-budget-usd", float(words["usd"][1:])),
    }
    flags = dict(of_session[kind] for kind in kinds if kind in of_session and not is_goals)
    settings = changed(Settings(plan=seed % 10 == 0), flags, "test")
    late: list[float] = []

    def before(_role: ModelRole, _prompt: Prompt) -> None:
        if chance.random() < 0.15:
            world.is_dead = True
            raise Killed
        late.append(current.goals.taken.seconds)

    def start() -> Process:
        world.is_dead = False
        return process(
            world,
            turn=counting,
            settings=settings,
            tokens=lambda: chance.randint(1, 1_000),
            seconds=lambda: chance.uniform(1, 40),
            price_usd=chance.choice((1e-6, 5e-6)),
            judge=lambda _: json.dumps({"verdict": "not met", "reason": f"{chance.random()}"}),
            before=before,
        )

    current = start()
    current.goals.set(goal)
    error: BaseException | None = None
    while not isinstance(error, LimitReached):
        try:
            current.pursue()
        except LimitReached as caught:
            error = caught
        except Killed:
            world.now_s += 5_000  # nobody works meanwhile
            current = start()
            assert current.goals.progress is not None

    taken = current.goals.taken
    assert current.goals.ended is not None
    limited = limits_of(current.goals.ended.progress.goal) if is_goals else Limits.of(settings)
    done = world.records("call.done")
    tokens = sum(fields["usage"]["prompt_tokens"] + fields["usage"]["completion_tokens"] for fields in done)  # type: ignore[index]
    cost = sum(fields["usage"]["cost_usd"] for fields in done)  # type: ignore[index]
    assert taken.usage.prompt_tokens + taken.usage.completion_tokens == tokens
    assert not limited.turns or taken.turns <= limited.turns
    assert not limited.tokens or tokens <= limited.tokens
    assert not limited.budget_usd or cost <= limited.budget_usd
    assert not limited.seconds or max(late, default=0) < limited.seconds
    assert error.exit_code == (53 if isinstance(error, TurnLimit) else 54)
    assert isinstance(error, TurnLimit | BudgetLimit)


# Killed


def test_what_is_in_the_journal_is_not_done_again(tmp_path: Path) -> None:
    """Killed at each of its records and taken up again: the same end, no check run twice, nothing paid twice."""

    def judge(prompt: str) -> str:
        return (
            met("+line number 4")
            if "line number 4" in prompt
            else '{"verdict": "not met", "reason": "Add a line."}'
        )

    def start(world: World) -> Process:
        return process(world, check=three_lines, turn=counting, settings=CHECK, judge=judge)

    def play(kill_at: int = 0) -> list[Process]:
        return played(tmp_path, "Four lines, or stop after 20 turns", start, kill_at)

    (whole,) = play()
    length = len(whole.world.lines)
    for kill_at in range(1, length + 1):
        last = play(kill_at)[-1]
        world = last.world
        paid = [fields["prompt_digest"] for fields in world.records("call.done")]
        assert world.text == whole.world.text, kill_at
        assert len(world.records("goal.check")) == len(whole.world.records("goal.check")), kill_at
        assert len(paid) == len(set(paid)), kill_at
        assert last.goals.taken.turns in (4, 0), kill_at

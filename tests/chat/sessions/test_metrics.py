"""The numbers of a session, made from its records, and the plot of them."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from chat.model import ModelRole, Reply, Usage
from chat.sessions.metrics import by_model, cached_share, measure, prompt_tokens_by_turn
from chat.sessions.plot import svg_plot, text_plot
from chat.sessions.records.changes import CommitDone, EditDone, EditIntent, EditRefused
from chat.sessions.records.journal_line import JournalLine, Record
from chat.sessions.records.session import Resume
from chat.sessions.records.turn import CallDone, Rebuild, TurnBegin, TurnDone


def lines(*records: Record) -> Iterator[JournalLine]:
    """The records as a journal holds them, ten seconds apart."""
    for number, record in enumerate(records, 1):
        time = f"2026-01-01T00:{number // 6:02}:{number % 6 * 10:02}Z"
        yield JournalLine(number, record.kind, time, json.loads(json.dumps(record.fields())))


def call(
    prompt: int, role: str = "main", *, model: str = "", cached: int | None = None, cost: float | None = 0.5
) -> CallDone:
    """A paid reply; half of its prompt was cached, unless said otherwise."""
    usage = Usage(1, prompt, prompt // 2 if cached is None else cached, 10, cost)
    return CallDone(1, "digest", 0.0, ModelRole(role), Reply("", "stop", usage, model or f"m/{role}"))


def done(turn: int) -> TurnDone:
    """The end of a turn that changed nothing."""
    return TurnDone(turn=turn, paths=(), commits=(), checkpoint="")


def test_calls_count_to_their_turn_and_a_rebuild_to_the_next() -> None:
    """What the summary takes is spent for the turn that needs the room."""
    found = measure(
        "s",
        lines(
            TurnBegin("one", 1),
            call(100),
            call(10, "weak"),
            done(1),
            Rebuild("begin"),
            call(50, "weak"),
            Rebuild("end"),
            TurnBegin("two", 2),
            call(200),
            done(2),
        ),
    )

    assert prompt_tokens_by_turn(found) == (110, 250)
    assert {name: each.prompt_tokens for name, each in by_model([found]).items()} == {
        "m/main": 300,
        "m/weak": 60,
    }
    assert cached_share(found.usage) == 0.5
    assert (found.rebuilds, found.seconds, found.usage.cost_usd) == (1, 50.0, 2.0)


def test_a_turn_that_is_taken_again_counts_once_and_its_calls_all() -> None:
    """They were paid for."""
    found = measure(
        "s",
        lines(
            TurnBegin("one", 1),
            call(100),
            Resume(unfinished=True, again=True),
            TurnBegin("one", 1),
            call(30),
            done(1),
        ),
    )

    assert found.requests == ("one",)
    assert prompt_tokens_by_turn(found) == (130,)
    assert found.resumed == 1


def test_edits_count_when_they_are_written() -> None:
    """One that a kill kept from the disk is none."""
    found = measure(
        "s",
        lines(
            TurnBegin("one", 1),
            EditRefused(("no such text", "twice there")),
            EditIntent({"a.py": "1", "b.py": "2"}),
            EditDone(3),
            CommitDone("abc"),
            CommitDone(""),
            EditIntent({"a.py": "3"}),
        ),
    )

    assert (found.applied, found.refused, found.commits) == (2, 2, 1)


def test_a_price_that_is_not_known_makes_the_sum_unknown() -> None:
    """Rather than too small."""
    found = measure(
        "s",
        lines(
            call(1, model="m", cached=0),
            call(1, model="n", cached=0, cost=None),
        ),
    )

    assert found.usage.cost_usd is None
    assert by_model([found])["m"] == Usage(1, 1, 0, 10, 0.5)


def test_the_plot_shows_the_largest_of_what_shares_a_column() -> None:
    """A peak is not lost, and no row is wider than asked for."""
    text = text_plot([1] * 99 + [1000] + [1] * 100, "Tokens", columns=40, rows=4)

    rows = text.split("\n")
    assert rows[0] == "Tokens"
    assert rows[1].startswith("1,000 ┤")
    assert rows[1].count("█") == 1
    assert max(map(len, rows)) <= 40 + 7
    assert rows[-1].split() == ["1", "200"]


def test_a_plot_of_nothing_and_of_one_value() -> None:
    """Neither is an error."""
    assert "nothing to show" in text_plot([], "Tokens")
    assert "█" in text_plot([5], "Tokens")
    assert text_plot([0, 0], "Tokens").count("█") == 0


def test_the_svg_is_well_formed_and_has_a_point_for_each_turn() -> None:
    """A title is text, whatever stands in it."""
    tree = ElementTree.fromstring(svg_plot([3, 1, 2], "<Tokens & turns>"))

    names = [each.tag.rpartition("}")[2] for each in tree.iter()]
    assert names.count("circle") == 3
    assert next(tree.iter("{http://www.w3.org/2000/svg}text")).text == "<Tokens & turns>"
    ElementTree.fromstring(svg_plot([], "none"))

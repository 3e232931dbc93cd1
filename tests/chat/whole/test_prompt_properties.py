"""What holds of every reply, file and conversation: properties of the chat's pure parts."""

import itertools
import json
from dataclasses import replace

from hypothesis import given, reject
from hypothesis import strategies as st

from chat.conversation.context_requests import PathTable, proposed_commands, read_context_requests
from chat.conversation.conversation import Conversation, Exploration, LogEntry, ShownFile
from chat.conversation.excerpts import Block, around, choose_spans, merge_spans, show
from chat.conversation.summaries import standing_rules, without_edits
from chat.model import Message, Mode
from chat.sessions.conversation_change import ConversationChange, apply_change, change_between
from edits import NotRenderable, render_blocks
from edits.model import EditBlock, NameHint, Reading, Replace

PATHS = ("src/app.py", "src/util.py", "src/views/app.py", "docs/Read Me.md", "Makefile", "a-b/c+d.ts")
TABLE = PathTable(PATHS)

PIECES = st.sampled_from(
    [
        *PATHS,
        "app.py",
        "`util.py`",
        "- src/app.py:3-9",
        "`Makefile`",
        "show: ",
        "find: ",
        "refs: `x`",
        "map: src",
        "I need to see ",
        "please show me the ",
        "I cannot see where this code lives",
        "\n",
        "\n\n",
        "```\n",
        "~~~~\n",
        "```bash\nmake test\n```\n",
        "@src/util.py:5",
        "`Session.close()`\n",
        "..",
        "\\",
        ":0-0",
        ":99999999999-1",
        "\0",
        "é",
    ]
)
REPLIES = st.lists(PIECES | st.text(max_size=12), max_size=25).map("".join)


@given(REPLIES)
def test_every_reply_can_be_read_and_only_files_of_the_repository_are_asked_for(reply: str) -> None:
    """Whatever it says."""
    asks = read_context_requests(reply, TABLE)

    assert {ask.path for ask in asks.files} <= set(PATHS)
    assert len(set(asks.files)) == len(asks.files)
    assert len(set(asks.lookups)) == len(asks.lookups)
    assert all(command.strip() for command in proposed_commands(reply))


@given(REPLIES, st.sampled_from(["```", "````", "~~~"]))
def test_nothing_inside_a_fence_is_asked_for(inside: str, fence: str) -> None:
    """Code is not a question, whatever it names."""
    inside = "".join(char for char in inside if char not in "`~")

    asks = read_context_requests(f"I need to see this:\n\n{fence}\n{inside}\n{fence}\n", TABLE)

    assert not asks
    assert not asks.cannot_see


LINES = st.lists(st.text("ab {}\t`", max_size=12), min_size=1, max_size=60)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[Block]]:
    """A text, and definitions somewhere in it, in their order."""
    lines = draw(LINES)
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n"]))
    total = len(rows_of(text))
    firsts = draw(st.lists(st.integers(1, max(1, total)), max_size=12, unique=True).map(sorted))
    lasts = [draw(st.integers(first, max(first, total))) for first in firsts]
    return text, [Block(*span, inner=draw(st.booleans())) for span in zip(firsts, lasts, strict=True)]


SPANS = st.tuples(st.integers(1, 80), st.integers(1, 80)).map(lambda span: (min(span), max(span)))


def rows_of(text: str) -> list[str]:
    """The lines of a file; what follows its last newline is none."""
    return text.removesuffix("\n").split("\n") if text else []


def count(text: str) -> int:
    """Tokens enough for a test."""
    return len(text) // 2


@given(files(), st.lists(SPANS, max_size=3), st.integers(0, 200), st.randoms(use_true_random=False))
def test_the_part_of_a_file_that_is_chosen(
    file: tuple[str, list[Block]], wanted: list[tuple[int, int]], budget: int, random: object
) -> None:
    """In order, apart, inside the file, with all that was wanted; nothing chosen is all of it."""
    text, blocks = file
    total = len(rows_of(text))
    ranked = sorted(blocks, key=lambda block: (block.last, block.first))

    spans = choose_spans(text, blocks, wanted, ranked, budget, count)
    shown = {row for first, last in spans or ((1, total),) for row in range(first, last + 1)}

    assert all(1 <= first <= last <= total for first, last in spans)
    assert all(before[1] + 1 < after[0] for before, after in itertools.pairwise(spans))
    assert all(row in shown for first, last in wanted for row in range(first, min(last, total) + 1))


@given(files(), st.integers(0, 300))
def test_bodies_are_chosen_within_the_budget(file: tuple[str, list[Block]], budget: int) -> None:
    """Beside the head and the short gaps that are shown rather than marked."""
    text, blocks = file
    rows = rows_of(text)
    head = min([block.first for block in blocks], default=61) - 1

    spans = choose_spans(text, blocks, (), blocks, budget, count)
    chosen = sorted({row for first, last in spans for row in range(first, last + 1)})
    cost = sum(count(rows[row - 1]) + 1 for row in chosen if row > head)
    bare = sum(count(row) + 1 for row in rows[:head])
    bridged = 5 * max(len(rows[row - 1]) // 2 + 1 for row in chosen) * len(blocks) if chosen else 0

    assert cost <= max(0, budget - bare) + bridged or not blocks


@given(files(), st.lists(SPANS, min_size=1, max_size=4))
def test_what_is_shown_of_a_file_stands_below_its_path_word_for_word(
    file: tuple[str, list[Block]], spans: list[tuple[int, int]]
) -> None:
    """In a fence that nothing inside closes; and what is left out is marked."""
    text, _ = file
    rows = rows_of(text)
    inside = merge_spans([(first, min(last, len(rows))) for first, last in spans if first <= len(rows)])

    shown = show("some/path.py", text, inside).split("\n")
    fence = shown[1]

    assert shown[0] == "some/path.py"
    assert shown[-2:] == [fence, ""]
    assert fence not in shown[2:-2]
    for first, last in inside:
        wanted = rows[first - 1 : last]
        assert any(shown[at : at + len(wanted)] == wanted for at in range(2, len(shown)))
    if inside:
        left_out = len(rows) - sum(last - first + 1 for first, last in inside)
        assert any(row.startswith("⋮ lines ") for row in shown) == (left_out > 0)


@given(SPANS, st.integers(1, 40))
def test_lines_around_lines_are_in_the_file(span: tuple[int, int], total: int) -> None:
    """Also where the file is shorter than what was asked for."""
    first, last = around(span, total)

    assert 1 <= first <= last <= total


MESSAGES = st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text(max_size=10))
ENTRIES = st.builds(LogEntry, MESSAGES, st.sampled_from(["request", "reply", "note"]), st.integers(0, 5))
FILES = st.builds(
    ShownFile,
    st.sampled_from(PATHS),
    digest=st.text("0f", max_size=3),
    tokens=st.integers(0, 9),
    used_turn=st.integers(0, 9),
    spans=st.lists(SPANS, max_size=2).map(tuple),
    read_only=st.booleans(),
    by_user=st.booleans(),
    shown_digest=st.text("0f", max_size=3),
)
CONVERSATIONS = st.builds(
    Conversation,
    base=st.lists(MESSAGES, max_size=2).map(tuple),
    entries=st.lists(ENTRIES, max_size=4).map(tuple),
    files=st.lists(FILES, max_size=3).map(tuple),
    notes=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    turn=st.integers(0, 9),
    mode=st.sampled_from(list(Mode)),
    exploration=st.none() | st.builds(Exploration, st.text(max_size=5), st.integers(0, 3)),
)


@given(
    st.lists(CONVERSATIONS | st.sampled_from(["message", "note", "forget", "see"]), min_size=1, max_size=8)
)
def test_a_conversation_is_what_its_changes_make_of_nothing(steps: list[Conversation | str]) -> None:
    """Through JSON, as the journal keeps them; whatever one conversation becomes of another."""
    written, read = Conversation(), Conversation()
    for step in steps:
        match step:
            case "message":
                after = written.with_message("user", "more", "request")
            case "note":
                after = written.with_note("by the way")
            case "forget":
                after = written.without_files(PATHS[:3])
            case "see":
                after = written.with_files(
                    [ShownFile(PATHS[0], digest="0", tokens=1, used_turn=1, spans=((1, 2),))]
                )
            case _:
                after = replace(step)
        fields = json.loads(json.dumps(change_between(written, after).fields()))
        written, read = after, apply_change(read, ConversationChange.parse(fields))
        assert read == written


WORDS = st.lists(st.sampled_from("run the tests in src/app.py with v1.2 and mail me".split()), min_size=1)


@given(st.lists(WORDS, max_size=4), WORDS, st.sampled_from(["Always", "From now on,", "Never"]))
def test_a_rule_that_is_to_last_is_kept_word_for_word(
    others: list[list[str]], rule: list[str], how: str
) -> None:
    """And the sentences around it are not."""
    sentence = f"{how} {' '.join(rule)}."
    around_it = [f"{' '.join(words).capitalize()}." for words in others]

    assert standing_rules([" ".join([*around_it, sentence, *around_it])]) == (sentence,)


CODE = st.lists(st.text("ab ()='#`", max_size=14), max_size=5).map(
    lambda rows: tuple(row for row in rows if not row.startswith(("<<<", "===", ">>>")))
)
BLOCKS = st.lists(
    st.builds(
        lambda path, search, replacement: EditBlock(
            (NameHint((path,), True),), Replace((Reading(search, replacement),)), 1
        ),
        st.sampled_from(PATHS),
        CODE,
        CODE,
    ),
    min_size=1,
    max_size=3,
)


@given(BLOCKS)
def test_what_a_reply_says_is_what_stands_beside_its_edits(blocks: list[EditBlock]) -> None:
    """Of a block nothing is left, whatever is in it."""
    try:
        rendered = render_blocks(blocks)
    except NotRenderable:
        reject()

    said = without_edits(f"First this.\n\n{rendered}\nThen that.")

    assert said == "First this.\n\nThen that."

"""Every command does what its row says, at a chat that only notes what is asked of it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fake_chat import DIFF, FakeChat

from chat.cli.main import COMMANDS as SHELL_COMMANDS
from chat.commands.command import CommandContext, Leave
from chat.commands.other_names import ADVICE, SYNONYMS
from chat.commands.table import COMMANDS, SECTIONS, document, find_command, overview, run_line
from chat.display.input_line import read_command
from chat.errors import ChatError, InputError, NeedsTerminal, NothingToUndo, UsageError
from chat.events import Copied, Event, Notice, Shown, TurnEnded
from chat.model import Mode, ModelRole, Usage
from chat.settings.table import Settings, changed

ROOT = Path(__file__).parents[3]


class Person:
    """Answers every question alike, and notes it."""

    def __init__(self, answer: bool = True) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def confirm(self, question: str, subject: str = "") -> bool:
        self.asked.append(question)
        return self.answer

    is_there = True

    def permit(self, command: str, rule: str) -> str:
        return "no"

    def offer(self, command: str) -> bool:
        return False


class Place:
    """A context at a fake chat, and what was told there."""

    def __init__(self, root: Path, at_terminal: bool = True, answer: bool = True) -> None:
        self.events: list[Event] = []
        self.person = Person(answer)
        self.chat = FakeChat(replace(Settings(), model="fake/main"), root, self.events.append, self.person)
        self.context = CommandContext(self.chat, at_terminal)

    def type(self, text: str) -> str:
        """What a line shows and says."""
        self.events.clear()
        run_line(self.context, text)
        return "\n".join(event.text for event in self.events if isinstance(event, Shown | Notice))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("a.py", "b.py", "c d.md"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/add a.py b.py", "Added a.py, b.py."),
        ('/add "c d.md"', "Added c d.md."),
        ("/read-only a.py", "Added read-only: a.py."),
        ("/read a.py", "Added read-only: a.py."),
        ("/ls", "There are no files in the chat."),
        ("/map", "class Session"),
        ("/map shop", "answer to map: shop"),
        ("/map-refresh", "class Session"),
        ("/find  price of ", "answer to find: price of"),
        ("/refs price", "answer to refs: price"),
        ("/show a.py:1-3", "answer to show: a.py:1-3"),
        ("/redo", "redo: done."),
        ("/commit", "There is nothing to commit."),
        ("/checkpoints", "before: expire sooner"),
        ("/rollback 1", "rollback 1 both: done."),
        ("/rollback 2 files", "rollback 2 files: done."),
        ("/ask", "Switched to ask mode."),
        ("/architect", "Switched to architect mode."),
        ("/model", "fake/main"),
        ("/weak-model x/y", "The weak model is now x/y."),
        ("/editor-model x/y", "The editor model is now x/y."),
        ("/models gpt", "openai/gpt-5"),
        ("/models zzz", "No known model has a name"),
        ("/settings map-tok", "map-tokens  auto  (default)"),
        ("/settings map-tokens 512", "map-tokens is now 512"),
        ("/permissions", "mode: default"),
        ("/compact the parser", "compact the parser: done."),
        ("/uncompact", "uncompact: done."),
        ("/focus caching", "explore caching: done."),
        ("/done it is fine", "conclude it is fine: done."),
        ("/remember use tabs", "add use tabs: done."),
        ("/memory", "Use tabs."),
        ("/sessions", "There are no sessions of this folder."),
        ("/tag release", "tag release: done."),
        ("/chat-mode", "code"),
        ("/chat-mode ask", "Switched to ask mode."),
        ("/think-tokens 8k", "thinking-tokens is now 8k"),
        ("/think-tokens", "thinking-tokens  auto"),
        ("/reasoning-effort high", "reasoning-effort is now high"),
        ("/report it hangs", "it hangs\n\nTrigpoint "),
        ("/untag release", "untag release: done."),
        ("/agent explorer Who calls price?", "Report of the agent explorer on “Who calls price?”"),
        ("/agents", "helper.md: not trusted; see trigpoint trust"),
        ("/agents new mover", "Made mover.md."),
        ("/test true", "The tests pass."),
        ("/add a.py\n\n/read-only b.py\n", "Added read-only: b.py."),
        ("/clear", "The files stay"),
        ("/reset", "without files"),
        ("/multiline", "Alt-Enter sends"),
        ("/help add", "/add PATH…"),
        ("/help /quit", "Also: /quit, /q."),
    ],
)
def test_a_command_reports_what_it_did(place: Place, line: str, said: str) -> None:
    """One line typed, one answer."""
    assert said in place.type(line)


def test_help_of_a_command_is_broken_between_words(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As wide as the terminal, and no wider than one reads with ease."""
    monkeypatch.setenv("COLUMNS", "60")
    said = place.type("/help read-only")
    assert max(map(len, said.splitlines())) < 60
    assert "whatever the model says" in " ".join(said.split())
    monkeypatch.setenv("COLUMNS", "300")
    assert max(map(len, place.type("/help").splitlines())) < 100


@pytest.mark.parametrize("line", ["/lint", "/test"])
def test_a_check_without_a_command_is_wrong_usage(place: Place, line: str) -> None:
    """A step of CI that checks nothing must not pass."""
    with pytest.raises(UsageError, match=f"--{line[1:]}-cmd"):
        place.type(line)


def test_a_slash_alone_is_not_sent(place: Place) -> None:
    """Nobody means it as a message."""
    with pytest.raises(UsageError, match="A slash alone is not a command"):
        place.type("/")


def test_an_image_that_is_mentioned_is_said_to_be_left_out(place: Place) -> None:
    """The message goes without it."""
    assert "@logo.png is sent as text" in place.type("what is in @logo.png?")


def test_every_command_is_tried_here() -> None:
    """A new row of the table comes with a test, here or below."""
    text = Path(__file__).read_text(encoding="utf-8")
    names = {command.name for table in SECTIONS.values() for command in table}

    assert {name for name in names if f'"/{name}' not in text} == set()


@pytest.mark.parametrize(
    "line",
    ["/add", "/read-only", "/find", "/refs", "/show", "/run", "/test", "/rollback", "/rollback 1 all",
     "/settings nope 1", "/settings map-tokens many", "/settings message hi", "/context", "/focus", "/done",
     "/remember", "/agent", "/agent explorer", "/agents new", "/agents old", "/save", "/load", "/add 'a.py"],
)  # fmt: skip
def test_a_command_without_its_argument_is_wrong_usage(place: Place, line: str) -> None:
    """Code 2 in a script, and nothing is done."""
    with pytest.raises(UsageError):
        place.type(line)


def test_an_unknown_command_names_the_nearest() -> None:
    """A typing error must not be sent to a model, nor pass for success."""
    with pytest.raises(UsageError, match=r"no command /mpa\. Did you mean /map"):
        find_command("mpa")


@pytest.mark.parametrize("name", sorted({**SYNONYMS, **ADVICE}))
def test_a_command_of_another_program_is_answered_with_ours(name: str) -> None:
    """Names that look alike by chance help nobody: /usage is not meant as /save."""
    assert name not in COMMANDS
    if name in SYNONYMS:
        assert find_command(name).name == SYNONYMS[name]
    else:
        with pytest.raises(UsageError) as refusal:
            find_command(name)
        named = re.findall(r"(?<![\w!:])/([a-z-]+)", str(refusal.value).replace(f"/{name}.", ""))
        assert set(named) <= set(COMMANDS)


def test_a_command_of_the_shell_typed_at_the_prompt_says_how_it_is_run_there() -> None:
    """The two tables are kept apart, so that one stays free of the other's imports."""
    missing = {name for name in SHELL_COMMANDS if not {name} & {*COMMANDS, *SYNONYMS, *ADVICE}}

    assert missing == set()


def test_help_with_a_question_says_what_answers_it(place: Place) -> None:
    """aider's /help takes one."""
    with pytest.raises(UsageError, match="/ask TEXT"):
        place.type("/help how do I add files")


def test_a_model_that_nobody_offers_is_chosen_with_a_warning(place: Place) -> None:
    """The next request would fail, and the user has it still before the eyes."""
    assert place.type("/model sonett").endswith("No provider is known. Similar: sonnet.")
    assert "provider" not in place.type("/model fake/other")


def test_files_are_listed_with_their_tokens(place: Place) -> None:
    """Those for editing first."""
    place.type("/read-only b.py")
    place.type("/add a.py")

    assert place.type("/ls") == "For editing:\n  a.py   1.2k tokens\nRead-only:\n  b.py   1.2k tokens"


def test_dropping_without_a_name_drops_all(place: Place) -> None:
    """As users of similar programs expect."""
    place.type("/add a.py b.py")

    assert place.type("/drop b.py") == "Dropped b.py."
    assert place.type("/drop") == "Dropped a.py."
    assert place.type("/drop nope.py") == "Nothing to do: no such file is in the chat."
    assert place.type("/drop") == "Nothing to do: there are no files in the chat."


def test_undo_without_a_turn_is_an_error(place: Place) -> None:
    """So that a script notices."""
    with pytest.raises(NothingToUndo):
        place.type("/undo")


def test_the_diff_is_shown_as_a_diff(place: Place) -> None:
    """So that the terminal can colour it."""
    place.type("/diff")

    assert place.events == [Shown(DIFF, "diff")]


@pytest.mark.parametrize(
    "line", ["/run x", "!x", "/test", "/git status", "/lint a.py", "/commit", "/compact"]
)
def test_what_takes_its_time_is_shown_to_go_on(place: Place, line: str) -> None:
    """A screen without a sign of life looks as if it hung."""
    place.chat.settings = changed(place.chat.settings, {"test-cmd": "t", "lint-cmd": ["l"]}, "flag")
    entered: list[str] = []

    @contextmanager
    def around() -> Iterator[None]:
        entered.append(line)
        yield

    place.context.around_work = around
    with suppress(ChatError):
        place.type(line)

    assert entered == [line]


@pytest.mark.parametrize(
    ("line", "command"), [("!ls -l", "ls -l"), ("/run ls -l", "ls -l"), ("/git log -1", "git log -1")]
)
def test_commands_run_as_they_are_typed(place: Place, line: str, command: str) -> None:
    """In the user's own shell."""
    place.type(line)

    assert place.chat.shell.commands == [command]


def test_the_model_sees_output_if_the_user_agrees(place: Place) -> None:
    """Each output is asked about, because it may be private."""
    place.type("/run make")

    assert place.person.asked == ["Show this to the model?"]
    assert place.chat.conversation.told == ["I ran `make`: exit code 0.\n\noutput of make\n"]


def test_without_a_terminal_the_model_sees_no_output(tmp_path: Path) -> None:
    """Not even with `--yes`: nobody asked for more than the run."""
    place = Place(tmp_path, at_terminal=False)

    place.type("/run make")

    assert place.person.asked == []
    assert place.chat.conversation.told == []


@pytest.mark.parametrize(
    ("line", "failed"), [("/test true", False), ("/test false", True), ("/lint a.py", True), ("!false", True)]
)
def test_a_failing_check_is_a_failure(place: Place, line: str, failed: bool) -> None:
    """Code 1 in a script."""
    place.chat.settings = changed(place.chat.settings, {"lint-cmd": (("", "check"),)}, "test")
    place.type(line)

    assert place.context.failed is failed


def test_a_mode_with_a_text_lasts_for_one_turn(place: Place) -> None:
    """The mode of the chat stays."""
    place.type("/ask why?")
    place.type("/architect plan it")
    place.type("/code")

    assert place.chat.requests == [(Mode.ASK, "why?"), (Mode.ARCHITECT, "plan it")]
    assert place.chat.mode is Mode.CODE


def test_a_model_is_chosen_by_its_setting_as_well(place: Place) -> None:
    """Both ways do the same."""
    place.type("/settings weak-model x/y")
    place.type("/model a/b")
    place.type("/settings mode ask")

    assert place.chat.model.names[ModelRole.WEAK] == "x/y"
    assert place.chat.model.names[ModelRole.MAIN] == "a/b"
    assert place.chat.mode is Mode.ASK


def test_the_model_chooses_files(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Existing files that its answer names are added; nothing is edited."""
    (place.chat.root / "shop").mkdir()
    (place.chat.root / "shop/cart.py").touch()

    said = place.type("/context total in shop/cart.py, and no/such.py")

    assert "Added shop/cart.py." in said
    assert [mode for mode, _ in place.chat.requests] == [Mode.ASK]


@pytest.mark.parametrize("line", ["/model x", "/weak-model x", "/ask", "/settings map-tokens 9"])
def test_a_choice_for_later_turns_fails_if_none_follows(place: Place, line: str) -> None:
    """A script would take code 0 for success; the message says what to give instead."""
    place.context.ends = True

    with pytest.raises(NeedsTerminal, match=r"this run has none\. Nothing was done; give --"):
        place.type(line)


def test_tokens_are_shown_against_the_ceiling(place: Place) -> None:
    """Part by part, with their shares."""
    rows = [line.split() for line in place.type("/tokens").split("\n")]

    assert rows[1] == ["rules", "1,000", "10.0", "%", "$0.003"]
    assert rows[-2:] == [["total", "1,500", "15.0", "%", "$0.0045"], ["ceiling", "10,000"]]


def test_cost_is_shown_by_model_and_turn(place: Place) -> None:
    """Users want to know both."""
    place.type("hello")

    rows = [line.split() for line in place.type("/cost").split("\n")]

    assert rows[1] == ["main", "1", "2.0k", "1.6k", "340", "$0.004"]
    assert rows[2] == ["session", "1", "2.0k", "1.6k", "340", "$0.004"]
    assert rows[5] == ["1", "1", "2.0k", "1.6k", "340", "$0.004"]


def test_a_saved_chat_can_be_loaded(place: Place, tmp_path: Path) -> None:
    """With files, models and mode, and names with spaces."""
    place.type('/add a.py "c d.md"')
    place.type("/read-only b.py")
    place.type("/ask")
    place.type("/save chat.txt")
    other = Place(tmp_path)

    other.type("/load chat.txt")

    assert [(file.path, file.read_only) for file in other.chat.files.listed()] == [
        ("a.py", False), ("c d.md", False), ("b.py", True)
    ]  # fmt: skip
    assert other.chat.mode is Mode.ASK
    assert (tmp_path / "chat.txt").read_text(encoding="utf-8").startswith("/model fake/main\n")


def test_a_file_is_not_overwritten_unasked(place: Place, tmp_path: Path) -> None:
    """It may be anything."""
    place.person.answer = False

    with pytest.raises(UsageError, match="exists"):
        place.type("/save a.py")

    assert (tmp_path / "a.py").read_bytes() == b""


def test_a_loaded_file_may_have_commands_messages_and_comments(place: Place) -> None:
    """Errors name the line."""
    Path("setup").write_text("# a remark\n\n/add a.py\nhello there\n", encoding="utf-8")
    Path("wrong").write_text("/add a.py\n/nope\n", encoding="utf-8")

    place.type("/load setup")

    assert [text for _, text in place.chat.requests] == ["hello there"]
    with pytest.raises(UsageError, match=r"^wrong:2: There is no command /nope"):
        place.type("/load wrong")


def test_files_that_load_each_other_stop(place: Place) -> None:
    """Not in a stack overflow."""
    Path("a").write_text("/load b\n", encoding="utf-8")
    Path("b").write_text("/load a\n", encoding="utf-8")

    with pytest.raises(InputError, match="load each other"):
        place.type("/load a")


def test_a_missing_file_is_bad_input(place: Place) -> None:
    """Code 42 in a script."""
    with pytest.raises(InputError, match=r"nope: .*\. Nothing was loaded"):
        place.type("/load nope")


def test_an_edited_message_is_sent(place: Place) -> None:
    """The editor starts with the text after the command."""
    place.context.edit = lambda text: f"{text} and more\n"

    place.type("/editor fix it")
    place.context.edit = lambda _: "  \n"

    assert "Nothing was sent" in place.type("/editor")
    assert place.chat.requests == [(Mode.CODE, "fix it and more")]


def test_the_last_answer_is_copied(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the terminal, and by a program if there is one."""
    monkeypatch.setattr("chat.commands.conversation.find_clipboard", lambda: None)
    with pytest.raises(UsageError, match="no answer yet"):
        place.type("/copy")

    place.type("hello")
    said = place.type("/copy")

    assert Copied("You said: hello\n") in place.events
    assert "if your terminal" in said


def test_a_pasted_text_waits_to_be_sent(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clipboard may hold a password, so the user sees it first."""
    from chat.commands.clipboard import Clipboard

    monkeypatch.setattr("chat.commands.conversation.find_clipboard", lambda: Clipboard("paste", "copy"))

    place.type("/paste")

    assert place.context.prefill == "output of paste"
    assert place.chat.requests == []


def test_the_prompt_of_a_request_is_copied_for_another_chat(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its reply comes back through `trigpoint apply`."""
    monkeypatch.setattr("chat.commands.conversation.find_clipboard", lambda: None)
    said = place.type("/copy-context make it faster")
    assert "trigpoint apply" in said
    assert any(isinstance(event, Copied) and "make it faster" in event.text for event in place.events)


@pytest.mark.parametrize("line", ["/editor", "/paste", "/copy", "/multiline", "/edit x"])
def test_a_command_for_people_needs_a_terminal(tmp_path: Path, line: str) -> None:
    """Code 2 in a script."""
    with pytest.raises(NeedsTerminal, match="needs a terminal"):
        Place(tmp_path, at_terminal=False).type(line)


@pytest.mark.parametrize("line", ["/exit", "/quit", "/q"])
def test_leaving_has_three_names(place: Place, line: str) -> None:
    """Whatever one is used to."""
    with pytest.raises(Leave):
        place.type(line)


def test_a_file_named_with_an_at_sign_is_added(place: Place) -> None:
    """Other words with an at sign stay as they are."""
    place.type("fix @a.py and keep @property")

    assert [file.path for file in place.chat.files.listed()] == ["a.py"]
    assert place.chat.requests == [(Mode.CODE, "fix a.py and keep @property")]


@pytest.mark.parametrize("request_", ["hello", "unreachable"])
def test_every_turn_ends_with_its_cost(place: Place, request_: str) -> None:
    """Also a failed one: the terminal has to know that it is over."""
    with suppress(ChatError):
        place.type(request_)

    ended = place.events[-1]
    assert isinstance(ended, TurnEnded)
    assert ended.session == place.chat.spent
    assert (ended.usage == Usage()) is (request_ == "unreachable")


def test_help_lists_every_command_once() -> None:
    """It is made from the table."""
    text = overview()

    assert [
        name
        for name in {c.name for c in COMMANDS.values()}
        if text.count(f"  /{name} ") + text.count(f"  /{name}\n") != 1
    ] == []
    assert max(len(line) for line in text.split("\n")) <= 80


def test_every_name_in_the_table_can_be_typed() -> None:
    """A name that is not a command word, or that another hides, could never be reached."""
    rows = [command for table in SECTIONS.values() for command in table]
    names = [name for command in rows for name in (command.name, *command.aliases)]

    assert len(names) == len(set(names))
    for name in names:
        line = read_command(f"/{name} x")
        assert line is not None
        assert line.name == name


def test_the_documented_commands_are_those_of_the_table(approved: Callable[[Path, str], None]) -> None:
    """`make approve` rewrites the page."""
    approved(ROOT / "docs" / "commands.md", document())


def test_a_goal_that_is_not_there_is_said_so(place: Place) -> None:
    """And what sets one."""
    assert place.type("/goal") == "There is no goal. /goal CONDITION sets one."


def test_the_plan_of_a_goal_is_shown_and_changed(place: Place) -> None:
    """Its steps with their evidence; steps that stay keep their ticks."""
    assert place.type("/plan").startswith("There is no plan.")
    place.chat.settings = replace(place.chat.settings, goal="it works")
    place.context.edit = lambda text: text.replace("Test it", "Test it well")

    assert "plan    1 of 2 steps are done; /plan shows them" in place.type("/goal")
    assert place.type("/plan") == "1. [x] Read it\n       “def read():”\n2. [ ] Test it"
    assert place.type("/plan add 3. Say so").endswith("3. [ ] Say so")
    assert place.type("/plan drop 3") == "1. [x] Read it\n2. [ ] Test it"
    assert place.type("/plan edit") == "1. [x] Read it\n2. [ ] Test it well"


@pytest.mark.parametrize("line", ["/plan now", "/plan add", "/plan drop", "/plan drop 3"])
def test_a_plan_that_cannot_be_changed_so_stays(place: Place, line: str) -> None:
    """Wrong usage; so is a plan without steps."""
    place.chat.settings = replace(place.chat.settings, goal="it works")
    place.context.edit = lambda _: "\n"

    with pytest.raises(UsageError):
        place.type(line)
    with pytest.raises(InputError, match="A plan needs a step"):
        place.type("/plan edit")

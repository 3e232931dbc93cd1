"""Whole turns over HTTP: prompt, reply, files and git as a user has them, through the real chat and litellm."""

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_fakes import Answering
from repositories import SHOP, commit, git, make_repository, write_files
from scripted_model import Answer, Request, ScriptedModel, failure
from whole_chat import Program, WholeChat, block, calls_of, last_text

from chat.commands.command import CommandContext
from chat.conversation.prompt_texts import MAP_HEADING, MORE_HEADING, OVERVIEW_HEADING
from chat.errors import ChatError, GitError, InputError, ModelError, TurnLimit, UsageError
from chat.events import CommandRan, Notice
from chat.model import Mode
from chat.state.file_excerpt import PART_TOKENS
from chat.trust.git_claim import git_claim
from chat.trust.grants import agreed, grant_for, set_grant
from repomap import count_tokens

Whole = Callable[..., WholeChat]
Play = Callable[..., ScriptedModel]

SHORTER = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")
EXPIRED = "LIFETIME_S = 60\n"


def session_of(shop: Path) -> str:
    """The file that the tests' edits change."""
    return (shop / "shop/session.py").read_text(encoding="utf-8")


# The main line


def test_a_model_asks_for_a_file_edits_it_and_the_turn_is_a_commit(shop: Path, open_whole: Whole) -> None:
    """Two calls, one commit of that file alone, in the weak model's words and with both authors."""
    whole = open_whole("I need to see:\n\n`shop/session.py`", SHORTER, weak="Shorten sessions")

    done = whole.turn("let sessions end sooner")

    assert done.ok
    assert "def read_cookie" in last_text(whole.prompts[1])
    assert session_of(shop).startswith(EXPIRED)
    assert git(shop, "log", "-1", "--format=%s") == "Shorten sessions"
    assert "Co-authored-by: openai/main" in git(shop, "log", "-1", "--format=%b")
    assert git(shop, "show", "--name-only", "--format=") == "shop/session.py"
    assert git(shop, "status", "--porcelain") == ""


def test_a_session_goes_on_in_a_later_run(play: Play, trigpoint: Program) -> None:
    """With --continue, its prompt begins with the messages of the run before."""
    server = play("First answer.", "Second answer.")

    trigpoint(server.base_url, "-m", "first question")
    done = trigpoint(server.base_url, "-m", "second question", "--continue")
    first, second = calls_of(server)

    assert done.code == 0
    assert [message["role"] for message in second.messages] == ["system", "user", "assistant", "user"]
    assert "first question" in second.prompt
    assert "First answer." in second.prompt
    assert "second question" in last_text(second)
    assert "First answer." not in first.prompt


def checking(what: str) -> str:
    """A test command that is green where the session's file holds a text."""
    code = f"import sys; sys.exit({what!r} not in open('shop/session.py').read() and 'FAILED lifetime')"
    return f'"{sys.executable}" -c "{code}"'


def test_red_tests_go_back_to_the_model_until_they_are_green(
    shop: Path, play: Play, trigpoint: Program
) -> None:
    """The model is told what failed; its fix and its first edit are one commit."""
    fix = block("shop/session.py", "LIFETIME_S = 60\n", "LIFETIME_S = 30\n")
    server = play(SHORTER, fix)

    done = trigpoint(server.base_url, "-m", "go", "--test-cmd", checking("= 30"), "--auto-test")

    assert done.code == 0
    assert "FAILED lifetime" in last_text(calls_of(server)[1])
    assert session_of(shop).startswith("LIFETIME_S = 30\n")
    assert git(shop, "rev-list", "--count", "HEAD") == "3"


def test_tests_that_stay_red_are_a_failure(shop: Path, play: Play, trigpoint: Program) -> None:
    """Code 1; the edits stay, committed, one undo away."""
    server = play(SHORTER, "I do not know why.")

    done = trigpoint(server.base_url, "-m", "go", "--test-cmd", checking("= 30"), "--auto-test")

    assert done.code == 1
    assert "FAILED lifetime" in done.stderr
    assert session_of(shop).startswith(EXPIRED)


def test_lint_gets_the_changed_files(shop: Path, open_whole: Whole) -> None:
    """Quoted, and only what was changed."""
    print_it = f'"{sys.executable}" -c "import sys; print(sys.argv[1:])"'
    whole = open_whole(SHORTER, lint_cmd=(("python", print_it),))

    whole.turn()
    (ran,) = (event for event in whole.events if isinstance(event, CommandRan))

    assert ran.output.strip() == "['shop/session.py']"


# Git


def test_changes_can_be_staged(shop: Path, open_whole: Whole) -> None:
    """With --commit-mode stage nothing is committed."""
    whole = open_whole(SHORTER, commit_mode="stage")

    assert whole.turn().commits == ()
    assert git(shop, "status", "--porcelain") == "M  shop/session.py".strip()
    assert git(shop, "rev-list", "--count", "HEAD") == "2"


def test_git_can_be_left_alone(shop: Path, open_whole: Whole) -> None:
    """With --commit-mode none only the file changes; undo works all the same."""
    whole = open_whole(SHORTER, commit_mode="none")

    whole.turn()

    assert git(shop, "diff", "--name-only") == "shop/session.py"
    assert git(shop, "diff", "--cached", "--name-only") == ""
    whole.chat.changes.undo()
    assert git(shop, "status", "--porcelain") == ""


def test_a_dry_run_shows_and_writes_nothing(shop: Path, play: Play, trigpoint: Program) -> None:
    """The diff is to be seen, code 0, and the tree stays."""
    done = trigpoint(play(SHORTER).base_url, "-m", "go", "--dry-run")

    assert done.code == 0
    assert "shop/session.py" in done.stderr
    assert session_of(shop).startswith("LIFETIME_S = 3600\n")
    assert git(shop, "rev-list", "--count", "HEAD") == "2"


def test_a_question_that_nobody_hears_is_a_no(shop: Path, play: Play, trigpoint: Program) -> None:
    """--ask without a terminal: nothing is written and the code says so; --yes is an answer."""
    refused = trigpoint(play(SHORTER).base_url, "-m", "go", "--ask")
    still = session_of(shop)
    confirmed = trigpoint(play(SHORTER).base_url, "-m", "go", "--ask", "--yes")

    assert refused.code == 1
    assert still.startswith("LIFETIME_S = 3600\n")
    assert confirmed.code == 0
    assert session_of(shop).startswith(EXPIRED)


@pytest.mark.skipif(os.name == "nt", reason="a hook there needs git's own shell")
def test_a_hook_that_refuses_is_told_and_is_no_success(shop: Path, play: Play, trigpoint: Program) -> None:
    """In a trusted repository: the files are changed, not committed, and the code is 1."""
    hook = shop / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no tabs here >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    set_grant(shop, agreed((), git_claim(shop), grant_for(shop)))

    done = trigpoint(play(SHORTER).base_url, "-m", "go")

    assert "no tabs here" in done.stderr
    assert session_of(shop).startswith(EXPIRED)
    assert git(shop, "rev-list", "--count", "HEAD") == "2"
    assert done.code == 1


def test_amid_a_merge_no_file_is_touched_and_no_model_called(shop: Path, open_whole: Whole) -> None:
    """git could not commit the turn apart from the merge."""
    git(shop, "checkout", "-q", "-b", "other")
    write_files(shop, {"README.md": "theirs\n"})
    commit(shop, "Theirs")
    git(shop, "checkout", "-q", "main")
    write_files(shop, {"README.md": "ours\n"})
    commit(shop, "Ours")
    with pytest.raises(Exception, match="merge"):
        git(shop, "merge", "other")
    whole = open_whole(SHORTER)

    with pytest.raises(GitError, match="No file was changed"):
        whole.turn()

    assert session_of(shop).startswith("LIFETIME_S = 3600\n")
    assert whole.prompts == []


def test_with_a_locked_index_no_model_is_called(shop: Path, play: Play, trigpoint: Program) -> None:
    """Code 1 and who holds the lock, before anything is paid for."""
    (shop / ".git/index.lock").write_bytes(b"")
    server = play(SHORTER)

    done = trigpoint(server.base_url, "-m", "go")

    assert done.code != 0
    assert "index.lock" in done.stderr
    assert server.calls == []


def test_a_run_that_fails_leaves_no_empty_file(shop: Path, play: Play, trigpoint: Program) -> None:
    """The file was made for the request, which nothing came of."""
    server = play(failure(401, "no such key"))

    done = trigpoint(server.base_url, "-m", "write it", "new/page.py")

    assert done.code == 1
    assert "Removed new/page.py, which nothing was written to" in done.stderr
    assert git(shop, "status", "--porcelain") == ""


def test_without_git_turns_can_be_undone(tmp_path: Path, open_whole: Whole) -> None:
    """Snapshots are kept elsewhere; nothing is left in the folder."""
    write_files(tmp_path / "plain", {"a.py": "a = 1\n"})
    whole = open_whole(
        block("a.py", "a = 1\n", "a = 2\n") + "\n" + block("new/b.py", "", "b = 1\n"), root=tmp_path / "plain"
    )

    done = whole.turn()
    changed = (tmp_path / "plain/a.py").read_text()
    whole.chat.changes.undo()

    assert done.ok
    assert changed == "a = 2\n"
    assert (tmp_path / "plain/a.py").read_text() == "a = 1\n"
    assert [path.name for path in (tmp_path / "plain").iterdir()] == ["a.py"]


def test_a_weak_model_that_fails_costs_the_message_and_not_the_commit(shop: Path, open_whole: Whole) -> None:
    """The request's first line is the subject then."""
    whole = open_whole(SHORTER, weak=failure(400))

    done = whole.turn("Let sessions end sooner")

    assert done.ok
    assert git(shop, "log", "-1", "--format=%s") == "Let sessions end sooner"


# What the prompt holds


def test_instructions_and_notes_are_in_every_prompt(shop: Path, open_whole: Whole) -> None:
    """Those of the project and what the user asked to remember, word for word."""
    (shop / "AGENTS.md").write_text("Use tabs, never spaces.\n", encoding="utf-8")
    whole = open_whole("Fine.")
    whole.chat.notes.add("The database is read-only on Fridays.")

    whole.turn()

    assert "Use tabs, never spaces." in whole.prompts[0].messages[0]["content"]
    assert "The database is read-only on Fridays." in whole.prompts[0].messages[0]["content"]


def test_files_that_may_only_be_read_are_shown_as_such(open_whole: Whole) -> None:
    """And an editable one beside them is not."""
    whole = open_whole("Fine.")
    whole.chat.files.add(["shop/session.py"], read_only=True)
    whole.chat.files.add(["shop/cart.py"])

    whole.turn()
    shown = last_text(whole.prompts[0])

    assert shown.index("These files are read-only") < shown.index("shop/session.py\n```")
    assert (
        shown.index("shop/session.py\n```")
        < shown.index("now in the chat")
        < shown.index("shop/cart.py\n```")
    )


def test_an_image_is_refused_with_a_reason(shop: Path, open_whole: Whole) -> None:
    """To the user who adds it, and to the model that asks for it."""
    (shop / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    commit(shop, "Draw a logo")
    whole = open_whole("Please show me `logo.png`.", "Then not.")

    with pytest.raises(InputError, match="is an image"):
        whole.chat.files.add(["logo.png"])
    whole.turn()

    assert "images cannot be shown" in last_text(whole.prompts[1])


def large_file() -> str:
    """Three hundred definitions, too many to show at once."""
    return "".join(
        f"def step_{place}(value, other):\n    first = value + {place}\n    second = first * other\n"
        f"    marker_{place} = second - {place}\n    return marker_{place}\n\n\n"
        for place in range(300)
    )


def test_a_large_file_is_shown_in_part_and_then_by_what_is_asked_for(shop: Path, open_whole: Whole) -> None:
    """What the request names first; then lines, then a definition."""
    write_files(
        shop,
        {
            "shop/large.py": large_file(),
            "shop/kinds.py": "class Kind:\n    def close(self):\n        return 5\n",
        },
    )
    commit(shop, "Grow")
    whole = open_whole("show: shop/large.py:1408-1412", "show: Kind.close", "Seen.")
    whole.chat.files.add(["shop/large.py"])

    done = whole.turn("what does step_150 return?")
    first, second, third = (last_text(prompt) for prompt in whole.prompts)

    assert "marker_150 = second" in first
    assert "left out" in first
    assert count_tokens(first.partition(MAP_HEADING)[0]) < PART_TOKENS + 500
    assert "marker_201 = second" not in first
    assert "marker_201 = second" in second
    assert "return 5" in third
    assert done.text == "Seen."


def test_questions_are_answered_once(open_whole: Whole) -> None:
    """Each kind; a reply that asks the same again gets no second copy, and the turn ends."""
    asked = "find: LIFETIME_S\nrefs: Session\nmap: web\nshow: Cart.total\n"
    whole = open_whole(asked, asked, "Fine.")

    whole.turn()
    first, again = last_text(whole.prompts[1]), last_text(whole.prompts[2])

    assert "shop/session.py" in first
    assert "shop/main.py" in first
    assert "class CartView" in first
    assert "return sum(price(a)" in first
    assert "return sum(price(a)" not in again


@pytest.mark.parametrize("tokens", [256, 1024, 4096])
def test_all_that_prompts_say_of_other_files_is_within_the_budget(
    tmp_path: Path, open_whole: Whole, tokens: int
) -> None:
    """Both maps together, in every call: the first, one after a question, a wider look, later turns."""
    root = make_repository(
        tmp_path / "wide",
        {
            f"pack_{place // 20}/part_{place}.py": f"from pack_0.part_{place // 2} import work_{place // 2}\n\n\n"
            f"class Part{place}:\n    def run_it(self, one, two):\n        return work_{place // 2}()\n\n\n"
            f"def work_{place}(argument, another=None):\n    return argument\n"
            for place in range(240)
        },
    )
    whole = open_whole(
        "Please show me `pack_1/part_25.py`.",
        "I cannot see where this code lives.",
        "ProgramRun.",
        "Well.",
        root=root,
        map_tokens=tokens,
    )

    whole.turn("what does Part7 do?")
    whole.chat.files.add(["pack_2/part_41.py"])
    whole.turn("and part_100?")

    spent = [said_of_others(prompt) for prompt in whole.prompts]
    assert len(spent) == 4
    assert max(spent) <= tokens
    assert spent[0] > tokens * 0.6


def said_of_others(prompt: Request) -> int:
    """The tokens of the maps of a prompt, with their headings."""
    system = prompt.messages[0]["content"]
    stable = system[system.index(OVERVIEW_HEADING) :] if OVERVIEW_HEADING in system else ""
    last = last_text(prompt)
    starts = [last.index(heading) for heading in (MAP_HEADING, MORE_HEADING) if heading in last]
    assert not any(MAP_HEADING in str(message["content"]) for message in prompt.messages[:-1])
    return count_tokens(stable) + sum(count_tokens(last[start:]) for start in starts)


# Replies


CHANGE = "<<<<<<< SEARCH\nLIFETIME_S = 3600\n=======\nLIFETIME_S = 60\n>>>>>>> REPLACE\n"
HUNK = "-LIFETIME_S = 3600\n+LIFETIME_S = 60\n"
PLACES = {
    "diff": SHORTER,
    "diff-fenced": f"```\nshop/session.py\n{CHANGE}```\n",
    "udiff": f"```diff\n--- shop/session.py\n+++ shop/session.py\n@@ @@\n{HUNK} \n```\n",
    "whole": f"shop/session.py\n```python\n{SHOP['shop/session.py'].replace('3600', '60')}```\n",
    "patch": f"*** Begin Patch\n*** Update File: shop/session.py\n@@\n{HUNK}*** End Patch\n",
}


@pytest.mark.parametrize("form", sorted(PLACES))
def test_each_edit_format_is_asked_for_and_applied(shop: Path, open_whole: Whole, form: str) -> None:
    """The rules name the format, the reply is applied, and the answer is what it says beside its edits."""
    whole = open_whole(f"I make them shorter.\n\n{PLACES[form]}", edit_format=form)
    whole.chat.files.add(["shop/session.py"])

    done = whole.turn()

    assert done.ok
    assert session_of(shop).startswith(EXPIRED)
    assert done.text == "I make them shorter."


def test_a_planner_plans_and_an_editor_edits(shop: Path, open_whole: Whole) -> None:
    """The editor model gets the plan and the files, not the conversation."""
    whole = open_whole("In session.py set LIFETIME_S to 60.", editor=[SHORTER])
    whole.chat.files.add(["shop/session.py"])
    whole.chat.configuration.choose_mode(Mode.ARCHITECT)

    done = whole.turn("a secret request")
    (asked,) = calls_of(whole.server, "editor")

    assert done.ok
    assert session_of(shop).startswith(EXPIRED)
    assert "set LIFETIME_S to 60" in asked.prompt
    assert "def read_cookie" in asked.prompt
    assert "a secret request" not in asked.prompt


def test_a_reply_that_was_cut_is_continued(shop: Path, open_whole: Whole) -> None:
    """At its length limit, amid an edit: what came whole counts, the rest is asked for."""
    second = block("shop/cart.py", "        self.lines = []\n", "        self.lines = {}\n")
    whole = open_whole(Answer(SHORTER + "\n" + second[:60], finish="length"), second)

    done = whole.turn()

    assert done.files_changed == ("shop/cart.py", "shop/session.py")
    assert "cut off" in last_text(whole.prompts[1])


GUESS = block("shop/cart.py", "        self.lines = 7\n", "        self.lines = {}\n")


@pytest.mark.parametrize("reply", [SHORTER + "\n" + GUESS, GUESS], ids=["beside one that fits", "alone"])
def test_a_refused_edit_that_is_passed_over_is_a_failure(
    shop: Path, play: Play, trigpoint: Program, reply: str
) -> None:
    """Code 1, listed in the JSON, nothing written, nothing committed."""
    server = play(reply, "All done.")

    done = trigpoint(server.base_url, "-m", "go", "--output-format", "json")
    result = json.loads(done.stdout)

    assert done.code == 1
    assert result["subtype"] != "success"
    assert result["is_error"]
    assert ["shop/cart.py" in message for message in result["refused"]] == [True]
    assert git(shop, "status", "--porcelain") == ""
    assert git(shop, "rev-list", "--count", "HEAD") == "2"


def test_a_reply_that_stays_cut_is_a_failure_and_nothing_is_written(
    shop: Path, play: Play, trigpoint: Program
) -> None:
    """Code 1, with the reason, though every edit that arrived is whole."""
    server = play(Answer(SHORTER, finish="length"))

    done = trigpoint(server.base_url, "-m", "go", "--yes")

    assert done.code == 1
    assert "still cut off at its length limit" in done.stderr
    assert git(shop, "status", "--porcelain") == ""
    assert git(shop, "rev-list", "--count", "HEAD") == "2"


@pytest.mark.parametrize(
    "fault",
    [
        failure(429, retry_after="0"),
        Answer(SHORTER, cut_after_bytes=300),
        Answer(SHORTER, finish=None, done=False, cut_after_bytes=400, clean_end=True),
        Answer(""),
    ],
    ids=["too many requests", "connection lost", "ends without an end", "empty"],
)
def test_a_call_that_went_wrong_is_made_again(shop: Path, open_whole: Whole, fault: Answer) -> None:
    """And nothing of the first reply is applied."""
    whole = open_whole(fault, SHORTER)

    assert whole.turn().ok
    assert session_of(shop).startswith(EXPIRED)
    assert len(whole.prompts) == 2


def test_what_was_received_in_part_is_never_applied(shop: Path, open_whole: Whole) -> None:
    """Where no call ends well: an error, the conversation as before, no file changed."""
    whole = open_whole(Answer(SHORTER + "\nand more" * 40, cut_after_bytes=900))

    with pytest.raises(ModelError):
        whole.turn()

    assert session_of(shop).startswith("LIFETIME_S = 3600\n")
    assert whole.chat.state.conversation.entries == ()


# What is changed amid a chat


def test_an_edit_format_that_is_chosen_later_is_told_and_read(shop: Path, open_whole: Whole) -> None:
    """The rules of the next prompt are those of the format that its reply is read in."""
    whole = open_whole("Fine.", PLACES["patch"])
    whole.turn("hello")

    whole.chat.configuration.set("edit_format", "patch")

    assert whole.turn().ok
    assert "*** Begin Patch" in whole.prompts[1].messages[0]["content"]
    assert session_of(shop).startswith(EXPIRED)


def test_a_limit_and_a_temperature_that_are_set_later_hold(open_whole: Whole) -> None:
    """What was taken before counts."""
    whole = open_whole("Fine.")
    whole.turn()

    whole.chat.configuration.set("max-turns", 2)
    whole.chat.configuration.set("temperature", 0.5)
    whole.turn()

    assert whole.prompts[1].body["temperature"] == 0.5
    with pytest.raises(TurnLimit):
        whole.turn()


def test_a_setting_that_there_is_not_is_not_changed(open_whole: Whole) -> None:
    """And the user is told."""
    with pytest.raises(UsageError, match="nothing changed"):
        open_whole("Fine.").chat.configuration.set("no such thing", 1)


# Odd requests and odd files


def test_instructions_that_are_too_long_keep_nobody_from_working(shop: Path, open_whole: Whole) -> None:
    """They are left out, and that is told."""
    (shop / "AGENTS.md").write_text("a rule\n" * 200_000, encoding="utf-8")
    whole = open_whole("Fine.")

    assert whole.turn().ok
    assert any("AGENTS.md" in event.text for event in whole.events if isinstance(event, Notice))


@pytest.mark.skipif(os.name == "nt", reason="modes are of another kind there")
def test_a_file_that_may_not_be_written_is_shown_and_not_edited(shop: Path, open_whole: Whole) -> None:
    """Its mode says so; the model is told why."""
    (shop / "shop/session.py").chmod(0o444)
    whole = open_whole(SHORTER, "Then not.")
    whole.chat.files.add(["shop/session.py"])

    whole.turn()

    assert "def read_cookie" in last_text(whole.prompts[0])
    assert "may not be written" in last_text(whole.prompts[1])
    assert session_of(shop).startswith("LIFETIME_S = 3600\n")


def test_a_file_that_is_asked_for_by_show_is_a_file_of_the_chat(open_whole: Whole) -> None:
    """As one that is named: listed, never shown twice, and within the limits of a turn."""
    whole = open_whole("show: shop/session.py", "show: shop/session.py", "Fine.")

    whole.turn()

    assert [file.path for file in whole.chat.files.listed()] == ["shop/session.py"]
    assert "def read_cookie" in last_text(whole.prompts[1])
    assert "def read_cookie" not in last_text(whole.prompts[2])


def test_what_git_ignores_is_undone_as_well(shop: Path, open_whole: Whole) -> None:
    """Nobody else has what it held."""
    write_files(shop, {".gitignore": "*.local\n", "a.local": "a = 1\n"})
    whole = open_whole(block("a.local", "a = 1\n", "a = 2\n"))
    whole.turn()

    assert "1 file restored" in whole.chat.changes.undo()
    assert (shop / "a.local").read_text("utf-8") == "a = 1\n"


@pytest.mark.parametrize("request_", ["", " \n\t "])
def test_a_request_of_nothing_is_not_sent(play: Play, trigpoint: Program, request_: str) -> None:
    """Code 42."""
    server = play("Hm?")

    assert trigpoint(server.base_url, "-m", request_).code == 42
    assert server.calls == []


def test_a_prompt_that_is_too_large_is_not_sent(open_whole: Whole) -> None:
    """The user is told what to take out."""
    whole = open_whole("Fine.", context_tokens=4096)

    with pytest.raises(ChatError, match="nothing was sent"):
        whole.turn("word " * 6000)

    assert whole.prompts == []


def test_what_git_ignores_is_not_added_with_its_folder(shop: Path, open_whole: Whole) -> None:
    """Folders and globs mean the repository's files; a file named in full is meant."""
    write_files(shop, {".gitignore": "*.log\nbuild/\n", "shop/debug.log": "x\n", "build/out.py": "y = 1\n"})
    whole = open_whole("Fine.")

    assert "shop/debug.log" not in whole.chat.files.add(["shop"])
    with pytest.raises(InputError):
        whole.chat.files.add(["build/*.py"])
    with pytest.raises(InputError):
        whole.chat.files.add(["build"])
    assert whole.chat.files.add(["shop/debug.log"]) == ("shop/debug.log",)


@pytest.mark.parametrize(
    "path", ["../outside.py", "shop/../../outside.py", "{folder}/outside.py", "link/outside.py"]
)
def test_nothing_outside_is_added(shop: Path, open_whole: Whole, path: str) -> None:
    """However it is spelled, and though it exists."""
    (shop.parent / "outside.py").write_text("secret = 1\n", encoding="utf-8")
    if path.startswith("link"):
        try:
            (shop / "link").symlink_to(shop.parent, target_is_directory=True)
        except OSError:
            pytest.skip("links cannot be made here")
    whole = open_whole("Fine.")

    with pytest.raises(InputError):
        whole.chat.files.add([path.format(folder=shop.parent.as_posix())])

    assert whole.chat.files.listed() == ()


def test_a_folder_with_the_name_of_a_file_is_its_files(shop: Path, open_whole: Whole) -> None:
    """`module.py` may be a folder."""
    write_files(shop, {"module.py/inside.py": "inside = 1\n"})
    whole = open_whole("Please show me `module.py`.", "Then not.")

    assert whole.chat.files.add(["module.py"]) == ("module.py/inside.py",)
    whole.turn()


def test_an_at_sign_brings_a_file(open_whole: Whole) -> None:
    """Only where it names one."""
    whole = open_whole("Fine.")

    CommandContext(whole.chat, at_terminal=False).send("explain @shop/cart.py to me@example.org")

    assert "def add_line" in last_text(whole.prompts[0])
    assert [file.path for file in whole.chat.files.listed()] == ["shop/cart.py"]


def test_a_dropped_file_can_still_be_asked_for(shop: Path, open_whole: Whole) -> None:
    """The model is told that it is gone; what it edits then is what is on the disk."""
    whole = open_whole("Fine.", SHORTER)
    whole.chat.files.add(["shop/session.py"])
    whole.turn("look")
    whole.chat.files.drop(["shop/session.py"])

    whole.turn("now go")

    assert "shop/session.py: no longer in the chat" in last_text(whole.prompts[1])


def test_a_file_that_was_never_shown_is_edited_only_where_the_edit_fits(
    shop: Path, open_whole: Whole
) -> None:
    """A guess that does not fit is answered with the file."""
    guess = block("shop/session.py", "LIFETIME_S = 1800\n", "LIFETIME_S = 60\n")
    whole = open_whole(guess, SHORTER)

    done = whole.turn()

    assert done.ok
    assert "def read_cookie" in last_text(whole.prompts[1])
    assert session_of(shop).startswith(EXPIRED)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_name_that_is_no_text_costs_nothing_else(shop: Path, open_whole: Whole) -> None:
    """It is left out, and the turn is carried out."""
    with open(os.fsencode(shop) + b"/caf\xe9.py", "wb") as file:
        file.write(b"cafe = 1\n")
    whole = open_whole("Please show me `shop/session.py`.", SHORTER)

    assert whole.turn("look into caf\udce9.py").ok
    assert "shop/session.py" in re.sub(r"\s+", " ", git(shop, "show", "--stat", "--format="))


def test_nobody_is_asked_for_what_is_within_the_limits(open_whole: Whole) -> None:
    """Beyond them somebody is, and a no is told to the model."""
    person = Answering(False)
    whole = open_whole(
        "Please show me:\nshop/cart.py\nshop/session.py\nshop/main.py\n",
        "Fine.",
        person=person,
        grant_files=2,
    )

    whole.turn()

    assert len(person.asked) == 1
    assert "shop/main.py" in person.asked[0]
    assert "Not shown" in last_text(whole.prompts[1])
    assert not [event for event in whole.events if isinstance(event, Notice) and event.level == "error"]

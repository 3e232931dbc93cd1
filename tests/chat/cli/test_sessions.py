"""Sessions through the real command: gone on with, forked, listed, searched, tagged, exported, pruned."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from repositories import git, make_repository
from scripted_model import Request, ScriptedModel

from chat.cli import main as cli
from chat.sessions.journal import FileJournal, read_lines
from chat.sessions.locations import project_folder, sessions_of


class Said(NamedTuple):
    code: int
    out: str
    err: str


EDIT = "app.py\n```python\n<<<<<<< SEARCH\nx = {0}\n=======\nx = {1}\n>>>>>>> REPLACE\n```\n"
Run = Callable[..., Said]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = make_repository(tmp_path / "root", {"app.py": "x = 1\n"})
    monkeypatch.chdir(made)
    return made


def reply(request: Request) -> str:
    """Counts up in app.py; the weak model's calls have no map and get a subject."""
    if "commit message" in request.prompt:
        return "Count up"
    if "Summarize" in request.prompt:
        return "Done: counted."
    asked = request.messages[-1]["content"]
    text = asked if isinstance(asked, str) else asked[0]["text"]
    if "count to" not in text:
        return f"I heard {sum(each['role'] == 'user' for each in request.messages)} requests."
    number = int(text.rpartition("count to ")[2].split()[0])
    return EDIT.format(number - 1, number)


@pytest.fixture
def server(scripted: Callable[..., ScriptedModel]) -> ScriptedModel:
    return scripted(reply)


@pytest.fixture
def trigpoint(server: ScriptedModel, root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command on the scripted server."""

    def run(*arguments: str) -> Said:
        chat = () if arguments[0] == "sessions" else ("--model", "openai/scripted", "--yes", "--api-base")
        more = (*chat, server.base_url, "--api-key", "sk-scripted-0123456789") if chat else ()
        code = cli.run([*arguments, *more])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return run


def ids(root: Path) -> list[str]:
    return [path.stem for path in sessions_of(project_folder(root))]


def heard(server: ScriptedModel) -> int:
    """How many requests the last prompt for the main model held."""
    prompts = [call for call in server.calls if "commit message" not in call.prompt]
    return sum(each["role"] == "user" for each in prompts[-1].messages)


def test_continue_starts_a_session_or_resumes_it(trigpoint: Run, server: ScriptedModel, root: Path) -> None:
    """The second process knows what the first was told, and its changes are on the branch."""
    assert trigpoint("--continue", "-m", "count to 2").code == 0
    assert trigpoint("-c", "-m", "count to 3").code == 0

    assert heard(server) == 2
    assert len(ids(root)) == 1
    assert (root / "app.py").read_text() == "x = 3\n"
    assert git(root, "log", "--format=%s", "-2").split("\n") == ["Count up", "Count up"]


def test_a_session_is_resumed_by_the_beginning_of_its_id(
    trigpoint: Run, server: ScriptedModel, root: Path
) -> None:
    """An unknown id is an error that says where to look."""
    trigpoint("-m", "hello")
    (first,) = ids(root)
    trigpoint("-m", "hello again")

    assert trigpoint("--resume", first[:-2], "-m", "and now?").code == 0

    assert heard(server) == 2
    assert len(ids(root)) == 2
    wrong = trigpoint("--resume", "1999", "-m", "and now?")
    assert wrong.code == 1
    assert "No session matches" in wrong.err


def test_where_several_sessions_elsewhere_begin_alike_one_has_to_be_named(
    trigpoint: Run, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To resume one, and to show one."""
    trigpoint("-m", "hello")
    trigpoint("-m", "hello again")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    for said in (trigpoint("--resume", "2", "-m", "and now?"), trigpoint("sessions", "show", "2")):
        assert said.code == 1
        assert "2 sessions match 2 (" in said.err
        assert all(name in said.err for name in ids(root))


def test_a_fork_leaves_the_original_as_it_is(trigpoint: Run, server: ScriptedModel, root: Path) -> None:
    """It knows the conversation and writes its own journal."""
    trigpoint("-m", "hello")
    (path,) = sessions_of(project_folder(root))
    before = path.read_bytes()

    assert trigpoint("--resume", path.stem, "--fork-session", "-m", "what did I say?").code == 0

    assert heard(server) == 2
    assert path.read_bytes() == before
    assert len(ids(root)) == 2


def test_records_of_a_later_version_are_skipped_and_named(
    trigpoint: Run, server: ScriptedModel, root: Path
) -> None:
    """The conversation goes on without them, and the user knows that something is missing."""
    trigpoint("-m", "hello")
    (path,) = sessions_of(project_folder(root))
    with path.open("a") as journal:
        journal.write('{"v":1,"n":99,"t":"","kind":"goal.begin","text":"faster"}\n')

    said = trigpoint("--continue", "-m", "hello again")

    assert said.code == 0
    assert "skipped them (goal.begin)" in said.err
    assert heard(server) == 2


def test_a_session_killed_before_its_first_line_starts_again(trigpoint: Run, root: Path) -> None:
    """Under the same id, and with its first record."""
    trigpoint("-m", "hello")
    (path,) = sessions_of(project_folder(root))
    whole = path.read_bytes().split(b"\n")[0]
    path.write_bytes(whole[: len(whole) // 2])

    assert trigpoint("--continue", "-m", "hello again").code == 0

    first, *_ = read_lines(path)
    assert (first.kind, first.fields["root"]) == ("session", str(root))
    assert ids(root) == [path.stem]


def test_a_second_process_on_a_session_is_refused(trigpoint: Run, server: ScriptedModel, root: Path) -> None:
    """Nothing is sent, and nothing changes."""
    trigpoint("-m", "hello")
    (path,) = sessions_of(project_folder(root))
    before, calls = path.read_bytes(), len(server.calls)
    held = FileJournal(path)

    said = trigpoint("--continue", "-m", "count to 2")

    held.close()
    assert said.code == 1
    assert "open in another process" in said.err
    assert path.read_bytes() == before
    assert len(server.calls) == calls
    assert (root / "app.py").read_text() == "x = 1\n"


def test_a_session_moves_with_its_renamed_folder(
    trigpoint: Run, server: ScriptedModel, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its id; if the old folder still exists, the session stays there."""
    trigpoint("-m", "count to 2")
    (session,) = ids(root)
    other = make_repository(root.parent / "other", {"b.py": "y = 1\n"})
    monkeypatch.chdir(other)
    refused = trigpoint("--resume", session, "-m", "hello")
    new = root.rename(root.parent / "new")
    monkeypatch.chdir(new)

    assert trigpoint("--resume", session, "-m", "/undo").code == 0

    assert refused.code == 1
    assert "is a session of" in refused.err
    assert (new / "app.py").read_text() == "x = 1\n"
    assert ids(new) == [session]


def test_a_pause_after_the_rebuild_sends_nothing(trigpoint: Run, server: ScriptedModel) -> None:
    """The summary is shown; the request goes through when it is sent again."""
    trigpoint("-m", "hello")
    flags = (
        "-c",
        "--compact-at",
        "20",
        "--pause-after-compaction",
        "--output-format",
        "json",
        "-m",
        "count to 2",
    )

    said = trigpoint(*flags)

    result = json.loads(said.out)
    assert (said.code, result["subtype"]) == (1, "compaction")
    assert not any("count to 2" in call.prompt for call in server.calls)


def test_long_input_goes_to_a_file_of_the_session(
    trigpoint: Run, server: ScriptedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The model gets its beginning, its end, and a name for the rest."""
    long = tmp_path / "long.txt"
    long.write_text("".join(f"row {number}\n" for number in range(20_000)))
    with long.open() as piped:
        monkeypatch.setattr("sys.stdin", piped)
        trigpoint("-m", "what is this?")

    prompt = server.calls[-1].prompt
    assert "row 0\n" in prompt
    assert "row 10000\n" not in prompt
    assert "output-001" in prompt


# trigpoint sessions


@pytest.fixture
def session(trigpoint: Run, root: Path) -> str:
    trigpoint("-m", "count to 2")
    trigpoint("-c", "-m", "count to 3")
    (found,) = ids(root)
    return found


def test_sessions_are_listed_and_filtered(trigpoint: Run, session: str) -> None:
    """By tag, time and words; each with its last request. A run without any is in the JSON alone."""
    trigpoint("sessions", "tag", session[:12], "good")
    trigpoint("-m", "/ls")

    assert len(trigpoint("sessions").out.splitlines()) == 2
    assert len(json.loads(trigpoint("sessions", "--json").out)) == 2

    assert f"{session}\t" in trigpoint("sessions").out
    assert trigpoint("sessions", "list", "--all").out == trigpoint("sessions", "--all").out
    assert "count to 3 [good]" in trigpoint("sessions").out
    (row,) = json.loads(trigpoint("sessions", "--json", "--tag", "good", "--since", "1h").out)
    assert (row["turns"], row["edits_applied"], row["commits"]) == (2, 2, 2)
    assert json.loads(trigpoint("sessions", "--json", "--tag", "bad").out) == []
    assert json.loads(trigpoint("sessions", "--json", "--grep", "count to \\d").out)
    assert json.loads(trigpoint("sessions", "--json", "--grep", "nobody said this").out) == []
    assert trigpoint("sessions", "--since", "soon").code == 2


def test_where_the_options_find_nothing_to_list_the_exit_code_says_so(trigpoint: Run) -> None:
    """A run of a command alone is none that the table lists; the JSON has it."""
    trigpoint("-m", "/ls")

    assert trigpoint("sessions") == Said(0, "", "There are no sessions with a request in this folder.\n")
    assert trigpoint("sessions", "--since", "1h") == Said(1, "", "There is no such session.\n")
    assert trigpoint("sessions", "--since", "1h", "--json").code == 0


def test_a_session_is_shown_searched_and_exported(trigpoint: Run, session: str, tmp_path: Path) -> None:
    """As a page with every turn, and as JSON with every record."""
    page = trigpoint("sessions", "show", session).out
    assert page.index("## Turn 1") < page.index("count to 2") < page.index("## Turn 2")
    assert "<<<<<<< SEARCH" in page

    found = trigpoint("sessions", "grep", "COUNT TO 3")
    assert (found.code, found.out.startswith(f"{session} turn 2 user: ")) == (0, True)
    assert trigpoint("sessions", "grep", "nobody said this").code == 1
    assert trigpoint("sessions", "grep", "(").code == 2

    assert (
        trigpoint("sessions", "export", session, "--format", "json", "-o", str(tmp_path / "s.json")).code == 0
    )
    kept = json.loads((tmp_path / "s.json").read_text())
    assert (kept["session"], kept["records"][0]["kind"]) == (session, "session")


def test_the_usage_of_a_session_is_counted_and_plotted(trigpoint: Run, session: str, tmp_path: Path) -> None:
    """By session, by model and by turn."""
    said = trigpoint("sessions", "stats", "--json", "--svg", str(tmp_path / "s.svg"))
    counted = json.loads(said.out)
    text = trigpoint("sessions", "stats", session).out

    (row,) = counted["sessions"]
    assert (row["turns"], len(row["prompt_tokens_by_turn"]), row["calls"]) == (2, 2, 4)
    assert sum(each["calls"] for each in counted["models"].values()) == 4
    assert (tmp_path / "s.svg").read_text().count("<circle") == 2
    assert "Prompt tokens by turn" in text
    assert "█" in text


def test_old_sessions_are_removed_with_all_their_files(trigpoint: Run, session: str, root: Path) -> None:
    """Not those that `--keep` protects or another process has open, and none in a dry run."""
    path = project_folder(root) / f"{session}.jsonl"
    (path.parent / f"{session}.outputs").mkdir()
    long_ago = time.time() - 40 * 86_400
    os.utime(path, (long_ago, long_ago))

    assert trigpoint("sessions", "prune", "--older-than", "50d").out == ""
    assert trigpoint("sessions", "prune", "--keep", "1").out == ""
    assert "would be removed" in trigpoint("sessions", "prune", "--dry-run").out
    held = FileJournal(path)
    assert trigpoint("sessions", "prune").out == ""
    held.close()
    assert f"{session}: removed" in trigpoint("sessions", "prune").out
    assert list(path.parent.glob(f"{session}*")) == []


def test_a_tag_does_not_make_a_session_the_newest(trigpoint: Run, root: Path) -> None:
    """`--continue` resumes the one that was used last."""
    trigpoint("-m", "one")
    (first,) = ids(root)
    time.sleep(0.02)
    trigpoint("-m", "two")

    trigpoint("sessions", "tag", first, "old")

    assert ids(root)[0] != first


def test_a_tag_is_given_once_and_can_be_taken_away(trigpoint: Run, session: str) -> None:
    """From the list as well as from the session."""
    assert "tagged good" in trigpoint("sessions", "tag", session, "good").out
    assert "has the tag good already" in trigpoint("sessions", "tag", session, "good").out
    (row,) = json.loads(trigpoint("sessions", "--json", "--tag", "good").out)
    assert row["tags"] == ["good"]

    assert "no longer tagged good" in trigpoint("sessions", "untag", session, "good").out

    assert trigpoint("sessions", "--tag", "good").code == 1
    assert trigpoint("sessions", "untag", session, "good").code == 1

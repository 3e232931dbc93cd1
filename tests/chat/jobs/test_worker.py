"""A job from its beginning to its end: the real program, with only the model scripted.

Its process is this one here; that it is one of its own, and can be killed, is for the siege.
"""

import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hook_files import own_hooks
from job_cases import WorkerHere, ended, left_in_state, made, tree_of, view_of, worked
from repositories import git, make_repository, write_files
from scripted_model import Answer, Request, ScriptedModel, text_of
from whole_chat import FLAGS, ModelScripts, Program, ProgramRun, block, calls_of

from chat.job_commands.follow import put_question, shower_for
from chat.job_commands.tables import job_table
from chat.jobs import launch
from chat.jobs.launch import SECRETS_VARIABLE, begin_run
from chat.jobs.messages import answer_to, ask
from chat.jobs.record import Question
from chat.jobs.state import JobState
from chat.jobs.store import JobFolder, all_folders
from chat.settings.table import Settings

Scripted = Callable[..., ScriptedModel]
EDIT = block("shop/new.py", "", "NEW = 1\n")
MORE = block("shop/more.py", "", "MORE = 1\n")


@pytest.fixture
def jobs(trigpoint: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The command, with jobs that are over when they have begun."""
    monkeypatch.setattr(launch, "start_worker", WorkerHere)
    return trigpoint


def the_job() -> JobFolder:
    (folder,) = all_folders()
    return folder


KEY = "sk-job-0123456789abcdef"


def begin(jobs: Program, server: ScriptedModel, *arguments: str, command: str = "run") -> ProgramRun:
    """Run `trigpoint run`, with the flags of the models."""
    flags = (*FLAGS, "--api-base", server.base_url, "--api-key", KEY, "--map-tokens", "0")
    return jobs.run(command, *arguments, *flags)


def test_a_job_works_beside_the_user_and_is_merged(jobs: Program, scripted: Scripted, shop: Path) -> None:
    """Its run looks like one of `-m`; its files are elsewhere, and after the merge here."""
    done = begin(jobs, scripted(ModelScripts(EDIT)), "add it")
    name = the_job().id
    assert (done.code, git(shop, "status", "--porcelain")) == (0, "")
    assert "Created shop/new.py" in done.stderr
    assert f"trigpoint: Job {name} is at work." in done.stderr
    assert f"Job {name} is done" in done.stderr

    (listed,) = json.loads(jobs.run("jobs", "--json").stdout)
    jsonschema.validate(listed, json.loads(jobs.run("schema", "job").stdout))
    assert (listed["state"], listed["turns"], listed["files"]) == ("done", 1, ["shop/new.py"])
    assert "Created shop/new.py" in jobs.run("logs", name[:3]).stdout
    assert f"trigpoint merge {name}" in jobs.run("status", name).stdout
    assert jobs.run("merge", name).code == 0
    assert (shop / "shop/new.py").read_text() == "NEW = 1\n"
    assert jobs.run("jobs", "prune").code == 0
    assert jobs.run("jobs").stdout == ""
    assert git(shop, "branch", "--list", "trigpoint/*") == ""


def test_a_detached_job_prints_its_id_alone(jobs: Program, scripted: Scripted) -> None:
    """For scripts; the result of one that is waited for is that of any request."""
    server = scripted(ModelScripts("Yes.", "Yes."))
    assert begin(jobs, server, "is it?", "--detach").stdout == f"{the_job().id}\n"
    done = begin(jobs, server, "is it?", "--output-format", "json")
    assert json.loads(done.stdout)["result"] == "Yes."


def test_a_check_makes_the_task_a_goal(jobs: Program, scripted: Scripted) -> None:
    """It works until the check succeeds, and nobody judges."""
    server = scripted(ModelScripts(EDIT, MORE))
    done = begin(jobs, server, "add both", "--no-plan", "--check", "test -f shop/more.py")
    assert (done.code, len(calls_of(server))) == (0, 2)
    view = view_of(the_job())
    assert (view.progress.checks, view.turns) == ((("test -f shop/more.py", 0),), 2)
    assert "**Met.**" in the_job().report.read_text()


def test_the_limits_are_those_of_a_request(jobs: Program, scripted: Scripted) -> None:
    """With its exit codes; a resumed job counts on, and takes other limits."""
    server = scripted(ModelScripts(EDIT, MORE))
    arguments = ("add both", "--no-plan", "--check", "test -f shop/more.py", "--max-turns", "1")
    assert begin(jobs, server, *arguments).code == 53
    assert view_of(the_job()).state is JobState.FAILED
    assert begin(jobs, server, the_job().id, "--max-turns", "3", command="resume").code == 0
    assert view_of(the_job()).turns == 2


def test_a_job_that_failed_takes_its_task_up_again(jobs: Program, scripted: Scripted) -> None:
    """In the same session; a job that is done is not done twice."""
    server = scripted(ModelScripts(Answer(status=401), EDIT))
    assert begin(jobs, server, "add it").code == 1
    assert begin(jobs, server, the_job().id, command="resume").code == 0
    assert len(calls_of(server)) == 2
    assert begin(jobs, server, the_job().id, command="resume").code == 0
    assert len(calls_of(server)) == 2
    assert view_of(the_job()).progress.runs == 3


def test_a_job_that_may_not_ask_answers_no(jobs: Program, scripted: Scripted) -> None:
    """As one of a schedule; it does not wait, and the result has the question."""
    server = scripted(ModelScripts(EDIT + block("shop/cart.py", "nowhere\n", "x\n")))
    asks_nobody = ("--permission-mode", "dontAsk", "--allowed-tools", "Edit", "--max-reflections", "0")
    done = begin(jobs, server, "go", *asks_nobody, "--output-format", "json")
    result = json.loads(done.stdout)
    assert (done.code, result["files_changed"]) == (1, [])
    assert result["permission_denials"] == [{"question": "Some edits were refused. Write the others?"}]


def test_a_job_of_a_schedule_may_edit(jobs: Program, scripted: Scripted) -> None:
    """With the options that its entry has."""
    arguments = ("go", "--permission-mode", "dontAsk", "--allowed-tools=Edit")
    assert begin(jobs, scripted(ModelScripts(EDIT)), *arguments).code == 0
    assert view_of(the_job()).progress.files == ("shop/new.py",)


def test_the_next_turn_reads_what_the_user_sends(jobs: Program, scripted: Scripted) -> None:
    """That of a goal in its own request; after the task there is a turn for it."""

    def first(request: Request) -> str:
        jobs.run("send", the_job().id, "Use", "tabs.")
        return EDIT

    server = scripted(ModelScripts(first, MORE, "Thanks."))
    assert begin(jobs, server, "add both", "--no-plan", "--check", "test -f shop/more.py").code == 0
    assert "Use tabs." in text_of(calls_of(server)[1].messages[-1])

    assert "resume" in jobs.run("send", the_job().id, "Well done.").stdout
    assert begin(jobs, server, the_job().id, command="resume").code == 0
    assert text_of(calls_of(server)[2].messages[-1]).endswith("\n\nWell done.")
    assert len(calls_of(server)) == 3


def test_a_job_whose_check_stays_red_says_how_to_go_on(jobs: Program, scripted: Scripted) -> None:
    """It does not do its task twice, and fails until a turn for a text of the user's makes the check succeed."""
    server = scripted(ModelScripts(EDIT, "As you like.", MORE))
    check = ("--test-cmd", "test -f shop/more.py", "--auto-test", "--max-reflections", "0")
    assert begin(jobs, server, "add it", *check).code == 1
    name, calls = the_job().id, len(calls_of(server))
    again = begin(jobs, server, name, command="resume")
    assert (again.code, len(calls_of(server))) == (1, calls)
    assert "`test -f shop/more.py` failed with exit code 1" in again.stderr
    assert f"trigpoint send {name} TEXT" in again.stderr
    for text, code in (("Leave it", 1), ("Add the other", 0)):
        jobs.run("send", name, text)
        assert begin(jobs, server, name, command="resume").code == code
    assert jobs.run("merge", name).code == 0
    late = jobs.run("send", name, "One more")
    assert (late.code, "takes no more turns" in late.stderr) == (2, True)


def test_a_task_that_was_incomplete_after_an_edit_is_taken_up_again(
    jobs: Program, scripted: Scripted
) -> None:
    """The edit is kept and committed, but the turn did not come to its end; nothing says that the task is done."""
    server = scripted(ModelScripts(EDIT, Answer(status=401), MORE))
    assert begin(jobs, server, "add both", "--test-cmd", "test -f shop/more.py", "--auto-test").code == 1
    assert begin(jobs, server, the_job().id, command="resume").code == 0
    assert view_of(the_job()).progress.files == ("shop/more.py", "shop/new.py")
    assert len(calls_of(server)) == 3


@pytest.mark.parametrize("first", ["", EDIT])
def test_a_task_whose_edits_were_refused_is_taken_up_again(
    jobs: Program, scripted: Scripted, first: str
) -> None:
    """Whether or not others of the same turn were written."""
    server = scripted(ModelScripts(first + block("shop/cart.py", "nowhere\n", "x\n"), MORE))
    assert begin(jobs, server, "add both", "--yes", "--max-reflections", "0").code == 1
    assert begin(jobs, server, the_job().id, command="resume").code == 0
    assert "shop/more.py" in view_of(the_job()).progress.files


def test_a_task_that_cannot_be_committed_is_not_done(jobs: Program, scripted: Scripted, shop: Path) -> None:
    """A hook refuses it; a resumed job says that again, until somebody commits."""
    hook = shop / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert jobs.run("trust", "--yes").code == 0
    server = scripted(ModelScripts(EDIT))
    assert begin(jobs, server, "add it").code == 1
    again = begin(jobs, server, the_job().id, command="resume")
    assert (again.code, len(calls_of(server))) == (1, 1)
    assert "not committed: shop/new.py" in again.stderr
    git(tree_of(the_job()), "add", ".")
    git(tree_of(the_job()), "commit", "-qnm", "By hand")
    assert begin(jobs, server, the_job().id, command="resume").code == 0


def test_a_job_that_changed_nothing_is_not_offered_for_a_merge(jobs: Program, scripted: Scripted) -> None:
    """There is only an answer to read."""
    begin(jobs, scripted(ModelScripts("Yes.")), "is it?")
    assert "trigpoint merge" not in jobs.run("status", the_job().id).stdout


def test_a_job_commits_whatever_the_users_settings_say(
    jobs: Program, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who commits by hand elsewhere could not merge it otherwise."""
    for name, value in (("COMMIT_MODE", "none"), ("GIT", "false"), ("DRY_RUN", "true")):
        monkeypatch.setenv(f"TRIGPOINT_{name}", value)
    assert begin(jobs, scripted(ModelScripts(EDIT)), "add it").code == 0
    assert jobs.run("merge", the_job().id).code == 0


def test_keys_are_not_kept(jobs: Program, scripted: Scripted) -> None:
    """Neither in the record nor in what is shown; the worker gets them by another way."""
    server = scripted(ModelScripts(f"The key is {KEY}."))
    begin(
        jobs,
        server,
        "Use ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "--set-env",
        "OTHER_API_KEY=abc123def456ghi789",
        "--set-env",
        "PLAIN=1",
    )
    folder = the_job()
    for path in folder.path.iterdir():
        if path.is_file():
            assert KEY not in path.read_text(), path
            assert "abc123def456ghi789" not in path.read_text(), path
    assert dict(folder.record().values)["set-env"] == (("PLAIN", "1"),)
    assert calls_of(server)[0].headers["authorization"] == f"Bearer {KEY}"
    assert SECRETS_VARIABLE not in os.environ
    assert KEY not in jobs.run("logs", folder.id).stdout
    assert folder.record().task == "Use [secret]"
    assert "ghp_" in text_of(calls_of(server)[0].messages[-1]) or "secret-1" in str(
        calls_of(server)[0].messages
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "There is no task"),
        (("/map",), "is a command of the chat"),
        (("x", "--continue"), "--continue does not go with a job"),
        (("x", "--dry-run"), "--dry-run does not go with a job"),
        (("x", "--no-git"), "--no-git does not go with a job"),
        (("x", "--no-auto-commits"), "--commit-mode none does not go with a job"),
        (("x", "--base", "nope"), "git knows no commit nope"),
        (("x", "--message-file", "README.md"), "either TASK or --message-file"),
    ],
)
def test_what_cannot_be_meant_is_refused(jobs: Program, arguments: tuple[str, ...], message: str) -> None:
    """Before anything is made."""
    done = jobs.run("run", *arguments)
    assert done.code == 2
    assert message in done.stderr
    assert all_folders() == []


def test_the_task_may_be_in_a_file(jobs: Program, scripted: Scripted) -> None:
    """As that of any request."""
    Path("task.md").write_text("Answer me.\n")
    server = scripted(ModelScripts("Yes."))
    assert begin(jobs, server, "--message-file", "task.md").code == 0
    assert the_job().record().task.strip() == "Answer me."


@pytest.mark.parametrize(
    "verb", ["status", "logs", "artifacts", "stop", "resume", "merge", "discard", "attach"]
)
def test_an_id_that_nobody_has_is_an_error(jobs: Program, verb: str) -> None:
    """The same for every command, under both of its names."""
    first, second = jobs.run(verb, "abc"), jobs.run("jobs", verb, "abc")
    assert (first.code, second.code) == (42, 42)
    assert first.stderr == second.stderr
    assert "No job matches abc" in first.stderr


def test_a_group_is_no_job_to_send_a_text_to(jobs: Program) -> None:
    """Whoever gives its id is told where the ids of its jobs are."""
    refused = jobs.run("send", "attempts-3f9a1c", "Use tabs")
    assert (refused.code, "`trigpoint status attempts-3f9a1c`" in refused.stderr) == (42, True)


def test_jobs_of_other_repositories_are_listed_on_request(
    jobs: Program, scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job's own work tree belongs to its repository; outside of any, all are listed."""
    begin(jobs, scripted(ModelScripts("Yes.")), "is it?")
    monkeypatch.chdir(view_of(the_job()).tree)
    assert the_job().id in jobs.run("jobs").stdout
    monkeypatch.chdir(make_repository(tmp_path / "other"))
    assert the_job().id not in jobs.run("jobs").stdout
    assert f"{the_job().id}\tshop\tdone" in jobs.run("jobs", "--all").stdout
    monkeypatch.chdir(tmp_path)
    assert the_job().id in jobs.run("jobs").stdout


def test_prune_removes_nothing_where_no_repository_is_meant(
    jobs: Program, tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of any, `--ended` would take the work of all repositories; a job that cannot be judged is passed over."""
    whole = make_repository(tmp_path / "whole")
    for root in (shop, whole):
        ended(made(root), 1)
    monkeypatch.chdir(tmp_path)
    refused = jobs.run("jobs", "prune", "--ended")
    assert (refused.code, len(all_folders())) == (2, 2)
    assert "--all" in refused.stderr
    (shop / ".git/HEAD").write_text("torn")
    assert jobs.run("jobs", "prune", "--all").code == 0
    assert [folder.record().root for folder in all_folders()] == [str(shop)]


def test_of_a_repository_that_is_gone_nothing_is_left(
    jobs: Program, scripted: Scripted, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Session and snapshots are in the state folder, wherever the repository was."""
    begin(jobs, scripted(ModelScripts(EDIT)), "add it")
    monkeypatch.chdir(shop.parent)
    shutil.rmtree(shop)
    assert jobs.run("discard", the_job().id).code == 0
    assert [path for path in left_in_state() if not path.startswith("trust")] == []


@pytest.mark.parametrize("name", ["job.json", "start.json", "end.json"])
@pytest.mark.parametrize("text", ["", '{"number": ', '{"number": "1", "id": 1}', "[]"])
def test_a_job_with_a_damaged_file_can_be_removed(jobs: Program, shop: Path, name: str, text: str) -> None:
    """The others are listed all the same, and every command says how."""
    good, bad = made(shop), made(shop)
    ended(bad, 1)
    (bad.path / name).write_text(text)
    (listed,) = json.loads(jobs.run("jobs", "--json").stdout)
    assert listed["id"] == good.id
    assert f"trigpoint discard {bad.id}" in jobs.run("status", bad.id).stderr
    assert f"{bad.id} stays: " in jobs.run("jobs", "prune").stderr
    done = jobs.run("discard", bad.id)
    assert (done.code, "git branch -D" in done.stdout) == (0, name == "job.json")
    assert [folder.id for folder in all_folders()] == [good.id]


def test_an_end_that_nobody_expected_is_told(
    jobs: Program, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job has failed, with the reason; it is not lost as one whose process was killed."""
    monkeypatch.setattr("chat.job_commands.job_run.run_job", lambda *_: 1 // 0)
    assert begin(jobs, scripted(ModelScripts()), "go").code == 1
    view = view_of(the_job())
    assert view.state is JobState.FAILED
    assert "ZeroDivisionError" in view.reason


def test_a_repository_counts_in_a_job_as_in_the_users_tree(
    jobs: Program, scripted: Scripted, shop: Path
) -> None:
    """What is trusted runs without a question, what is not or has another content does nothing."""
    write_files(shop, {".trigpoint.toml": 'test-cmd = "touch canary"\nauto-test = true\n'})
    git(shop, "add", ".")
    git(shop, "commit", "-qm", "Settings")
    server = scripted(ModelScripts(EDIT))
    begin(jobs, server, "add it")
    assert not (view_of(the_job()).tree / "canary").exists()
    jobs.run("discard", the_job().id)

    assert jobs.run("trust", "--yes").code == 0
    begin(jobs, server, "add it")
    assert (view_of(the_job()).tree / "canary").exists()
    jobs.run("discard", the_job().id)

    write_files(shop, {".trigpoint.toml": 'test-cmd = "touch other"\nauto-test = true\n'})
    git(shop, "commit", "-qam", "Other settings")
    begin(jobs, server, "add it")
    assert not (view_of(the_job()).tree / "other").exists()


def test_the_list_fits_the_terminal() -> None:
    """Ids and states are whole; task and last share the rest."""
    rows = [("3f9a1c", "done, merged", "12", "$0.14", "1 h 2 min", "Do it " * 20, "Committed " * 20)]
    for columns in (80, 120, 400):
        heads, line = job_table(rows, columns)
        assert len(line) <= columns
        assert line.startswith("3f9a1c  done, merged     12  $0.14  1 h 2 min  Do it Do it")
        assert heads.index("task") == line.index("Do it")
    assert job_table([], 80) == ["id  state  turns  cost  time  task  last"]


def test_who_attends_to_a_job_decides_that_it_is_done(
    jobs: Program, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a turn in its chat, which has the models of the job; a look alone changes nothing."""
    server = scripted(ModelScripts(Answer(status=401), EDIT))
    begin(jobs, server, "add it")
    assert view_of(the_job()).state is JobState.FAILED
    monkeypatch.setattr(jobs, "given", "add it")
    assert jobs.run("attach", the_job().id, "--goal", "another").code == 2
    assert jobs.run("attach", the_job().id, "--api-key", KEY).code == 0
    assert view_of(the_job()).state is JobState.DONE
    assert view_of(the_job()).commits == 1


class AtTerminal(io.StringIO):
    """A stream of a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "given"), [("maybe\n\u00e9\nalw\n", "always"), ("\n", "no"), ("", "no")])
def test_a_question_is_put_until_it_is_answered(
    shop: Path, monkeypatch: pytest.MonkeyPatch, typed: str, given: str
) -> None:
    """What is no answer decides nothing; Enter alone, and the end of the input, say no."""
    question = Question(number=7, kind="permit", text="Run it?", rule="Bash(ls *)")
    folder = made(shop)
    begin_run(folder)
    ask(folder, question)
    monkeypatch.setattr(sys, "stdin", AtTerminal(typed))
    monkeypatch.setattr(sys, "stderr", said := AtTerminal())
    put_question(folder, question, shower_for(Settings()))
    assert answer_to(folder, question) == given
    assert ("it takes yes/no/always" in said.getvalue()) == typed.startswith("maybe")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_each_artifact_has_a_line(jobs: Program, shop: Path) -> None:
    """Whatever a check calls the files that it leaves."""
    folder = worked(shop, {"new.py": "x = 1\n"})
    (tree_of(folder) / "a\nb\x1b[31m.txt").write_text("x")
    lines = jobs.run("artifacts", folder.id).stdout.splitlines()
    assert [line.count("\t") for line in lines] == [1] * len(lines)
    assert r"a\nb\x1b[31m.txt" in lines[-1]


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_log_says_what_the_job_waits_for(jobs: Program, shop: Path, form: tuple[str, ...]) -> None:
    """Nothing else would happen in it."""
    folder = made(shop)
    begin_run(folder)
    ask(folder, Question(number=7, kind="permit", text="Run it?\nmake"))
    said = jobs.run("logs", folder.id, *form).stderr
    assert f"asks: Run it?\nmake (`trigpoint jobs answer {folder.id} yes/no`)" in said


def test_hooks_are_told_when_a_job_is_over(jobs: Program, scripted: Scripted, tmp_path: Path) -> None:
    """With how it ended, so that a program of the user's can say so."""
    told = tmp_path / "told"
    own_hooks(("Notification", "job_ended", f"cat >> {told}; echo >> {told}"))
    server = scripted(ModelScripts("Yes.", Answer(status=401)))
    begin(jobs, server, "is it?")
    begin(jobs, server, "is it now?")
    done, failed = map(json.loads, told.read_text().splitlines())
    assert done["message"].endswith(" is done: is it?")
    assert (done["notification_type"], done["hook_event_name"]) == ("job_ended", "Notification")
    assert failed["message"].endswith(" ended with exit code 1: is it now?")

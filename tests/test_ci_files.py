"""The pre-commit hooks and the GitHub Action: their commands are run as pre-commit and a runner run them."""

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from repositories import commit, git, make_repository
from review_runs import answer, finding
from scripted_model import ScriptedModel

ROOT = Path(__file__).parent.parent
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step.get("id") or step.get("name"): step for step in ACTION["runs"]["steps"]}
BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(sys.platform == "win32" or not BASH, reason="needs a POSIX shell")

EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
WRONG = finding("shop/session.py", 11, "        return now >= LIFETIME_S")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop")


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """A folder with the command `trigpoint` of this tree, as an environment of pip has it."""
    folder = tmp_path / "runner/trigpoint/bin"
    folder.mkdir(parents=True)
    program(folder / "trigpoint", f'PYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -m chat "$@"')
    return folder


def program(path: Path, script: str) -> None:
    """Write a shell script that can be run."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def change(root: Path) -> None:
    """Let sessions end a second earlier."""
    path = root / "shop/session.py"
    path.write_text(path.read_text().replace("now > LIFETIME_S", "now >= LIFETIME_S"))


def run_hook(name: str, root: Path, bin_folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a hook as pre-commit does: the words of `entry`, then those of `args`, without a shell."""
    hook = HOOKS[name]
    words = [*shlex.split(hook["entry"]), *(args or hook.get("args", ()))]
    path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        words,
        cwd=root,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_hook_is_installed_with_pip_and_takes_no_file_names() -> None:
    """They look at the whole commit, which is why they must not be run once for a part of the files."""
    assert {(hook["language"], hook["pass_filenames"]) for hook in HOOKS.values()} == {("python", False)}


def test_the_map_hook_fails_until_the_map_is_current(shop: Path, bin_folder: Path) -> None:
    """It writes the map once; that the map is a file of the repository does not change the map again."""
    first = run_hook("trigpoint-map", shop, bin_folder)
    assert (first.returncode, first.stderr) == (1, "")
    assert first.stdout.startswith("MAP.md was out of date")
    assert "`class Session`" in (shop / "MAP.md").read_text()
    assert run_hook("trigpoint-map", shop, bin_folder).returncode == 0

    (shop / "shop/session.py").write_text("class Visit:\n    pass\n")
    git(shop, "add", "--all")
    assert run_hook("trigpoint-map", shop, bin_folder).returncode == 1
    assert "`class Visit`" in (shop / "MAP.md").read_text()


@pytest.mark.slow
def test_the_map_hook_passes_options_on_and_keeps_the_file_if_they_are_wrong(
    shop: Path, bin_folder: Path
) -> None:
    """The first of `args` is the file, whatever its name; the others are options of `trigpoint map`."""
    assert run_hook("trigpoint-map", shop, bin_folder, "a map.md", "--tokens", "40").returncode == 1
    before = (shop / "a map.md").read_text()
    assert len(before.splitlines()) < 12
    assert run_hook("trigpoint-map", shop, bin_folder, "a map.md", "--tokens", "few").returncode == 2
    assert (shop / "a map.md").read_text() == before


def test_the_impact_hook_names_the_tests_of_what_is_staged(shop: Path, bin_folder: Path) -> None:
    """It never stops a commit, not even one without anything to look at."""
    change(shop)
    git(shop, "add", "--all")
    done = run_hook("trigpoint-impact", shop, bin_folder)
    assert (done.returncode, "tests/test_session.py" in done.stdout) == (0, True)


@pytest.mark.slow
def test_the_review_hook_stops_a_commit_with_a_bad_finding(
    shop: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One as bad as `--fail-on` says, which is `high` unless the user names another."""
    change(shop)
    git(shop, "add", "--all")
    with ScriptedModel(answer(WRONG)) as server:
        use_model(monkeypatch, server)
        done = run_hook("trigpoint-review", shop, bin_folder)
    assert done.returncode == 1, done.stderr
    assert "shop/session.py:11: high: Wrong result" in done.stdout


def use_model(monkeypatch: pytest.MonkeyPatch, server: ScriptedModel) -> None:
    monkeypatch.setenv("TRIGPOINT_MODEL", "openai/main")
    monkeypatch.setenv("TRIGPOINT_API_BASE", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "k")


@dataclass
class Runner:
    """As much of GitHub's runner as the action needs."""

    root: Path
    temp: Path
    contexts: dict[str, str]

    def run(self, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run one step with the environment that it declares."""
        step = STEPS[name]
        files = {key: str(self.temp / key) for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        declared = {key: self.value(text) for key, text in step.get("env", {}).items()}
        script = self.temp / "step.sh"
        script.write_text(step["run"])
        return subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.root,
            env=os.environ | files | {"RUNNER_TEMP": str(self.temp)} | declared | more,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def value(self, text: str) -> str:
        """The text with its expressions replaced, each by a value of the contexts."""
        return EXPRESSION.sub(lambda match: self.contexts[match[1]], text)

    def set(self, **inputs: str) -> None:
        self.contexts |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}

    @property
    def summary(self) -> str:
        return (self.temp / "GITHUB_STEP_SUMMARY").read_text()

    @property
    def outputs(self) -> Mapping[str, str]:
        text = (self.temp / "GITHUB_OUTPUT").read_text()
        lines = re.sub(r"^(\w+)<<(\S+)\n(.*?)\n\2$", "", text, flags=re.MULTILINE | re.DOTALL)
        blocks = re.findall(r"^([\w-]+)<<(\S+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)
        return {name: value for name, _, value in blocks} | dict(
            re.findall(r"^([\w-]+)=(.*)$", lines, re.MULTILINE)
        )


@pytest.fixture
def runner(shop: Path, bin_folder: Path) -> Runner:
    """A pull request with one commit, checked out with its history."""
    base = git(shop, "rev-parse", "HEAD")
    change(shop)
    commit(shop, "End sessions earlier")
    temp = bin_folder.parent.parent
    contexts = {
        "github.event.pull_request.base.sha || github.event.before": base,
        "github.event.pull_request.title": "Sessions expire too late",
        "github.event.pull_request.number": "12",
        "github.repository": "shop/shop",
        "github.token": "token",
        "github.action_path": str(ROOT),
        "steps.python.outputs.python-path": sys.executable,
    }
    made = Runner(shop, temp, contexts)
    made.set(**{name: made.value(value["default"]) for name, value in ACTION["inputs"].items()})
    return made


def test_no_script_of_the_action_holds_an_expression() -> None:
    """An expression would become a part of the script, and titles and branches are a stranger's words."""
    assert [name for name, step in STEPS.items() if "${{" in step.get("run", "")] == []


def test_the_action_uses_others_by_their_commit() -> None:
    """A tag can be moved to other code."""
    used = [step["uses"] for step in STEPS.values() if "uses" in step]
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) for name in used)


def test_the_action_installs_what_is_pinned_apart_from_the_project(runner: Runner, bin_folder: Path) -> None:
    """Every dependency by its hash, and Python never looks for modules in the pull request's folder."""
    log = runner.temp / "log"
    python = runner.temp / "python"
    for path in (python, bin_folder / "python"):
        program(path, f'echo "$*" >> {shlex.quote(str(log))}')
    runner.contexts["steps.python.outputs.python-path"] = str(python)
    assert runner.run("Install Trigpoint").returncode == 0
    venv, locked, own = log.read_text().splitlines()
    assert venv == f"-I -m venv {runner.temp}/trigpoint"
    assert locked.endswith(f"--require-hashes -r {ROOT}/requirements.lock")
    assert own.endswith(f"--no-deps --no-build-isolation {ROOT}")
    assert all(line.startswith("-I -m ") for line in (locked, own))


def test_the_action_reports_what_a_pull_request_touches(runner: Runner) -> None:
    """In the summary; the tests to run are an output, one a line."""
    done = runner.run("report")
    assert done.returncode == 0, done.stderr
    assert "expire" in runner.summary
    assert runner.outputs["tests"] == "tests/test_session.py"
    assert runner.outputs["exit-code"] == "0"
    assert Path(runner.outputs["report"]).read_text() in runner.summary


def test_the_action_says_what_to_do_where_the_base_is_missing(runner: Runner) -> None:
    """As in a checkout without history; no word of it reaches git as an option."""
    for base in ("0" * 40, "--output=x", ""):
        runner.set(base=base)
        done = runner.run("report")
        assert (done.returncode, "fetch-depth: 0" in done.stdout) == (1, True)
    assert not (runner.root / "x").exists()


def test_the_action_makes_a_map_for_a_title_without_running_it(runner: Runner) -> None:
    """Quotes, substitutions and fences in the title are words of the request."""
    runner.set(mode="map", query='Sessions "; touch x; $(touch x) `touch x` ```')
    done = runner.run("report")
    assert done.returncode == 0, done.stderr
    assert "class Session" in runner.summary
    assert not (runner.root / "x").exists()


def test_a_fence_in_a_report_does_not_end_the_block(runner: Runner, bin_folder: Path) -> None:
    """What strangers wrote stays text: no links, pictures or mentions."""
    program(bin_folder / "trigpoint", "printf '````\\n@everyone\\n'")
    runner.set(mode="map")
    assert runner.run("report").returncode == 0
    assert runner.summary.count("\n`````") == 2


def test_the_action_reviews(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad finding fails the job at the end, behind the report and the comment."""
    runner.set(mode="review", fail_on="high")
    with ScriptedModel(answer(WRONG)) as server:
        use_model(monkeypatch, server)
        done = runner.run("report")
    assert done.returncode == 0, done.stderr
    assert "shop/session.py:11: high: Wrong result" in runner.summary
    runner.contexts["steps.report.outputs.exit-code"] = runner.outputs["exit-code"]
    assert runner.run("Pass on the exit code").returncode == 1


def test_the_action_knows_three_modes(runner: Runner) -> None:
    """Any other is an error that names them."""
    runner.set(mode="deploy")
    done = runner.run("report")
    assert (done.returncode, "impact, map or review" in done.stdout) == (2, True)


Comment = Callable[[str], list[list[str]]]


@pytest.fixture
def comment(runner: Runner, bin_folder: Path) -> Comment:
    """Run the step that comments, where a `gh` finds these comments: the arguments of each of its calls."""
    log = runner.temp / "gh.log"
    (runner.temp / "trigpoint-report.md").write_text("<!-- trigpoint impact -->\n")

    def run(found: str) -> list[list[str]]:
        say = f'import json, sys; open({str(log)!r}, "a").write(json.dumps(sys.argv[1:]) + "\\n")'
        listed = f"case \"$*\" in *--paginate*) printf '{found}';; esac"
        program(bin_folder / "gh", f'{sys.executable} -c {shlex.quote(say)} "$@"\n{listed}')
        done = runner.run("Comment on the pull request", PATH=f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    return run


@pytest.mark.parametrize(
    ("found", "method", "place"),
    [("", "POST", "issues/12/comments"), ("7\\n8\\n", "PATCH", "issues/comments/7")],
)
def test_the_action_keeps_one_comment(
    comment: Comment, runner: Runner, found: str, method: str, place: str
) -> None:
    """The first time it writes one, later it replaces its own of the same mode."""
    _, written = comment(found)
    body = f"body=@{runner.temp}/trigpoint-report.md"
    assert written == ["api", "--method", method, f"repos/shop/shop/{place}", "-F", body, "--silent"]


def test_the_action_posts_nothing_without_a_token(comment: Comment, runner: Runner) -> None:
    """It says so, and the job goes on."""
    runner.set(github_token="")
    assert comment("") == []

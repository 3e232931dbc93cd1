"""Secrets stay where they are: in the files and in the session's own journal, and are shown and sent nowhere."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chat_fakes import Answering
from click.testing import CliRunner
from long_session import SteadyModel, open_long_chat
from repositories import git, make_repository
from scripted_model import Request, ScriptedModel
from whole_chat import Program, WholeChat, block

from chat.cli.sessions import sessions_group
from chat.sessions.journal import FileJournal, read_lines

VALUES = [f"k{number}Xv2mK9tLp4Zr8W7q{number}" for number in range(15)]
PEM_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZ7Kk3"
"""Fifteen keys, one for each form, and the middle of a private key."""


def planted() -> dict[str, str]:
    """A repository in which keys are in every form that people have them in."""
    v = VALUES
    return {
        ".env": f"# keys\nAPI_KEY={v[1]}\nexport DB_PASSWORD='{v[2]}'\n",
        "config.yml": f"name: shop\nclient_secret: {v[3]}\n",
        "config.json": json.dumps({"name": "shop", "access_token": v[4]}, indent=1) + "\n",
        "settings.toml": f'[db]\npassword = "{v[5]}"\n',
        "app.ini": f"[auth]\ntoken = {v[6]}\n",
        "deploy/api.key": f"{v[7]}\n",
        "remote.txt": f"git clone https://me:{v[8]}@example.org/shop.git\n",
        "call.sh": f"curl -H 'Authorization: Bearer {v[9]}{v[9]}' https://example.org\n",
        "headers.txt": f"X-Api-Key: {v[10]}\n",
        ".netrc": f"machine example.org login me password {v[11]}\n",
        ".npmrc": f"//registry.example.org/:_authToken={v[12]}\n",
        "server.pem": f"-----BEGIN PRIVATE KEY-----\n{PEM_LINE}\n-----END PRIVATE KEY-----\n",
        "k8s.txt": f"data {base64.b64encode(v[0].encode()).decode()}\n",
        "app.py": f'import os\n\nSTRIPE_SECRET = "{v[13]}"\nREGION = "eu"\n',
        "notes.md": f"Run it with `tool --token {v[14]}`.\n",
    }


FORBIDDEN = [*VALUES, PEM_LINE, base64.b64encode(VALUES[0].encode()).decode().rstrip("=")]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOP_API_TOKEN", VALUES[0])
    monkeypatch.setenv("OPENAI_API_KEY", VALUES[0])
    return make_repository(tmp_path / "shop", planted())


def found_in(text: str) -> list[str]:
    return [value for value in FORBIDDEN if value in text]


def everything_asked(request: Request) -> str:
    """The model changes a line beside a key, and quotes the line with the key as it sees it."""
    lines = [line for line in request.prompt.split("\n") if line.startswith("STRIPE_SECRET = ")]
    if not lines:
        return "show: app.py"
    return block("app.py", f'{lines[-1]}\nREGION = "eu"\n', f'{lines[-1]}\nREGION = "us"\n')


def test_keys_are_neither_sent_nor_shown_nor_exported(
    shop: Path, trigpoint: Program, scripted: Callable[..., ScriptedModel]
) -> None:
    """Prompts, screens, results, transcripts: fifteen forms of keys, in none. The files keep theirs to the byte."""
    server = scripted(
        lambda request: everything_asked(request) if request.body["model"] == "main" else "Move"
    )
    names = [name for name in planted() if name != "app.py"]
    before = {name: (shop / name).read_bytes() for name in names}
    said = []
    check = ("--test-cmd", "cat .env deploy/api.key; env", "--auto-test")
    for more in ([], ["--output-format", "stream-json"]):
        done = trigpoint(server.base_url, *more, *check, "-m", "change the region", *names)
        said.append(f"{done.stdout}\n{done.stderr}")
        assert done.code == 0, said[-1]
        trigpoint(server.base_url, "--continue", "-m", "/undo")
    done = trigpoint(server.base_url, "--output-format", "json", "-m", "/run cat .env server.pem k8s.txt")
    said.append(f"{done.stdout}\n{done.stderr}")
    said.append(trigpoint(server.base_url, "--show-prompts", "-m", f"use {VALUES[0]}").stdout)
    prompts = [json.dumps(dict(call.body)) for call in server.calls]

    assert len(
        {number for prompt in prompts for number in range(30) if f"[secret-{number}]" in prompt}
    ) >= len(VALUES)
    assert [found_in(prompt) for prompt in prompts] == [[]] * len(prompts)
    assert [found_in(text) for text in said] == [[]] * len(said)
    assert all("[secret" in text for text in said[1:3])
    assert exported() == []
    assert {name: (shop / name).read_bytes() for name in names} == before
    assert (shop / "app.py").read_text() == planted()["app.py"]
    assert any(VALUES[13] in path.read_text() for path in journals()), "what is needed again is kept"


def journals() -> Iterator[Path]:
    from platformdirs import user_state_path

    yield from sorted((user_state_path("trigpoint") / "sessions").glob("*/*.jsonl"))


def exported() -> list[str]:
    """The keys in what `trigpoint sessions` prints of each session, and in its other files."""
    runner = CliRunner()
    texts = []
    for path in journals():
        for arguments in (
            ["show", path.stem],
            ["show", path.stem, "--json"],
            ["export", path.stem, "--format", "json"],
            ["grep", "."],
            [],
            ["--json"],
        ):
            done = runner.invoke(sessions_group, arguments)
            assert done.exit_code == 0, done.output
            texts.append(done.output)
        texts += [file.read_text() for file in path.with_suffix(".outputs").glob("*")]
    assert sum(map(len, texts)) > 1000
    return [value for text in texts for value in found_in(text)]


def test_what_a_model_writes_of_a_key_is_the_key(shop: Path, open_whole: Callable[..., WholeChat]) -> None:
    """It moves a line of `.env` that it has never seen in clear."""

    def move(request: Request) -> str:
        line = next(line for line in request.prompt.split("\n") if line.startswith("API_KEY="))
        assert VALUES[1] not in line
        return block("copy.env", "", f"{line}\n") + block(".env", f"{line}\n", "")

    whole = open_whole("show: .env", move, root=shop, person=Answering(True))
    whole.turn("move the key")

    assert (shop / "copy.env").read_text() == f"API_KEY={VALUES[1]}\n"
    assert VALUES[1] not in (shop / ".env").read_text()
    assert VALUES[1] not in git(shop, "log", "-1", "--format=%B")


# After a crash

TEXT = {
    "words": "password = 'postgres'  # checkpoint\n",
    "an example": 'KEY = "AKIAIOSFODNN7EXAMPLE"\n',
    "a key": f'KEY = "{VALUES[0]}"\n',
    "masked": 'KEY = "[secret]"  # [secret-1]\n',
}


@pytest.mark.parametrize("what", TEXT)
def test_a_turn_that_is_taken_up_again_writes_what_its_reply_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Words that are values of secret variables, examples, keys: the paid reply is used, to the byte."""
    monkeypatch.setenv("POSTGRES_PASSWORD", "postgres")
    monkeypatch.setenv("APP_SECRET", "checkpoint")
    monkeypatch.setenv("SHOP_API_TOKEN", VALUES[0])
    root = make_repository(tmp_path / "work", {"db/postgres.py": "x = 1\n"})
    reply = block("db/postgres.py", "x = 1\n", TEXT[what])
    chat = open_long_chat(root, SteadyModel(reply_to=lambda _: reply), auto_test=False)
    chat.take_turn("go")
    journal = chat.state.ports.journal
    assert isinstance(journal, FileJournal)
    lines = journal.path.read_text().splitlines(keepends=True)
    journal.close()
    cut = next(place for place, line in enumerate(lines) if '"kind":"commit.intent"' in line)
    journal.path.write_text("".join(lines[:cut]))
    git(root, "reset", "-q", "--soft", "HEAD~1")

    def unwanted(messages: object) -> str:
        raise AssertionError("the reply was paid for")

    chat = open_long_chat(root, SteadyModel(reply_to=unwanted), auto_test=False)
    chat.take_turn(chat.unfinished)

    assert (root / "db/postgres.py").read_text() == TEXT[what]
    assert git(root, "show", "HEAD:db/postgres.py") + "\n" == TEXT[what]
    chat.changes.undo()
    assert (root / "db/postgres.py").read_text() == "x = 1\n"
    assert git(root, "log", "-1", "--format=%s") == "Nothing new"
    chat.close()


def masked_journal(path: Path, *rows: dict[str, object]) -> Path:
    """A journal as the version wrote it that masked secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    full = [{"v": 1, "n": number, "t": "2026-01-31T12:00:00Z", **row} for number, row in enumerate(rows, 1)]
    path.write_text("".join(json.dumps(row) + "\n" for row in full))
    return path


def test_a_reply_that_an_earlier_version_masked_is_asked_for_again(tmp_path: Path) -> None:
    """It would write the mask into a file."""
    from chat.sessions.replay import restore

    usage = {"calls": 1, "prompt_tokens": 1, "cached_tokens": 0, "completion_tokens": 1, "cost_usd": 0.0}

    def reply(text: str) -> dict[str, object]:
        fields = {"kind": "call.done", "intent": 2, "prompt_digest": text, "role": "main", "text": text}
        return {**fields, "finish": "stop", "usage": usage, "model": "m"}

    begin = {"kind": "turn.begin", "request": "go", "turn": 1}
    path = masked_journal(tmp_path / "a.jsonl", begin, reply("key = '[secret]'"), reply("fine"))
    restored = restore(read_lines(path))

    assert list(restored.replies) == ["fine"]
    assert sum(usage.calls for usage in restored.spent.values()) == 2
    assert restored.unfinished is not None
    begin["request"] = "use [secret]"
    unfinished = restore(read_lines(masked_journal(path, begin))).unfinished
    assert unfinished is not None
    assert unfinished.is_masked


def test_a_turn_whose_paths_an_earlier_version_masked_is_not_half_undone(tmp_path: Path) -> None:
    """Its commit would go, and its file would stay."""
    from chat_fakes import MemorySnapshots

    from chat.errors import NothingToUndo
    from chat.snapshots.kept_changes import KeptChanges
    from chat.snapshots.restore import changes_of
    from chat.snapshots.turn_record import TurnRecord

    record = TurnRecord(3, "before", "after", ("db/[secret].py",))

    with pytest.raises(NothingToUndo, match="turn 3"):
        changes_of(record, MemorySnapshots(), KeptChanges())  # type: ignore[arg-type]

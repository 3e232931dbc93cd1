"""Pages, budgets, partial answers, several roots: the tools by the official client, in both protocol revisions."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from map_server import roots_of, talk_to
from repositories import git

from repomap import Index, IndexOptions
from repomap.index.options import Refreshed
from repomap.mapping.tokens import count_tokens
from repomap.mcp.page import skip_of
from repomap.mcp.roots import Roots, folder_of
from repomap.model import Progress


def many(root: Path, count: int) -> None:
    """Add modules that all use the one before."""
    for number in range(count):
        (root / f"m{number:03}.py").write_text(
            f"from m{max(number - 1, 0):03} import f{max(number - 1, 0)}\n\n\n"
            f"def f{number}(shared):\n    return f{max(number - 1, 0)}(shared)\n"
        )


PAGED: list[tuple[str, dict[str, Any]]] = [
    ("find", {"pattern": "shared"}),
    ("references", {"name": "shared"}),
    ("repo_map", {}),
    ("read_symbol", {"target": "long.py"}),
    ("outline", {"path": "long.py"}),
    ("impact", {"targets": ["long.py"], "limit": 100}),
]


def test_pages_together_are_the_whole_answer(root: Path, mode: str) -> None:
    """Each page fits its budget and goes on where the one before ended; the last one has no cursor."""
    many(root, 30)
    (root / "long.py").write_text("".join(f"def long_{n}():\n    return {n}\n\n\n" for n in range(60)))

    async def talk(client: Any) -> None:
        schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
        for name, arguments in PAGED:
            texts, cursor = list[str](), ""
            while cursor or not texts:
                asked = {**arguments, "tokens": 150, **({"cursor": cursor} if cursor else {})}
                given = await client.call_tool(name, asked)
                assert not given.is_error, (name, given.content)
                (content,) = given.content
                values = given.structured_content
                jsonschema.validate(values, schemas[name])
                assert values["tokens"] == count_tokens(content.text) <= 150
                texts.append(content.text)
                cursor = values.get("next_cursor", "")
                assert (f'"{cursor}"' in content.text) or not cursor
                assert len(texts) < 40, name
            assert len(texts) > 1, name
            if name == "find":
                assert sum(text.count("def f") for text in texts) == 30
            if name in ("read_symbol", "outline"):
                assert all(any(f"def long_{n}()" in text for text in texts) for n in range(60))

    talk_to(roots_of(root), talk, mode)


def test_a_cursor_belongs_to_its_question() -> None:
    """With another question, or made up, it is refused."""
    from repomap.errors import BadRequest

    assert skip_of("", "abc") == 0
    for wrong in ("12-abd", "12", "-abc", "x-abc", "-1-abc", "9999999999-abc", "²-abc"):
        with pytest.raises(BadRequest, match="does not belong"):
            skip_of(wrong, "abc")


class SlowIndex(Index):
    """An index whose first refresh ends only when the test says so, after it has read the files."""

    may_end = threading.Event()

    def refresh(self, on_progress: Progress | None = None) -> Refreshed:
        """Read everything, then wait inside the refresh."""

        def held(task: str, done: int, total: int) -> None:
            if on_progress:
                on_progress(task, done, total)
            if done == total:
                self.may_end.wait(30)

        return super().refresh(held)


def test_questions_are_answered_while_the_repository_is_read_for_the_first_time(
    root: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer has what was read so far and says that it is partial; progress is reported; then all is there."""
    monkeypatch.setattr("repomap.mcp.ask.FIRST_ANSWER_S", 0.2)
    SlowIndex.may_end = threading.Event()
    roots = Roots(lambda folder: SlowIndex(folder, IndexOptions(1, cache=False, history=False)), pytest.fail)
    roots.add_own(root)
    heard = list[float]()

    async def on_progress(done: float, total: float | None, message: str | None) -> None:
        heard.append(done)

    async def talk(client: Any) -> None:
        given = await client.call_tool("repo_map", {}, progress_callback=on_progress)
        assert given.structured_content["partial"] is True
        assert "store.py" in given.content[0].text
        assert "Partial" in given.content[0].text
        assert given.structured_content["tokens"] == count_tokens(given.content[0].text) <= 1024
        assert heard
        SlowIndex.may_end.set()
        while (given := await client.call_tool("repo_map", {})).structured_content.get("partial"):
            await asyncio.sleep(0.05)
        assert "def save" in given.content[0].text

    talk_to(roots, talk, mode)


def test_several_roots_are_told_apart(root: Path, tmp_path: Path, mode: str) -> None:
    """A call names one by its name or path, or by an absolute path below it; without, the first is meant."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "sole.py").write_text("def sole():\n    pass\n")

    async def talk(client: Any) -> None:
        for arguments in ({"root": "other"}, {"root": str(other)}):
            given = await client.call_tool("find_symbol", {"name": "sole", **arguments})
            assert given.structured_content["items"][0]["path"] == "sole.py"
        assert (await client.call_tool("find_symbol", {"name": "sole"})).is_error
        assert not (await client.call_tool("outline", {"path": str(other / "sole.py")})).is_error
        text = (await client.read_resource("repo://file/sole.py?root=other")).contents[0].text
        assert "def sole" in text

    talk_to(roots_of(root, other), talk, mode)


def test_folders_that_the_client_has_open_are_served(root: Path, tmp_path: Path) -> None:
    """By the protocol revisions that let a server ask for them; what is no folder is left out."""
    from mcp_types import ListRootsResult, Root

    async def listed(_: Any) -> Any:
        return ListRootsResult(roots=[Root(uri=root.as_uri()), Root(uri="file:///nowhere/at/all")])

    async def talk(client: Any) -> None:
        given = await client.call_tool("outline", {"path": str(root / "app" / "store.py")})
        assert not given.is_error, given.content

    talk_to(roots_of(), talk, "legacy", list_roots_callback=listed)
    assert folder_of("https://example.org/x") is None
    assert folder_of("file://host/share") is None


def test_map_diff_shows_what_changed_since_a_revision(root: Path, mode: str) -> None:
    """Definitions that came, went or are declared otherwise, and files; an unknown revision is an error."""
    (root / ".git" / "config").unlink()
    (root / ".git").rmdir()
    (root / "gone.py").write_text("def gone():\n    pass\n")
    git(root, "init", "-q", ".")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    (root / "gone.py").unlink()
    (root / "new.py").write_text("def new():\n    pass\n")
    store = root / "app" / "store.py"
    store.write_text(store.read_text().replace("save(self, key)", "save(self, key, *, sure)"))

    async def talk(client: Any) -> None:
        given = await client.call_tool("map_diff", {})
        assert not given.is_error, given.content
        changes = {
            (item["path"], one["name"], one["change"])
            for item in given.structured_content["items"]
            for one in item["definitions"]
        }
        assert changes == {
            ("app/store.py", "Store.save", "changed"),
            ("new.py", "new", "added"),
            ("gone.py", "gone", "removed"),
        }
        assert "(was: def save(self, key))" in given.content[0].text
        assert (await client.call_tool("map_diff", {"revision": "nothing"})).is_error
        git(root, "add", ".")
        git(root, "commit", "-qm", "second")
        given = await client.call_tool("map_diff", {})
        assert given.structured_content["items"] == []

    talk_to(roots_of(root), talk, mode)


def test_a_hundred_calls_at_once_get_their_own_answers(root: Path, mode: str) -> None:
    """Each is right, within its budget, whatever else is asked at the time."""
    many(root, 20)

    async def talk(client: Any) -> None:
        calls = [client.call_tool("find_symbol", {"name": f"f{n % 20}"}) for n in range(100)]
        for number, given in enumerate(await asyncio.gather(*calls)):
            assert given.structured_content["items"][0]["name"] == f"f{number % 20}"

    talk_to(roots_of(root), talk, mode)


def test_resources_and_prompts_bring_what_the_index_knows(root: Path, mode: str) -> None:
    """Files outside the index are no resources; the list of files has pages; prompts have their parts."""
    from mcp.shared.exceptions import MCPError

    many(root, 600)

    async def talk(client: Any) -> None:
        assert "store.py" in (await client.read_resource("repo://map")).contents[0].text
        file = (await client.read_resource("repo://file/app/store.py")).contents[0].text
        assert "self.key = key" in file
        assert "def load" in (await client.read_resource("repo://outline/app/store.py")).contents[0].text
        for wrong in (
            "file/../secret.py",
            "file/.git/config",
            "file/app%2F..%2F..%2Fsecret.py",
            "file/Store",
        ):
            with pytest.raises(MCPError):
                await client.read_resource(f"repo://{wrong}")
        first = await client.list_resources()
        second = await client.list_resources(cursor=first.next_cursor)
        uris = [str(one.uri) for page in (first, second) for one in page.resources]
        assert second.next_cursor is None
        assert len(uris) == len(set(uris)) == 603
        assert {one.uri_template for one in (await client.list_resource_templates()).resource_templates} == {
            *("repo://map{?root}", "repo://file/{+path}{?root}", "repo://outline/{+path}{?root}")
        }
        prompts = {one.name: one for one in (await client.list_prompts()).prompts}
        assert prompts.keys() == {"orient", "before-you-edit", "review"}
        for name, arguments, said in (
            ("orient", {"task": "save keys"}, "store.py"),
            ("before-you-edit", {"target": "app/store.py:Store"}, "app/main.py"),
            ("review", {"revision": "main"}, "since main"),
        ):
            given = await client.get_prompt(name, arguments)
            assert said in given.messages[0].content.text, name

    served = roots_of(root)
    for each in served:
        each.fresh.begin().result()  # what is asked before the first reading has ended is answered in part
    talk_to(served, talk, mode)


def test_clients_hear_of_files_that_come_and_go(
    root: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client is told that the list of resources has changed, without asking anything in between."""
    monkeypatch.setattr("repomap.mcp.resources.LOOK_S", 0.05)
    heard = asyncio.Event()

    async def on_message(message: Any) -> None:
        if type(message).__name__ == "ResourceListChangedNotification":
            heard.set()

    async def talk(client: Any) -> None:
        await client.call_tool("repo_map", {})
        if mode == "legacy":
            (root / "more.py").write_text("x = 1\n")
            await asyncio.wait_for(heard.wait(), 10)
            return
        async with client.listen(resources_list_changed=True) as events:
            (root / "more.py").write_text("x = 1\n")
            assert type(await asyncio.wait_for(anext(aiter(events)), 10)).__name__ == "ResourcesListChanged"

    talk_to(roots_of(root), talk, mode, message_handler=on_message)

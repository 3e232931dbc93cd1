"""The index of the chat reads the folder as the settings say."""

from pathlib import Path

import pytest

from chat.state.workspace import Workspace


@pytest.mark.usefixtures("lasting_workers")
@pytest.mark.parametrize(("store", "count"), [("", 0), ("nonsense://somewhere", 1)])
def test_files_are_looked_up_in_the_store_of_the_settings(tmp_path: Path, store: str, count: int) -> None:
    """Nothing is ever kept there, and one that cannot be reached changes nothing."""
    (tmp_path / "a.py").write_text("def f(): pass\n", "utf-8")
    workspace = Workspace(tmp_path, history=False, store=store)

    assert workspace.ask(lambda index: len(index.options.stores)) == count
    assert workspace.ask(lambda index: len(index.options.kept_in)) == 0
    assert workspace.paths() == ("a.py",)

"""Recent commits are evidence for the files they touched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.ranking.commit_evidence import LARGE_COMMIT, CommitHistory
from repomap.ranking.request import read_request

PATHS = ("a.py", "b.py", "c.py", "d.py")
COMMITS = st.lists(
    st.tuples(st.text(max_size=20), st.lists(st.sampled_from((*PATHS, "gone.py")), max_size=5, unique=True)),
    max_size=12,
)


def test_what_changed_last_is_most_recent() -> None:
    """1 where the newest commit touched it, less with every commit since, 0 where none did."""
    recency = CommitHistory.of(PATHS, [("x", ["b.py"]), ("y", ["a.py", "b.py"]), ("z", ["c.py"])]).recency()
    assert recency[1] == 1.0 > recency[0] > recency[2] > recency[3] == 0.0


def test_what_changes_often_is_frequent() -> None:
    """Twice counts about twice; a change long ago counts for less."""
    frequency = CommitHistory.of(PATHS, [("x", ["a.py"])] * 2 + [("y", ["b.py"])]).frequency()
    assert frequency[0] > 1.9 * frequency[1] > 0 == frequency[3]


def test_commits_that_resemble_the_request_are_evidence_for_their_files() -> None:
    """By the words of their subjects, in any form."""
    commit_history = CommitHistory.of(PATHS, [("Fix cookie expiry", ["a.py"]), ("Tidy invoices", ["b.py"])])
    found = commit_history.subject_similarity(read_request("the cookies of a session"))
    assert found[0] > found[1] == 0.0


def test_a_small_commit_says_more_than_a_wide_one() -> None:
    """A file that was touched along with many others is less likely to be meant."""
    commit_history = CommitHistory.of(PATHS, [("cookie", ["a.py"]), ("cookie", ["b.py", "c.py", "d.py"])])
    found = commit_history.subject_similarity(read_request("cookie"))
    assert found[0] > found[1] > 0


def test_files_that_change_together_share_evidence() -> None:
    """A file is paired with the other files of its commits, not with itself."""
    commit_history = CommitHistory.of(PATHS, [("x", ["a.py", "b.py"]), ("y", ["c.py", "d.py"])])
    found = commit_history.co_change(np.array([1.0, 0, 0, 0]))
    assert found[1] > 0
    assert found[[0, 2, 3]] == pytest.approx(0.0)


def test_very_large_commits_are_no_evidence() -> None:
    """Reformatting everything shows nothing about what belongs together."""
    wide = [*PATHS, *(f"f{number}.py" for number in range(LARGE_COMMIT))]
    commit_history = CommitHistory.of(PATHS, [("x", wide)])
    assert not commit_history.recency().any()
    assert not commit_history.co_change(np.ones(len(PATHS))).any()


def test_deleted_paths_count_only_in_the_size_of_a_commit() -> None:
    """A commit does not become smaller because a file of it was deleted later."""
    with_gone = CommitHistory.of(PATHS, [("cookie", ["a.py", "gone.py"])])
    alone = CommitHistory.of(PATHS, [("cookie", ["a.py"])])
    request = read_request("cookie")
    assert 0 < with_gone.subject_similarity(request)[0] < alone.subject_similarity(request)[0]


@examples(30)
@given(COMMITS, st.text(max_size=20))
def test_any_history_gives_numbers(commits: list[tuple[str, list[str]]], request: str) -> None:
    """Finite and at least 0, one for each file; also without commits, files or words."""
    for paths in (PATHS, ()):
        commit_history = CommitHistory.of(paths, commits)
        columns = (
            commit_history.recency(),
            commit_history.frequency(),
            commit_history.subject_similarity(read_request(request)),
            commit_history.co_change(np.ones(len(paths))),
        )
        for column in columns:
            assert column.shape == (len(paths),)
            assert np.isfinite(column).all()
            assert (column >= -1e-9).all()

"""A page holds what a map holds, best first: files, declarations, who uses whom, and rankings made ahead."""

import json

import pytest
from corpora import corpora, index_data_of
from hypothesis import given
from properties import examples
from repositories import SHOP

from repomap.lookup.explain import explain
from repomap.mapping.make import whole_ranking
from repomap.model import Focus
from repomap.page import links, make
from repomap.page.columns import columns
from repomap.page.make import page_of
from repomap.page.values import Page
from repomap.ranking.index_data import IndexData, build_index_data

COMMITS = (
    ("Let sessions expire", ("shop/session.py", "tests/test_session.py")),
    ("Count", ("shop/cart.py",)),
)


@pytest.fixture(scope="module")
def data() -> IndexData:
    return index_data_of(SHOP, COMMITS)


@pytest.fixture(scope="module")
def page(data: IndexData) -> Page:
    return page_of(data, "shop", [Focus("why does the session expire")])


def file_of(page: Page, path: str) -> int:
    return [file.path for file in page.files].index(path)


def test_files_are_in_the_order_of_the_overview(data: IndexData, page: Page) -> None:
    """As `trigpoint map --all` prints them, with their definitions in source order."""
    ranking = whole_ranking(data, Focus())

    assert [file.path for file in page.files] == [file.path for file in ranking]
    named = [(page.files[each.file].path, each.name, each.line) for each in page.definitions]
    assert named == [(file.path, each.name, each.lines[0]) for file in ranking for each in file.definitions]


def test_a_declaration_has_no_body(page: Page) -> None:
    """What a function does is in no page."""
    declared = {each.name: each.declaration for each in page.definitions}

    assert declared["add_line"] == "def add_line(self, article, count)"
    assert not any("self.lines.append" in text for text in declared.values())


def test_a_link_says_by_which_names(page: Page) -> None:
    """And whether an import makes it sure."""
    main, session = file_of(page, "shop/main.py"), file_of(page, "shop/session.py")
    (link,) = [each for each in page.links if (each.source, each.target) == (main, session)]

    assert link.is_dependency
    assert "Session" in link.names


def test_history_counts_commits_and_how_long_ago_the_last_was(page: Page) -> None:
    """Ages are counted in commits, so the same repository makes the same page."""
    touched = {file.path: (file.commits, file.age) for file in page.files}

    assert page.commits == 2
    assert touched["shop/session.py"] == (1, 0)
    assert touched["shop/cart.py"] == (1, 1)
    assert touched["shop/main.py"] == (0, -1)


def test_a_request_is_ranked_ahead_as_a_map_ranks_it(data: IndexData, page: Page) -> None:
    """It comes first, before the rankings with a file in hand."""
    focus = Focus("why does the session expire")
    ranking = page.rankings[0]

    assert ranking.request == focus.request
    assert [page.files[file].path for file in ranking.files] == [
        each.path for each in whole_ranking(data, focus)
    ]
    assert all(
        page.definitions[each].file == file
        for file, own in zip(ranking.files, ranking.definitions, strict=True)
        for each in own
    )


def test_a_request_ranked_ahead_says_why(data: IndexData, page: Page) -> None:
    """With the lines of `--why`, for its first files."""
    ranking = page.rankings[0]
    said = explain(data, Focus(ranking.request), page.files[ranking.files[0]].path)

    assert len(ranking.reasons) == len(ranking.files)
    assert set(ranking.reasons[0]) <= {line.strip() for line in said.splitlines()}
    assert any(line.startswith("word session") for line in ranking.reasons[0])
    assert all(each.reasons == () for each in page.rankings[1:])


def test_a_file_in_hand_is_not_in_its_ranking(page: Page) -> None:
    """Every source file of a small repository has one."""
    rankings = {page.files[each.in_hand[0]].path: each for each in page.rankings[1:]}

    assert {"shop/main.py", "shop/session.py", "shop/cart.py", "web/cart.ts"} <= rankings.keys()
    assert all(each.in_hand[0] not in each.files and not each.request for each in rankings.values())


def test_a_large_repository_keeps_its_best_and_says_what_is_left_out(
    data: IndexData, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing refers to what is not there."""
    monkeypatch.setattr(make, "MOST_FILES", 3)
    monkeypatch.setattr(make, "MOST_DEFINITIONS", 4)
    small = page_of(data, "shop", [Focus("session")])

    assert small.files == page.files[:3]
    assert len(small.definitions) == 4
    assert small.left_out.files == len(page.files) - 3
    assert small.left_out.definitions == len(page.definitions) - 4
    assert all(max(link.source, link.target) < 3 for link in small.links)
    assert all(set(ranking.files) <= {0, 1, 2} for ranking in small.rankings)
    assert all(each < 4 for ranking in small.rankings for own in ranking.definitions for each in own)


def test_dependencies_are_kept_before_guesses(data: IndexData) -> None:
    """A cut leaves out the lightest of the links by name alone."""
    every, in_all = links.find_links(data, 1000)
    kept, _ = links.find_links(data, 3)

    assert in_all == len(every) > 3
    assert all(link.is_dependency for link in kept)


def test_progress_is_told_for_each_ranking(data: IndexData) -> None:
    """So a terminal can show a bar."""
    told: list[tuple[str, int, int]] = []
    page = page_of(data, "shop", (), lambda *each: told.append(each))

    assert [done for _, done, _ in told] == list(range(len(page.rankings)))
    assert {total for _, _, total in told} == {len(page.rankings)}


@given(corpora(4))
@examples(10)
def test_any_repository_has_a_page_of_valid_numbers(corpus) -> None:  # type: ignore[no-untyped-def]
    """Whatever its names are; what is written is JSON without what JavaScript cannot read."""
    page = page_of(build_index_data(corpus, ()), "x")
    text = json.dumps(columns(page), allow_nan=False)

    assert len(page.files) == len(corpus.paths)
    assert json.loads(text)["texts"] == columns(page)["texts"]


def test_an_empty_repository_has_a_page() -> None:
    """It says that there is nothing."""
    page = page_of(index_data_of({}), "nothing")

    assert page.files == page.links == page.definitions == page.rankings == ()

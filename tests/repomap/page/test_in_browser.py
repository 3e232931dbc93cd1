"""The page in a Chromium: what a reader sees, clicks, presses and hears, and that it sends nothing.

Slow, since a browser is started. Skipped where there is none: `chromium` or `google-chrome` on the PATH is used,
and no browser is ever downloaded.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from corpora import index_data_of
from repositories import SHOP

from repomap.model import Focus
from repomap.page.html import to_html
from repomap.page.make import page_of
from repomap.page.values import LeftOut, Link, Page, PageDefinition, PageFile

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here"),
]

DESKTOP, TABLET, PHONE = (1440, 900), (1024, 768), (390, 844)
HOSTILE = "</script><img src=x onerror=document.title='run'>.py"
COMMITS = (
    ("Let sessions expire", ("shop/session.py", "tests/test_session.py")),
    ("Count", ("shop/cart.py",)),
)
Open = Callable[..., Any]
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
"""Waits for the frame after the next one; a string that is polled would be refused by the policy of the page."""


def shop() -> Page:
    """A small repository, one of whose files has a hostile name."""
    sources = {**SHOP, f"web/{HOSTILE}": "def pay(card): pass\n"}
    return page_of(index_data_of(sources, COMMITS), "shop", [Focus("session cookie")])


def large(files: int = 5000) -> Page:
    """Files in nested folders with four definitions each, linked to those before them."""
    paths = [f"src/area{n % 23}/part{n % 7}/module_{n}.py" for n in range(files)]
    kinds = ("source", "source", "test", "docs")
    return Page(
        title="large",
        files=tuple(
            PageFile(
                path,
                "python",
                kinds[n % 4],
                1 / (n + 3),
                round(900 / (n + 9), 2),
                40 + n % 900,
                n % 37,
                n % 500,
                4,
            )
            for n, path in enumerate(paths)
        ),
        definitions=tuple(
            PageDefinition(
                n,
                f"parse_{word}_{n}",
                "function",
                "",
                line,
                f"def parse_{word}_{n}(text: str, limit: int = {n}) -> str",
                0.1,
                1,
            )
            for n in range(files)
            for line, word in enumerate(("header", "session", "config", "token"), 1)
        ),
        links=tuple(Link(n, n // 3, 1.5, n % 2 == 0, ("parse_header",)) for n in range(1, files)),
        rankings=(),
        commits=1000,
        left_out=LeftOut(0, 0, 0),
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages that are looked at."""
    folder = tmp_path_factory.mktemp("pages")
    empty = page_of(index_data_of({}), "empty")
    for name, page in (("shop", shop()), ("large", large()), ("empty", empty)):
        (folder / f"{name}.html").write_text(to_html(page), "utf-8")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any, pages: Path) -> Iterator[Open]:
    """Opens a page; in the end none of them has sent a request, written to the console or failed."""
    complaints: list[str] = []
    contexts = []

    def call(name: str = "shop", size: tuple[int, int] = DESKTOP, **options: Any) -> Any:
        uri = (pages / f"{name}.html").as_uri()
        viewport = {"width": size[0], "height": size[1]}
        contexts.append(browser.new_context(viewport=viewport, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda sent: complaints.extend([sent.url] if not sent.url.startswith((uri, "data:")) else ()),
        )
        page.goto(uri)
        page.wait_for_selector("html[data-searchable]")
        return page

    yield call
    for context in contexts:
        context.close()
    assert complaints == []


def names(page: Any) -> list[str]:
    """The files in the list, from the top."""
    found: list[str] = page.locator("#list .row.file .name").all_inner_texts()
    return found


def search(page: Any, request: str) -> None:
    """Type a request and wait until the list is drawn."""
    page.fill("#request", request)
    page.evaluate(DRAWN)


def heading(page: Any) -> str:
    """What the details are about."""
    text: str = page.locator("#details h2").inner_text()
    return text


def cell(page: Any, path: str) -> tuple[float, float]:
    """Where a file is in the picture: found by pointing at many places, as a reader would."""
    box = page.locator("#tree").bounding_box()
    for y in range(4, int(box["height"]), 12):
        for x in range(4, int(box["width"]), 24):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if page.locator("#hint strong").all_inner_texts() == [path]:
                return box["x"] + x, box["y"] + y
    raise AssertionError(f"{path} is not in the picture")


def test_a_request_given_ahead_is_shown_first(opened: Open) -> None:
    """With the overview beside it in the list of rankings."""
    page = opened()

    assert page.locator("#ranking option:checked").inner_text() == "session cookie"
    assert names(page)[0] == "session.py"
    page.locator(".row.file").first.click()
    assert "word session" in page.locator("#details", has_text="For “session cookie”").inner_text()
    page.select_option("#ranking", label="Overview")
    assert "most important first" in page.locator("#count").inner_text()


def test_typing_ranks_files_and_marks_words(opened: Open) -> None:
    """By name, path and kind; the number of matches is said."""
    page = opened()
    search(page, "cart total")

    assert names(page)[0] == "cart.py"
    assert {"cart", "total"} <= set(page.locator("#list mark").all_inner_texts())
    search(page, "path:web kind:function")
    assert "show.ts" in names(page)
    search(page, "kind:constructor")
    assert set(names(page)) == {"session.py", "cart.py"}
    search(page, "")
    page.select_option("#kind", label="Test")
    assert names(page) == ["test_session.py"]


def test_what_nothing_matches_says_what_to_do(opened: Open) -> None:
    """Instead of an empty list."""
    page = opened()
    search(page, "zzzz")
    page.wait_for_selector("#nothing:not([hidden])")

    assert page.locator("#count").inner_text() == "Nothing matches"
    assert not page.locator("#list").is_visible()


def test_a_click_in_the_list_shows_who_uses_a_file(opened: Open) -> None:
    """And from there the files at the other end are opened; the browser's back goes back."""
    page = opened()
    page.select_option("#ranking", label="Overview")
    page.locator(".row.file", has_text="session.py").first.click()

    assert heading(page) == "session.py"
    assert "1 commit of the last 2 touched it" in page.locator("#details").inner_text()
    page.locator("#details .item", has_text="main.py").first.click()
    assert heading(page) == "main.py"
    page.go_back()
    assert heading(page) == "session.py"
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert heading(page) == "session.py"


def test_a_definition_shows_its_declaration_and_line(opened: Open) -> None:
    """As path:line, which an editor understands."""
    page = opened()
    search(page, "add_line")
    page.locator(".row.definition", has_text="add_line").first.click()

    assert heading(page) == "add_line"
    assert page.locator("#details pre").inner_text() == "def add_line(self, article, count)"
    assert page.locator("#details .where").inner_text() == "shop/cart.py:6"


def test_pointing_at_a_cell_shows_signatures_and_a_click_opens_it(opened: Open) -> None:
    """A click on the name of a folder goes into it."""
    page = opened()
    place = cell(page, "shop/cart.py")
    assert "class Cart" in page.locator("#hint").inner_text()
    page.mouse.click(*place)
    assert heading(page) == "cart.py"
    page.keyboard.press("Escape")

    box = page.locator("#tree").bounding_box()
    page.mouse.click(box["x"] + 14, box["y"] + 8)
    assert page.locator("#crumbs button").count() == 2
    page.locator("#crumbs button").first.click()
    assert page.locator("#crumbs button").count() == 1


def test_everything_is_done_by_keyboard(opened: Open) -> None:
    """The search, the list, the details, and back; then the picture."""
    page = opened()
    page.keyboard.press("/")
    page.keyboard.type("cart")
    page.evaluate(DRAWN)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = page.locator("#list").get_attribute("aria-activedescendant")
    assert active == "row-1"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "details"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "list"
    assert page.locator("#details h2").count() == 0

    page.locator("#tree").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    said = page.locator("#said").inner_text()
    page.keyboard.press("Enter")
    assert heading(page) in said
    page.locator("#tree").focus()
    page.keyboard.press("+")
    assert page.locator("#crumbs button").count() > 1
    page.keyboard.press("-")
    assert page.locator("#crumbs button").count() == 1


def test_colours_areas_and_links_can_be_chosen(opened: Open) -> None:
    """Each choice draws another picture, and the legend says what it means."""
    page = opened()
    page.locator(".row.file", has_text="session.py").first.click()
    drawn = [page.locator("#tree").screenshot()]
    for control, label, legend in (
        ("#colour", "History", "many"),
        ("#colour", "Kind", "test"),
        ("#size", "Lines", ""),
    ):
        page.select_option(control, label=label)
        drawn.append(page.locator("#tree").screenshot())
        assert legend in page.locator("#legend").inner_text()
    page.click("#links")
    drawn.append(page.locator("#tree").screenshot())

    assert len(set(drawn)) == len(drawn)


def test_the_theme_follows_the_system_until_it_is_chosen(opened: Open) -> None:
    """The choice outlives the page."""
    page = opened(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.emulate_media(color_scheme="light")
    light = page.evaluate(ground)
    assert dark != light

    page.click("#theme")
    page.click("#theme")
    assert page.locator("#theme").inner_text() == "Theme: dark"
    assert page.evaluate(ground) == dark
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate(ground) == dark


def test_a_phone_shows_one_part_at_a_time(opened: Open) -> None:
    """Nothing is wider than the screen, and what is tapped is large enough."""
    page = opened(size=PHONE, has_touch=True, is_mobile=True)
    assert page.locator("#list").is_visible()
    assert not page.locator("#tree").is_visible()
    page.locator(".row.file").first.tap()
    assert page.locator("#details").is_visible()
    page.locator(".tabs button", has_text="Picture").tap()
    box = page.locator("#tree").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    assert page.locator("#card").is_visible()
    page.locator("#card button").tap()
    assert page.locator("#details").is_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    for button in page.locator("button:visible, select:visible").all():
        assert button.bounding_box()["height"] >= 24


def test_a_hostile_name_runs_nothing(opened: Open) -> None:
    """It is shown as it is."""
    page = opened()
    page.select_option("#ranking", label="Overview")
    search(page, "pay card")

    assert names(page)[0] == "script><img src=x onerror=document.title='run'>.py"
    page.locator(".row.file").first.click()
    assert page.locator("img").count() == 0
    assert page.title() == "shop – Trigpoint"


def test_the_policy_forbids_what_a_script_would_send(opened: Open, browser: Any, pages: Path) -> None:
    """Even a script of the page could not: the browser refuses."""
    page = browser.new_page()
    page.goto((pages / "shop.html").as_uri())

    assert page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')") == "refused"
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'x = 1'}))"
    )
    assert any("Content Security Policy" in text for text in refused)
    page.close()


def test_an_empty_repository_says_so(opened: Open) -> None:
    """And nothing fails."""
    page = opened("empty")

    assert "no files" in page.locator("#nothing").inner_text()


def test_no_motion_where_none_is_wanted(opened: Open) -> None:
    """Going into a folder shows it at once."""
    page = opened(reduced_motion="reduce")
    box = page.locator("#tree").bounding_box()
    page.mouse.click(box["x"] + 14, box["y"] + 8)
    page.mouse.move(0, 0)
    at_once = page.locator("#tree").screenshot()
    page.wait_for_timeout(400)

    assert page.locator("#tree").screenshot() == at_once


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE])
def test_axe_finds_nothing_serious(opened: Open, theme: str, size: tuple[int, int]) -> None:
    """In the list, with details open, and in the help; in three sizes, in light and in dark."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(size=size, color_scheme=theme)

    def violations() -> list[str]:
        found = axe.run(page).response["violations"]
        return [
            f"{each['id']}: {each['nodes'][0]['html']}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]

    assert violations() == []
    page.locator(".row.file").nth(1).click()
    assert violations() == []
    page.click("#help")
    assert violations() == []


def test_5000_files_are_shown_within_a_second_and_answer_within_a_tenth(opened: Open) -> None:
    """The best of some runs, since other work on the machine only adds to a time."""
    page = opened("large")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert paint <= 1000
    page.wait_for_timeout(1000)
    acts = {
        "type": "const box = document.getElementById('request'); box.value = ['session', 'pars', 'config 12'][n % 3];"
        "box.dispatchEvent(new Event('input'));",
        "scroll": "document.getElementById('list').scrollTop = 4000 * n;",
        "point": "at('pointermove', 90 + 40 * n, 120 + 30 * n);",
        "choose": "at('click', 90 + 40 * n, 120 + 30 * n);",
    }
    for name, act in acts.items():
        times = [elapsed(page, act, number) for number in range(1, 9)]
        assert min(times) <= 100, name


def elapsed(page: Any, act: str, number: int) -> float:
    """Milliseconds from an event until the frame after it is painted."""
    time: float = page.evaluate(
        f"""async (n) => {{
          const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          const tree = document.getElementById('tree');
          const {{ left, top }} = tree.getBoundingClientRect();
          const at = (type, x, y) => tree.dispatchEvent(
            new PointerEvent(type, {{ clientX: left + x, clientY: top + y, bubbles: true }}));
          await painted();
          const started = performance.now();
          {act}
          await painted();
          return performance.now() - started;
        }}""",
        number,
    )
    return time

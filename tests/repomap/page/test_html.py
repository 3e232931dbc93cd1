"""The page is one file: names cannot become markup, the policy forbids requests, the script is built from `web/`."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from corpora import index_data_of

from repomap.page.columns import columns, to_json
from repomap.page.html import BEGINNING, DATA, TITLE, template, to_html
from repomap.page.make import page_of
from repomap.page.values import Page

ROOT = Path(__file__).parents[3]
HOSTILE = (
    "</script><img src=x onerror=alert(1)>.py",
    "<!--<script>.py",
    "]]>&amp;\u2028\u2029.py",
    '" onload="alert(1).py',
    "\udcff\x1b[2J\u202e.py",
    "@data@@title@.py",
)


class Seen(HTMLParser):
    """The elements of a page, and the texts of its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in ("script", "style"):
            (self.scripts if self.tags[-1][0] == "script" else self.styles).append(data)


def seen(text: str) -> Seen:
    parser = Seen()
    parser.feed(text)
    parser.close()
    parser.scripts = [each for each in parser.scripts if each.strip()]
    parser.styles = [each for each in parser.styles if each.strip()]
    return parser


@pytest.fixture(scope="module")
def hostile() -> Page:
    sources = {name: f"def {'f' * (number + 4)}(): pass\n" for number, name in enumerate(HOSTILE)}
    return page_of(index_data_of(sources), "</title><script>alert(1)</script>")


def test_a_hostile_name_is_text(hostile: Page) -> None:
    """The page has the elements of the template and no other, and its data read back as they were."""
    text = to_html(hostile)
    page, blank = seen(text), seen(template())

    assert [tag for tag, _ in page.tags] == [tag for tag, _ in blank.tags]
    assert page.scripts[1:] == blank.scripts[1:]
    assert json.loads(page.scripts[0]) == json.loads(json.dumps(columns(hostile)))
    text.encode("utf-8")


def test_the_json_ends_no_script(hostile: Page) -> None:
    """Neither do its texts hold what HTML or old JavaScript would understand."""
    assert not set("<>&\u2028\u2029") & set(to_json(hostile))


def test_what_moves_a_cursor_or_hides_is_replaced(hostile: Page) -> None:
    """As in every output of the map."""
    paths = [file.path for file in hostile.files]

    assert "\ufffd\ufffd[2J\ufffd.py" in paths


def test_repeated_texts_stand_once(hostile: Page) -> None:
    """Folders, kinds, languages and names are numbers of one table."""
    written = columns(hostile)

    assert len(written["texts"]) == len(set(written["texts"]))
    assert {written["texts"][number] for number in written["files"]["language"]} == {"python"}


def test_the_template_is_built_from_the_sources_beside_it() -> None:
    """`make page` builds it, which needs node; this needs none."""
    web = ROOT / "repomap" / "page" / "web"
    names = ["package-lock.json", "build.mjs", *(f"src/{path.name}" for path in (web / "src").iterdir())]
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(f"{name}\0{(web / name).read_text('utf-8')}\0".encode())

    assert f"<!-- sources {digest.hexdigest()} -->" in template(), "run `make page`"


def test_the_policy_allows_the_script_and_the_style_of_the_page_alone() -> None:
    """Nothing is fetched or sent, and no other script runs: not even one in an attribute."""
    page = seen(template())
    (policy,) = [
        attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    def sha256(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules == {
        "default-src": "'none'",
        "script-src": sha256(page.scripts[-1]),
        "style-src": sha256(page.styles[0]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert not any(name.startswith("on") or name == "style" for _, attrs in page.tags for name in attrs)


def test_the_template_has_each_place_once_and_no_address_to_fetch() -> None:
    """The only address is the name of a namespace of SVG, in the icon."""
    text = template()

    assert text.count(TITLE) == text.count(DATA) == 1
    assert text.index(TITLE) < text.index(DATA)
    assert text.encode().startswith(BEGINNING)
    licences = text[text.index("<!--licences") : text.index("-->", text.index("<!--licences"))]
    assert set(re.findall(r"https?://[^\s'\"]+", text.replace(licences, ""))) <= {
        "http://www.w3.org/2000/svg"
    }


def test_the_licences_of_what_is_bundled_are_in_the_page() -> None:
    """With name, version and text, as each asks for."""
    text = template()

    for name in ("d3-hierarchy", "d3-path", "d3-shape"):
        assert re.search(rf"\n{name} \d+\.\d+\.\d+\n\nCopyright .*Bostock", text)

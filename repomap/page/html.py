"""[io] Writes a `Page` as one HTML file, which holds its styles and its script and needs no network.

The template is built from `web/` by `make page`. Its policy (CSP) allows the one script and the one style
sheet by their hashes, and nothing else: no request, no other script.
"""

import html
from functools import cache
from importlib import resources

from repomap.page.columns import to_json
from repomap.page.values import Page

TITLE, DATA = "@title@", "@data@"
"""Where the template has the title and the JSON; both once, in this order."""
BEGINNING = b"<!doctype html><!-- A page of Trigpoint. -->"
"""The first bytes of every page, by which a command knows that it may replace one."""


@cache
def template() -> str:
    """Return the page without a repository."""
    return resources.files("repomap.page").joinpath("page.html").read_text("utf-8")


def to_html(page: Page) -> str:
    """Write a page; nothing in the names of a repository becomes markup or script."""
    before, _, rest = template().partition(TITLE)
    between, _, after = rest.partition(DATA)
    text = "".join((before, html.escape(page.title), between, to_json(page), after))
    return text.encode("utf-8", "replace").decode("utf-8")

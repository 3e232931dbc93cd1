"""Measure the page of a repository in Chromium: its size, its first paint, and how long it takes to answer.

    python bench/page.py REPOSITORY [--chromium PATH] [--pictures FOLDER]

Prints the size of the file, the first contentful paint, when it can be used, and for each thing that a reader
does the median and the longest time from the event until the next frame is painted, of 20. It fails if the page
sends a request or writes to the console. `--pictures` draws the screenshots of docs/page.md, of pallets/flask.
Needs a Chromium.
"""

import argparse
import base64
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from repomap import Index

TIMES = 20


def main() -> int:
    arguments = parsed()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "page.html"
        index = Index(arguments.repository)
        index.refresh()
        path.write_text(index.page(), "utf-8")
        print(f"size             {path.stat().st_size / 1e6:.2f} MB, {len(index.paths())} files")
        browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
        complaints = list(measured(browser, path.as_uri()))
        if arguments.pictures:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
            draw(browser, path.as_uri(), arguments.pictures)
        browser.close()
    print(*complaints, sep="\n", file=sys.stderr, end="\n" if complaints else "")
    return 1 if complaints else 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a page in Chromium.")
    parser.add_argument("repository", type=Path)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    parser.add_argument("--pictures", type=Path)
    return parser.parse_args()


def opened(browser: Any, uri: str, complaints: list[str], **options: Any) -> Any:
    """Open the page and wait until it can be used."""
    page = browser.new_page(**options)
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on(
        "request", lambda sent: None if sent.url in (uri, uri + "#") else complaints.append(sent.url[:100])
    )
    page.goto(uri)
    page.wait_for_selector("html[data-ready]")
    return page


def measured(browser: Any, uri: str) -> Iterator[str]:
    """Print the times; yield what the page must not have done."""
    complaints: list[str] = []
    page = opened(browser, uri, complaints, viewport={"width": 1440, "height": 900})
    page.wait_for_timeout(1500)
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    print(f"first paint      {page.evaluate(paint):.0f} ms")
    print(
        f"can be used      {page.evaluate('window.performance.getEntriesByName(`ready`)[0].startTime'):.0f} ms"
    )
    for name, acts in actions().items():
        times = [elapsed(page, act) for act in acts]
        print(f"{name:<16} {statistics.median(times):.0f} ms, at most {max(times):.0f} ms")
    yield from complaints


def elapsed(page: Any, act: str) -> float:
    """Run JavaScript in the page; return the milliseconds until the frame after it was painted."""
    time: float = page.evaluate(
        f"""async () => {{
          const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          await painted();
          const started = performance.now();
          {act};
          await painted();
          return performance.now() - started;
        }}"""
    )
    return time


def actions() -> dict[str, Sequence[str]]:
    """Return what is measured, as JavaScript that sends the events of a reader."""
    by_id = "const of = (id) => document.getElementById(id);"
    words = ("s", "se", "ses", "sess", "test", "config load", "parse request", "why does it fail", "f", "")
    typed = "of('request').value = {!r}; of('request').dispatchEvent(new Event('input', {{bubbles: true}}))"
    place = "const box = of('tree').getBoundingClientRect(); const x = box.left + {}, y = box.top + {};"
    event = "of('tree').dispatchEvent(new PointerEvent({!r}, {{clientX: x, clientY: y, bubbles: true}}))"
    spots = [(40 + 31 * number % 600, 60 + 47 * number % 600) for number in range(TIMES)]
    return {
        "type": [by_id + typed.format(words[number % len(words)]) for number in range(TIMES)],
        "scroll": [f"{by_id} of('list').scrollTop = {997 * number}" for number in range(TIMES)],
        "point": [by_id + place.format(*spot) + event.format("pointermove") for spot in spots],
        "choose": [by_id + place.format(*spot) + event.format("click") for spot in spots],
        "colour": [
            f"{by_id} of('colour').value = '{('kind', 'history', 'rank', 'folder')[number % 4]}'; "
            "of('colour').dispatchEvent(new Event('change'))"
            for number in range(TIMES)
        ],
        "area": [
            f"{by_id} of('size').value = '{('lines', 'rank')[number % 2]}'; "
            "of('size').dispatchEvent(new Event('change'))"
            for number in range(TIMES)
        ],
    }


VIEWS: Mapping[str, tuple[tuple[int, int], str, Sequence[tuple[str, ...]]]] = {
    "desktop": ((1440, 900), "light", [("click", ".row.file >> nth=2")]),
    "desktop-dark": (
        (1440, 900),
        "dark",
        [("fill", "#request", "session cookie"), ("click", ".row.definition >> nth=0")],
    ),
    "tablet": ((1024, 768), "light", [("select_option", "#colour", "history")]),
    "phone-map": ((390, 844), "light", []),
    "phone-picture": ((390, 844), "dark", [("click", ".tabs button >> nth=1"), ("click", "#tree")]),
    "phone-details": ((390, 844), "light", [("click", ".row.file >> nth=2")]),
}
"""The pictures: their size, theme, and what is done before; each is a method of playwright's page."""


def draw(browser: Any, uri: str, folder: Path) -> None:
    """Write the screenshots."""
    for name, (size, theme, acts) in VIEWS.items():
        viewport = {"width": size[0], "height": size[1]}
        page = opened(browser, uri, [], viewport=viewport, color_scheme=theme)
        for method, *arguments in acts:
            getattr(page, method)(*arguments)
            page.wait_for_timeout(300)
        page.mouse.move(0, 0)
        page.wait_for_timeout(300)
        (folder / f"{name}.webp").write_bytes(as_webp(browser, page.screenshot()))
        page.close()


def as_webp(browser: Any, png: bytes) -> bytes:
    """Let the browser write a picture in a third of the bytes."""
    page = browser.new_page()
    data = page.evaluate(
        """async (png) => {
          const image = Object.assign(new Image(), { src: `data:image/png;base64,${png}` });
          await image.decode();
          const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
          canvas.getContext("2d").drawImage(image, 0, 0);
          return canvas.toDataURL("image/webp", 0.75).split(",")[1];
        }""",
        base64.b64encode(png).decode(),
    )
    page.close()
    return base64.b64decode(data)


if __name__ == "__main__":
    raise SystemExit(main())

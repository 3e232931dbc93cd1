"""One turn from the request to its undo, on a small repository: map, reply, edits, commit, undo.

    python bench/demo.py

The model is scripted (see `sample.py`), so no network and no key is needed; the rest is what a real
model would get. Ends with code 1 at the first step that does not come out as it should.
"""

import sys
import time

from sample import EDITS, REQUEST, SUBJECT, Sample, open_sample

CHANGED, CREATED = "shop/session.py", "tests/test_session_in_use.py"


class Unexpected(Exception):
    """A step came out otherwise."""


def main() -> int:
    started = time.monotonic()
    print(__doc__.split("\n", 1)[0])
    print("The model is SCRIPTED: a server on loopback that says lines written beforehand. The rest is real.")
    try:
        with open_sample() as sample:
            for step in (show_map, take_turn, look_at_it, undo_it):
                step(sample)
    except Unexpected as unexpected:
        print(f"\nNot as it should be. Expected: {unexpected}.", file=sys.stderr)
        return 1
    print(f"\nAll of it as expected, in {time.monotonic() - started:.0f} s.")
    return 0


def show_map(sample: Sample) -> None:
    """The map alone, for a request; no model is asked."""
    shown = _do(
        sample, "1. The map, for this request", "trigpoint", "map", "--tokens", "200", "--query", REQUEST
    )
    _expect("SessionStore" in shown and not sample.server.calls, "the map names what the request is about")


def take_turn(sample: Sample) -> None:
    """Request, map, a file that the model asks for, edits, tests, commit."""
    told = _do(
        sample,
        "2. The turn: the model asks for a file, edits it and adds a test; the tests run; it is committed",
        *("trigpoint", "--test-cmd", "python -m unittest -q", "--auto-test", "--message", REQUEST),
    )
    first, second = sample.server.calls[0].prompt, sample.server.calls[1].prompt
    _expect(
        "session.py" in first and "class SessionStore:" not in first, "the first prompt holds a map, no file"
    )
    _expect("class SessionStore:" in second, "the second prompt holds the file that was asked for")
    _expect(EDITS.split("\n", 1)[0] in told and f"Created {CREATED}" in told, "the edits are told")
    _expect("unittest" in told and "passed" in told, "the tests were run")
    _expect("used_s" in _text(sample, CHANGED) and (sample.root / CREATED).is_file(), "the files are changed")


def look_at_it(sample: Sample) -> None:
    """One commit, of just these files, that names the model."""
    shown = _do(sample, "3. The commit", "git", "show", "--stat", "--format=%h %s%n%n%b", "HEAD")
    _expect(
        all(part in shown for part in (SUBJECT, CHANGED, CREATED, "Co-authored-by")),
        "a commit names the model",
    )
    _expect(_git(sample, "status", "--porcelain") == "", "nothing else lies around")


def undo_it(sample: Sample) -> None:
    """In another process: files, the new one too, and the branch are as before."""
    _do(sample, "4. The undo, by another run", "trigpoint", "--continue", "--message", "/undo")
    left = _do(sample, "", "git", "log", "--oneline")
    _expect(
        "used_s" not in _text(sample, CHANGED) and not (sample.root / CREATED).exists(), "the files are back"
    )
    _expect(SUBJECT not in left and _git(sample, "status", "--porcelain") == "", "the branch is back")


def _do(sample: Sample, title: str, *command: str) -> str:
    """Shows a command and what it says; gives that. It must succeed."""
    if title:
        print(f"\n{title}\n")
    print("$", " ".join(f'"{part}"' if " " in part else part for part in command), flush=True)
    done = sample.run(*command)
    print(done.stdout.rstrip(), flush=True)
    _expect(done.returncode == 0, f"{command[0]} ends with code 0 and not {done.returncode}")
    return done.stdout


def _git(sample: Sample, *arguments: str) -> str:
    return sample.run("git", *arguments).stdout.strip()


def _text(sample: Sample, path: str) -> str:
    return (sample.root / path).read_text(encoding="utf-8")


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise Unexpected(what)


if __name__ == "__main__":
    sys.exit(main())

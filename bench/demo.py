"""Play one turn on a small repository, from the request to its undo: map, reply, edits, commit, undo.

    python bench/demo.py

The model is scripted (see `sample.py`), so it needs no network and no key; everything else is what a real model
would get. Ends with code 1 at the first step that goes wrong.
"""

import sys
import time

from sample import EDITS, REQUEST, SUBJECT, Sample, open_sample

CHANGED, CREATED = "shop/session.py", "tests/test_session_in_use.py"


class Unexpected(Exception):
    """A step went wrong."""


def main() -> int:
    started = time.monotonic()
    print(__doc__.split("\n", 1)[0])
    print(
        "The model is SCRIPTED: a server on loopback with replies written beforehand. Everything else is real."
    )
    try:
        with open_sample() as sample:
            for step in (show_map, take_turn, show_commit, undo_turn):
                step(sample)
    except Unexpected as unexpected:
        print(f"\nThis went wrong. Expected: {unexpected}.", file=sys.stderr)
        return 1
    print(f"\nEverything went as expected, in {time.monotonic() - started:.0f} s.")
    return 0


def show_map(sample: Sample) -> None:
    """Show the map for a request; no model is called."""
    output = _run(
        sample, "1. The map for this request", "trigpoint", "map", "--tokens", "200", "--query", REQUEST
    )
    _expect("SessionStore" in output and not sample.server.calls, "the map names what the request is about")


def take_turn(sample: Sample) -> None:
    """Send the request: the model asks for a file, edits it, the tests run, a commit is made."""
    output = _run(
        sample,
        "2. The turn: the model asks for a file, edits it and adds a test; the tests run; a commit is made",
        *("trigpoint", "--test-cmd", "python -m unittest -q", "--auto-test", "--message", REQUEST),
    )
    first, second = sample.server.calls[0].prompt, sample.server.calls[1].prompt
    _expect(
        "session.py" in first and "class SessionStore:" not in first,
        "the first prompt shows a map and no file",
    )
    _expect("class SessionStore:" in second, "the second prompt shows the file that was asked for")
    _expect(EDITS.split("\n", 1)[0] in output and f"Created {CREATED}" in output, "the edits are reported")
    _expect("unittest" in output and "passed" in output, "the tests were run")
    _expect("used_s" in _text(sample, CHANGED) and (sample.root / CREATED).is_file(), "the files are changed")


def show_commit(sample: Sample) -> None:
    """Show the one commit, of just these files, that names the model."""
    output = _run(sample, "3. The commit", "git", "show", "--stat", "--format=%h %s%n%n%b", "HEAD")
    _expect(
        all(part in output for part in (SUBJECT, CHANGED, CREATED, "Co-authored-by")),
        "a commit names the model",
    )
    _expect(_git(sample, "status", "--porcelain") == "", "nothing else is left in the work tree")


def undo_turn(sample: Sample) -> None:
    """Undo the turn in another process: the files, the new one too, and the branch are as before."""
    _run(sample, "4. The undo, in another run", "trigpoint", "--continue", "--message", "/undo")
    log = _run(sample, "", "git", "log", "--oneline")
    _expect(
        "used_s" not in _text(sample, CHANGED) and not (sample.root / CREATED).exists(),
        "the files are as before",
    )
    _expect(SUBJECT not in log and _git(sample, "status", "--porcelain") == "", "the branch is as before")


def _run(sample: Sample, title: str, *command: str) -> str:
    """Run a command, which must succeed; print it and its output, and return the output."""
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


def _expect(condition: bool, expectation: str) -> None:
    if not condition:
        raise Unexpected(expectation)


if __name__ == "__main__":
    sys.exit(main())

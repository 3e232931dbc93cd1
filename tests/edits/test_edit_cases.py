"""The cases of fixtures/edits: a file each, with files, a reply and what it leaves.

A case begins with what it shows. Its sections begin with `@@@`: `format`, `finish`, `chat`,
`file NAME [crlf|open]` (`open`: no final newline), `reply`, and the outcome: `expect NAME`,
`gone NAME`, `refused REASON [LINE…]` or `already`.
"""

import pathlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from edits import Format, Plan, Rules, parse_reply, plan_edits

CASES = sorted((pathlib.Path(__file__).parents[2] / "fixtures" / "edits").glob("*.case"))


@dataclass
class Case:
    form: Format = Format.DIFF
    finish: str = "stop"
    chat: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    reply: str = ""
    expect: dict[str, str | None] = field(default_factory=dict)
    refused: str = ""
    already: bool = False


def read_case(text: str) -> Case:
    case = Case()
    shapes: dict[str, str] = {}
    for section in text.split("\n@@@ ")[1:]:
        head, _, body = section.partition("\n")
        kind, _, rest = head.partition(" ")
        name, _, shape = rest.rpartition(" ") if rest.endswith((" crlf", " open")) else (rest, "", "")
        body = body + "\n" if body else ""
        if kind == "file":
            shapes[name] = shape
            case.files[name] = shaped(body, shape)
        elif kind in ("expect", "gone"):
            case.expect[name] = None if kind == "gone" else shaped(body, shapes.get(name, ""))
        elif kind == "reply":
            case.reply = body
        else:
            set_option(case, kind, rest)
    return case


def set_option(case: Case, kind: str, rest: str) -> None:
    if kind == "format":
        case.form = Format(rest)
    elif kind == "chat":
        case.chat = tuple(rest.split())
    elif kind == "already":
        case.already = True
    else:
        setattr(case, kind, rest)


def shaped(body: str, shape: str) -> str:
    if shape == "crlf":
        return body.replace("\n", "\r\n")
    return body[:-1] if shape == "open" else body


def plan_of(case: Case, tree: Any) -> Plan:
    reply = parse_reply(case.reply, case.form, finished=case.finish == "stop")
    return plan_edits(reply, tree, Rules(chat=case.chat))


def after(case: Case, plan: Plan) -> dict[str, str]:
    files = dict(case.files)
    for change in plan.changes:
        files.pop(change.path, None)
        if change.after is not None:
            files[change.path] = change.after.decode()
    return files


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: pathlib.Path, make_tree: Callable[..., Any]) -> None:
    """A reply leaves what its case says, or is refused for the reason that it says."""
    case = read_case("\n" + path.read_bytes().decode().removesuffix("\n"))
    plan = plan_of(case, make_tree({name: text.encode() for name, text in case.files.items()}))

    if case.refused:
        reason, *lines = case.refused.split()
        assert [result.reason for result in plan.rejected] == [reason], plan.results
        assert not plan.changes
        assert not lines or [str(line) for line in plan.rejected[0].lines] == lines
        return
    assert not plan.rejected
    wanted = {**case.files, **case.expect}
    assert after(case, plan) == {name: text for name, text in wanted.items() if text is not None}
    assert not case.already or (not plan.changes and all(result.already for result in plan.results))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_applying_a_case_twice_changes_nothing_more(
    path: pathlib.Path, make_tree: Callable[..., Any]
) -> None:
    """A second time everything is there already, or is refused."""
    case = read_case("\n" + path.read_bytes().decode().removesuffix("\n"))
    tree = make_tree({name: text.encode() for name, text in case.files.items()})
    for change in plan_of(case, tree).changes:
        tree.files.pop(change.path, None)
        if change.after is not None:
            tree.files[change.path] = change.after

    assert plan_of(case, tree).changes == ()

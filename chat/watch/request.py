"""Marked comments → what the model is asked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from chat.model import Mode, RepoPath
from chat.watch.comments import Marked

_DO = (
    "Comments in the files below are marked with “AI”. Do what those ask that are marked with “AI!”, answer those with "
    "“AI?”, and take the others into account. Remove all of these comments with your edits."
)
_ANSWER = (
    "Comments in the files below are marked with “AI”. Answer those that are marked with “AI?”, and take the others "
    "into account. Change nothing."
)


@dataclass(frozen=True, slots=True)
class WatchedRequest:
    """What marked comments ask for."""

    text: str
    paths: tuple[RepoPath, ...]
    mode: Mode | None
    """To answer only; None for the mode of the chat."""


def request_of(comments: Mapping[RepoPath, tuple[Marked, ...]]) -> WatchedRequest:
    """Return the request of comments by file."""
    actions = {each.action for found in comments.values() for each in found}
    is_question = "!" not in actions
    listed = [f"{path}:{each.first}\n{_quoted(each)}" for path, found in comments.items() for each in found]
    text = "\n\n".join((_ANSWER if is_question else _DO, *listed))
    return WatchedRequest(text, tuple(comments), Mode.ASK if is_question else None)


def _quoted(comment: Marked) -> str:
    return "\n".join(f"    {line.strip()}" for line in comment.text.split("\n"))

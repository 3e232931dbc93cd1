"""A file's name is compared with the words of a request, and with their order."""

import numpy as np
import pytest

from repomap.model import Focus
from repomap.ranking.file_names import file_name_features
from repomap.ranking.lexicon import Lexicon
from repomap.ranking.request import read_request


def features(path: str, text: str) -> tuple[float, float, float]:
    paths = (path,)
    found = file_name_features(paths, Lexicon.of(paths), read_request(text), np.arange(1))
    share, in_row, joined = (float(column[0]) for column in found.values())
    return round(share, 2), round(in_row, 2), joined


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("gson/JsonArray.java", "JSON arrays and their elements", (1.0, 1.0, 0.0)),
        ("gson/JsonArray.java", "an array of JSON", (1.0, 0.0, 0.0)),
        ("tls/server_trust_evaluation.swift", "evaluate server trust", (1.0, 0.67, 0.0)),
        ("src/cmdline.py", "the command line", (0.0, 0.0, 0.0)),
        ("src/skiplist.c", "how the skip list works", (0.0, 0.0, 1.0)),
        ("response/mod.rs", "what a response is", (1.0, 0.0, 0.0)),
        ("reader/src/lib.rs", "reader", (1.0, 0.0, 0.0)),
        ("main.c", "", (0.0, 0.0, 0.0)),
    ],
)
def test_a_name_matches_by_its_words_their_order_and_joined(
    path: str, text: str, expected: tuple[float, float, float]
) -> None:
    """A file that stands for its folder goes by the folder's name; later lines have no order."""
    assert features(path, text) == expected


def test_only_the_first_line_has_an_order() -> None:
    """What follows explains; its words count alone."""
    assert features("json_array.py", "Fix a bug\n\nThe json array is wrong.") == (1.0, 0.0, 0.0)


def test_a_request_of_nothing_has_no_words() -> None:
    """As with a chat alone."""
    assert read_request(Focus().request).first_words == ()

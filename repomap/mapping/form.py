"""How declarations are written in a map: in full, shorter or in brief, as there is room."""

from dataclasses import dataclass

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus

LONGEST_LINE = 170
"""Characters of a declaration with types; 44 tokens or so. All names of parameters may take more."""

LEAST_WIDTH, LEAST_WIDTH_IN_BRIEF = 60, 40
"""Characters of a declaration in a map of up to 1,024 tokens: for a request, and in an overview."""
TOKENS_PER_COLUMN, TOKENS_PER_COLUMN_IN_BRIEF = 100, 300
"""How many tokens more give a declaration one character more; in an overview, more declarations come first."""

DECLARATION_TOKENS = 14
"""About what a declaration takes in full: where there is so much for each, none is shortened."""


@dataclass(frozen=True, slots=True)
class Form:
    """How declarations are written in a map."""

    width: int = LONGEST_LINE
    """About how many characters one may take."""
    brief: bool = False
    """Whether what is returned, and the members of small types, are left out in favour of more declarations."""


FULL = Form()
"""Of what has room enough."""


def form_of(corpus: Corpus, budget_tokens: int, overview: bool = False) -> Form:
    """Return how declarations are written: the shorter, the fewer of them there is room for.

    An ``overview`` is to show much of what there is, so it says less of each.
    """
    if np.count_nonzero(corpus.doc_kind != NO_KIND) * DECLARATION_TOKENS <= budget_tokens:
        return FULL
    least = LEAST_WIDTH_IN_BRIEF if overview else LEAST_WIDTH
    per_column = TOKENS_PER_COLUMN_IN_BRIEF if overview else TOKENS_PER_COLUMN
    width = max(least, least + (budget_tokens - 1024) // per_column)
    return Form(min(width, LONGEST_LINE), overview and width < LONGEST_LINE)

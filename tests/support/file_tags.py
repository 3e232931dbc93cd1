"""Reads the columns of `FileTags` as a test wants them: a definition as one value, uses by name."""

from collections import Counter

from repomap import Definition, FileTags, Span
from repomap.model import KINDS


def definitions(tags: FileTags) -> list[Definition]:
    """All definitions, in the order of the source."""
    return [
        Definition(
            name=tags.names[index],
            kind=KINDS[tags.kinds[index]],
            span=Span(*tags.spans[5 * index : 5 * index + 5]),
            signature=tags.signatures[index],
            parent=parent if parent >= 0 else None,
            owner=tags.owners[index],
        )
        for index, parent in enumerate(tags.parents)
    ]


def references(tags: FileTags) -> dict[str, int]:
    """How often each name is used in code, in order of first use."""
    counts: Counter[str] = Counter()
    for word_id, count in zip(tags.use_word, tags.use_code, strict=True):
        if count:
            counts[tags.words[word_id]] += count
    return dict(counts)

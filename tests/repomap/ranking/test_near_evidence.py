"""What is near a file speaks for it."""

import numpy as np
from corpora import corpora
from hypothesis import given
from properties import examples

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import Focus
from repomap.ranking.file_evidence import gather
from repomap.ranking.index_data import build_index_data
from repomap.ranking.near_evidence import BEST_OF_FOLDER


@examples(40)
@given(corpora())
def test_texts_of_folders_tests_and_definitions_are_what_they_say(corpus: Corpus) -> None:
    """Each feature, computed file by file."""
    index_data = build_index_data(corpus, ())
    evidence = gather(index_data, Focus("x key parse"))
    files, docs = evidence.files, np.zeros(len(corpus))
    docs[evidence.match.docs.ids] = evidence.match.docs.bm25
    docs /= max(docs.max(initial=0), 1e-9)
    text = files["text of best"]
    folder_of = [path.rpartition("/")[0] for path in corpus.paths]
    for file_id in range(len(corpus.paths)):
        doc_ids = list(corpus.docs_of(file_id))
        assert all(corpus.doc_kind[doc_id] != NO_KIND for doc_id in doc_ids)
        matching = sum(docs[doc_id] ** 2 for doc_id in doc_ids) / max(1, len(doc_ids))
        assert np.isclose(files["definitions that match"][file_id], matching**0.5)
        assert np.isclose(files["text outside"][file_id], docs[corpus.doc_start[file_id]])
        beside = [
            text[other]
            for other, folder in enumerate(folder_of)
            if folder == folder_of[file_id] and index_data.kinds[other] == "source"
        ]
        expected = np.mean(sorted(beside, reverse=True)[:BEST_OF_FOLDER]) if len(beside) > 1 else 0.0
        if index_data.kinds[file_id] == "source":
            assert np.isclose(files["text of folder"][file_id], expected)
        else:
            assert files["text of folder"][file_id] == 0

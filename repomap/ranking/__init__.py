"""Scores every file and definition of a repository for one request.

In: a corpus, the graph of its files, recent commits (together `index_data.IndexData`) and a `Focus`.
Out: `score.Scores`, one value per file and per definition, with the evidence behind each.

    request            the words, names, paths and lines that a request holds
    bm25, name_parts   text evidence: BM25F of every definition and file
    commit_evidence    history evidence: recency, frequency, co-change, similar subjects
    file_evidence      all evidence for files, one feature a column, with the help of
                       path_evidence, kind_evidence, file_names, near_evidence
    definition_evidence  the same for definitions, a few thousand at a time
    use_evidence       features of definitions that new code may call; `use_weights` has their weights
    documents          documents by kind, by name, and in chunks
    lexicon            the words of the corpus that contain a text or a stem
    score, weights     a logistic model over the features, and its fitted weights
    index_data         what all requests share

Every module is pure: none touches the disk, the network or a process.
"""

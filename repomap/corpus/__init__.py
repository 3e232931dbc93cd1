"""Holds all files of a repository as arrays that every question is asked of.

In: the parsed files (`FileTags`, or `EncodedTags` as workers and caches deliver them). Out: a
`corpus.Corpus`, or `update.Changed`, a corpus in which a few files were replaced.

    corpus      the arrays, and a picture of how they index into each other
    postings    which word occurs in which document: the inverted index
    build       parsed files → corpus
    update      corpus and a few parsed files → corpus

Every module is pure: none touches the disk, the network or a process.
"""

"""Tags that many machines share, by the content of files: a folder or bucket behind a URL, and single snapshot files.

In: keys, and the entries of a cache. Out: the entries of these keys, as they were put.

    port        `TagsStore`: what gives and takes entries
    pack        entries -> one file that says of each entry what its digest is, and back
    place       what is behind a URL: a folder, a bucket, a server
    pack_store  a place full of packs, as a `TagsStore`
    snapshot    one pack with all entries of a repository, written, fetched and verified

`place` reaches the disk and the network, through fsspec; `pack_store` and `snapshot` do so through it, and keep what
they fetched in files. An entry means nothing here: the index decodes it, and ignores what it cannot.
"""

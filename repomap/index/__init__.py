"""Keeps a repository's map open, refreshes it by what changed, and saves it between runs.

In: a folder. Out: `index.Index`, whose methods make maps and answer questions.

    index       `Index`: the other folders put together
    reader      a listing and what is known of it → the tags of new and changed files
    tags_cache  tags by the content of a file, in the user's cache folder
    snapshot    a whole index in one file, from which the next run starts
    locations   where the cache and the snapshots are

`reader` reads the repository's files; `tags_cache`, `snapshot` and `locations` read and write the
user's cache folder; `index` starts git and parse workers through the folders below.
"""

"""The only modules of the package that touch the disk.

`tree` reads the files below a root and judges paths, and `write` writes a whole plan or none of it;
`folders` keeps its folders from being swapped for links, and `exchange` swaps two files. `leftovers`
names temporary files and removes those of killed processes, which `process_mark` tells from living ones.
"""

"""The only modules of the package that touch the disk.

`tree` reads the files below a root and judges paths, `write` writes a whole plan or none of it, and
`exchange` swaps two files for it.
"""

"""One table of settings, from which flags, variables, keys of files, help and docs are made.

In come the texts of files, variables and flags; out goes one `Settings` with the source of each
value. `table` has a row for each setting, `row` what a row says, `kinds` the kinds of value; `layers` puts
the sources on top of each other. `load` reads the disk, as far as `trust` allows; everything else is pure.
"""

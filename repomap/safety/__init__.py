"""What every other folder must not get wrong: unsafe text, strange files, half-written files, processes.

In come text and files of unknown origin, bytes to be kept, and running processes; out go lines that
are safe to print, bytes, whole files, and processes that have ended. `regular_file` and `whole_file`
touch the disk, `process_group` ends processes; `printable` is pure.
"""

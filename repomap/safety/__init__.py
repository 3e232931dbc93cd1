"""What every other folder must not get wrong: unsafe text, strange files, half-written files, processes.

In come text and files of unknown origin, bytes to be kept, and running processes; out go lines that
are safe to print, bytes, whole files, locks, and processes that have ended. `regular_file`,
`whole_file` and `file_lock` touch the disk, `streams` the terminal, `process_group` ends processes;
`printable` is pure.
"""

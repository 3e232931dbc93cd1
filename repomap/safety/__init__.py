"""What every other folder must not get wrong: printable text and child processes.

In come text of unknown origin and processes that were started; out go lines that are safe to print
and processes that have ended. `process_group` ends processes; `printable` is pure.
"""

"""The command line: arguments in, an exit code out.

`main` is the command `trigpoint`; `options` derives its options from the table of settings. Every other module
is one subcommand. All of them print; `apply`, `sessions` and `trust` also write to the disk, and `main` starts the
chat. Errors become exit codes in `main` and nowhere else.
"""

"""What the chat must not get wrong: secrets, text on a terminal, files of others, commands of the user.

In come texts, paths and command lines; out go texts without secrets and control sequences, the
bytes of small files, and what a command printed. `small_file` reads the disk, `evidence` keeps files
that a command has left, `running` notes on the disk what a write is in the middle of, and `shell` and
`piped` start processes; `secrets` and `printable` are pure.
What `repomap` needs as well is in `repomap.safety`.
"""

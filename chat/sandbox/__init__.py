"""A room for commands: the work tree and a scratch folder to write in, no network, no secrets.

In come a command line and a root; out goes what it printed. `layout` says what a command may see and write,
`bubblewrap` and `seatbelt` say it in the words of the two programs that enforce it, `environment` leaves
the variables that a command needs; these are pure but for looking which folders exist. `sandbox` finds out
which program works here, `scratch` keeps the folders on disk, and `guarded_shell` runs the commands.
"""

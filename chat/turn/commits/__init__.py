"""The files that a turn has changed → its commits, and the user's own changes committed before them.

`commits` makes them, through `state.ports`; `message` has the weak model word them, and `gate` lets nothing pass that
`--scan-cmd` objects to.
"""

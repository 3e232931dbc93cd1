"""Attempts: several jobs at one task as a group, of which one is offered.

In come an order with a number of attempts, and later the jobs as they are at their end; out go what differs between
them, their ranks, and why. `beginning` and `group` [io] keep the group in the user's state folder, `diffs` [io] runs
git, `comparing` [io] asks the judge within the budget, `ending` [io] puts the ranks together. `variation`, `judging`
and `ranking` are pure.
"""

"""Plans: a task that a planner divides into pieces, each done by a job of its own, and merged into one branch.

In comes a job with an order to plan (`record.PlanOrder`); out come the plan, a branch with the pieces that were
merged and checked, and a report. `plan`, `graph`, `reading`, `budget`, `schedule`, `record`, `texts`, `table` and
`report` are pure. `consent` decides which of the plan's commands may be run. `planner` and `pieces` begin jobs and
read what came of them, `branch` runs git in the plan's own work tree, `checking` the checks there, `work` has the
pieces done, and `carrying_out` does all of these until the plan is through.

Workers know nothing of each other: each sees its own piece, and the branch as it was when it began. All that the
process which carries the plan out knows is on the disk before the next step, so that another one can go on.
"""

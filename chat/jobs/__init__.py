"""Jobs: tasks that a process of their own works on, each in a work tree and on a branch of its own.

In come a task with the settings of a run, and later messages, answers and orders to stop; out go the state of each
job, its events, its branch, what it leaves, and what a merge of it made. `store`, `messages`, `person`, `events` and
`view` read and write the folder of a job in the user's state folder, `tree`, `merging` and `artifacts` run git,
`processes` starts and ends workers, and `making`, `launch` and `removing` do all of these. `record`, `state`, `lines`,
`progress` and `remaining` are pure.

A job is never known by what a process remembers: whoever looks reads its files, and a worker that was killed is known
by its mark. `view` puts together what there is to show of a job; whoever draws it needs nothing else.
"""

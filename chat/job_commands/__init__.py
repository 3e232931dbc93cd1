"""`trigpoint run` and `trigpoint jobs`: jobs as a user sees them, and the process that works on one.

In come command lines; out go jobs that are begun, shown, answered, merged and removed. `worker` is the program of a
job's process, `job_run` the run in it, and `plan_run` that of a plan; `follow` shows a job at work, and `tables`
prints. All of them print or read the disk; what they do with a job is `chat.jobs`, and with a plan `chat.workers`.
"""

"""`trigpoint run` and `trigpoint jobs`: jobs as a user sees them, and the process that works on one.

In come command lines; out go jobs that are begun, shown, answered, merged and removed. `worker` is the program of a
job's process, and `job_run` the run in it; `follow` shows a job at work, and `tables` prints. All of them print or read
the disk; what they do with a job is `chat.jobs`.
"""

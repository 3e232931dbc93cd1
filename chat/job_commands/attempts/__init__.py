"""What a user does with attempts: begin them, wait for their end, rank them, and act on all of them by one id.

In come the options of `trigpoint run --attempts` or the id of a group; out go the jobs, a table, and an exit code. All
three modules [io] read the jobs and start or stop their processes; `chat.attempts` is what they are about.
"""

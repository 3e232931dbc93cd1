"""A name → which model is meant, where it is served, and what litellm and the user know of it: window and price.

`local_servers` and `discovery` ask the servers of this machine, the latter in threads; `catalog` reads the disk.
`aliases` touches none of these.
"""

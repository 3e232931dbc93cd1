"""The pair-programming chat, which composes `repomap` and `edits` around a language model.

In come the user's requests and settings; out come edited files, commits and a journal of the session.
The modules of this folder hold what every folder below it shares: values, events, errors, ports.
"""

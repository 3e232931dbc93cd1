"""The live table of `trigpoint jobs` in a terminal.

In come jobs as `chat.jobs.view` reads them, keys and the size of the terminal; out go lines of styled text, and what
the user does with a job. `rows`, `state`, `pages`, `keys`, `cells` and `drawing` are pure; `reading` reads the disk,
`acts` changes jobs, `application` is the terminal, and `app` brings them together.
"""

"""The terminal: keys and settings in, text on standard output and standard error out.

`interactive/` reads line after line at a prompt, `single_run/` runs a single request. Both are opened by `setup` and
ended by `signals`; events are shown by one of the `screens/`, and questions are asked by a `person`. prompt-toolkit
and rich are imported here only.
"""

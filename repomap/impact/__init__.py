"""Says what a change touches: definitions, callers, tests to run, and files that change with it.

In: a diff, or files and symbols, and `IndexData`. Out: `values.Impact`, whose text fits a budget.

    diff           a unified diff → files and hunks
    definitions    changed lines → the definitions that they are in
    change         diff and corpus → what it touches: files, definitions, names
    callers        changed definitions → who uses them, step by step
    uses           a changed definition → the places and tests that use it, with their lines
    test_files     which files are tests, and what their names say
    test_evidence  the reasons to run each test, as columns
    weights        how much each reason counts
    test_ranking   evidence and weights → tests, most likely first
    companions     the files that change together in the history
    values         `Impact` and what it consists of
    report         the lists → the text within a budget
    impact         the other modules put together

Every module is pure: the changed files are read by a function that the caller passes.
"""

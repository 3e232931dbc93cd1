"""Reviews a change: a diff → findings, by a model that sees the change and what depends on it.

In come a unified diff and the newer files; out come findings, each at lines that exist in the newer file, as text,
JSON or SARIF. `patch` says what of the diff is reviewed, `context` [io] asks the index who calls what changed, what
that uses and which tests use it, `packing` divides it all into prompts of a size, `prompts` words them, `assembling`
[io] makes them, `answer` reads the replies, `placing` holds each finding against the files, and `as_text`, `as_json`
and `as_sarif` write the outcome. `reading` [io] decides which files are reviewed, `outlines` [io] parses them in a
folder of its own, and `run` [io] puts it all together.
Nothing here writes to the work tree, and what a diff or a model says is data throughout.
"""

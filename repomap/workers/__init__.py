"""Parse workers: paths of files -> their tags, parsed in processes of their own.

Some grammars hang or crash on hostile text, so parsing happens in child processes with limits on
time and memory. `pool` is the entrance; `dispatch` hands out the files with one thread for each
worker; `child` starts and stops a worker and reports why it died; `worker` is the program that it
runs; `protocol` is the format of the bytes between the two. `by_executor` takes the place of `pool`
where an executor does the work, perhaps on other machines; `parsing_version` says what decides a
file's tags besides its content.

`child` starts processes, `dispatch` and `pool` start threads, `worker` and `by_executor` read the
files from disk. `protocol` is pure.
"""

"""The run of a single request, or of one after the other from a stream: text or JSON on standard output.

`oneshot` runs it, and `run_record` keeps what its result says; `structured` holds the answer against a schema.
`request_input` reads the request from a file or standard input, with `message_stream` for messages as JSON, and
`pieces` for streams that may stay silent.
"""

"""A call → its reply or failure, made in a process of its own and in a thread there; `chat.llm` has the picture.

`callers` start the process in which `call_server` runs; `attempt` makes one call through litellm, which
`litellm_loader` imports in a thread, and waits for its `call_thread`.
"""

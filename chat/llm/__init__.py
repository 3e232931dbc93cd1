"""Calls to language models: a prompt in, a complete reply or an error with advice out.

A call runs in a process of its own, since importing litellm takes two seconds of Python, and in a
thread of its own there, since a read from a socket cannot be interrupted::

      the chat's process                               the process that calls models (call_server)
    ┌────────────────────────────────────┐           ┌─────────────────────────────────────────────┐
    │ the turn's thread                  │           │ main thread: reads calls until stdin ends   │
    │   LiteModel.reply   tries, waits   │   stdin   │   │                                         │
    │     │                              │  (pickle) │   │ a thread for each call                  │
    │   ProcessCaller ───────── n, Call ─┼──────────►│   └─► Attempt.reply                         │
    │     ▲                              │           │         │  thread "trigpoint-call":         │
    │     │ queue of call n              │           │         │    litellm.completion             │
    │     │                              │  stdout   │         │      httpx ◄── http_watch ──► server
    │   thread "calls" ◄── n, Event or ──┼───────────┤         │        └─► HttpExchange: bytes    │
    │                   Reply or failure │           │         ▼                                   │
    └────────────────────────────────────┘           │       completeness: end seen, or a failure  │
                                                     │ thread "trigpoint-litellm": the import      │
                                                     └─────────────────────────────────────────────┘

Where no process can be started, `LocalCaller` makes the same attempt in the chat's own process.

- Touch the network: `attempt` (through litellm), `http_watch`, `local_servers`, `discovery`.
- Start a process or threads: `callers`, `call_server`, `call_thread`, `litellm_loader`, `discovery`.
- Read the disk: `catalog`.
- No other module touches any of these itself. `completeness` decides from what `stream_end` has read
  whether a reply counts, and `failures` what the user is told if it does not, with the `server_words`.
"""

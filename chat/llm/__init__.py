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

Beside `lite_model`, which tries and waits, and `call`, which says what a call is:

- `processes/` has the processes and threads of the picture, and is the only one that loads litellm.
- `replies/` reads what arrives; its `completeness` decides whether a reply counts.
- `models/` knows which models there are.
- `options` and `payload` are what is sent; `failures` says what the user is told, with the `server_words`. These
  touch nothing outside.
"""

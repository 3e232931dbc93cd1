"""The bytes and pieces of an answer → a reply that is known to be whole, its thinking apart, and what it cost.

`http_watch` hooks into the HTTP clients, and so sees what arrives over the network. The others are pure:
`stream_end` reads the end of an answer from its bytes, `completeness` decides from that whether it counts, and
`thinking` and `usage` read the rest.
"""

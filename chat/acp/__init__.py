"""An editor drives the chat: `trigpoint acp` speaks the Agent Client Protocol over standard input and output.

In come an editor's requests; out go its answers, the events of a turn as the protocol's updates, and questions.
`updates`, `hunks`, `texts`, `prompts`, `offers`, `endings` and `history` are pure. `stored` reads the sessions on
disk, `stdio` reads and writes the streams, `editor` reaches the editor from the thread of a session, `person` asks the
user there, `session` runs a chat in a thread of its own, `agent` answers the protocol's methods, and `serve` joins it
to the streams.
"""

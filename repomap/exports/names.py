"""The names of the formats, for a command line that loads only the one that is asked for."""

EXPORTS = ("dot", "graphml", "graph-json", "mermaid", "csv", "ctags", "llms-txt")

"""The command line of the map and the server for agents: arguments in, text or JSON on stdout out.

    map          the command `map`, and what all commands share: options, output, exit codes
    lookups      `find`, `symbol`, `refs`, `outline`, `show`, `cache`
    graph        `graph …`: the impact of a change, and dependencies
    index        `index`, which fills the cache and a store, on a cluster of `executors` if there is one
    page         `page`: the repository as one HTML file
    mcp          `mcp`, which serves agents by `repomap.mcp`, and `mcp install`
    output_file  what `-o` writes

All of them use the disk, git and parse workers through `Index`; only they print.
"""

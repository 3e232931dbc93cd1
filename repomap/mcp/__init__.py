"""A server for agents and editors over the Model Context Protocol: questions in, answers of `Index` out.

    page       a page of an answer: cursors, the notes below the text, JSON values
    roots      the served folders: which one a call means, and those that the client offers
    ask        answers from the present state, or from what is there while the index is being made
    tools      the tools that find and read; graph_tools: those about dependencies and changes
    resources  the map, files and outlines under `repo://`; tells the clients when the list of files changes
    prompts    `orient`, `before-you-edit`, `review`
    server     puts these together, and serves over standard input and output
    http       serves on loopback to who has the token
    install    the entry in another program's configuration; client_files: how such files are changed

Everything is read-only but `install`, which writes one configuration file, and `http`, which makes a token. Only
`http` uses the network, and only `roots` and `ask` reach the disk, through the index.
"""

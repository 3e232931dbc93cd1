"""Makes a map that fits a token budget: scores in, a `model.RepoMap` and its written forms out.

    make      scores → choose → write → `RepoMap`, in one function
    fit       orders files and signatures by value per token, and fills the budget: a knapsack
    render    writes the choice as a tree of folders
    tokens    counts tokens exactly
    formats   writes a `RepoMap` as text, JSON (`map.schema.json`), Markdown or XML

All pure, except that `tokens` reads the vocabulary that litellm ships and `formats` reads its schemas.
"""

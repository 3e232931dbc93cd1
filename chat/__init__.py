"""The pair-programming chat: composes `repomap` and `edits` around a language model."""

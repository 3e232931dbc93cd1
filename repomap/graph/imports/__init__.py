"""Resolves imports to files: who imports whom.

In: paths, languages and imports of all files, as parsing found them. Out: pairs of files.

    resolve     the rule of each language family, and re-exports
    tree        what the rules ask about the files of a repository
    by_path     rules where modules are files: Python, Rust, C, Ruby
    by_package  rules where packages are many files: Go, the JVM's, PHP, C#
    javascript  rules of JavaScript and TypeScript

Every module is pure. Manifests are read by a function that the caller passes.
"""

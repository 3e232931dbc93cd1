"""The tags queries, one `.scm` file for each language, as package data."""

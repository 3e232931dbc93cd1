"""The tags queries as package data, one `.scm` file for each language."""

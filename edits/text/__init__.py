"""Lines of text: from and to bytes, and the ways in which two lines count as equal.

In: the bytes or lines of one file. Out: `FileText`, keys and indexes of lines, opcodes between two
texts, what stands for omitted code, how indentation translates. Everything is pure.
"""

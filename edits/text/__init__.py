"""Lines of text: from and to bytes, and the ways in which two lines count as equal.

In: the bytes or lines of one file. Out: values for each of these.

    file_text    bytes ⇄ lines with their ends, in any encoding and newline style
    normalize    in what two lines may differ and still count as equal
    line_index   where each line of a file is, at every level of `normalize`
    compare      how one list of lines becomes another
    elision      lines that replace omitted code, such as `...`
    indentation  how the indentation of a SEARCH became that of the file

Everything is pure.
"""

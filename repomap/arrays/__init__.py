"""Arrays: how numbers, texts and bytes are kept compactly, in memory and in a file.

`array_types` names what the elements of an array mean. `texts` keeps a million strings as two
arrays; `blocks` lets such a block stay packed or in pieces. `array_file` stores named arrays in one
file, long ones packed by `byte_planes`. `threads` runs large numpy calls at the same time.

`array_file` reads and writes files, and `threads` starts threads; the rest is pure.
"""

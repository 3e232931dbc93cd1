"""Watches the files of a chat for comments that ask it for something: `AI!` to do, `AI?` to answer.

In come files as they are saved; out comes a request, once a comment with such a mark is new. `syntaxes` knows how
comments look where no grammar is there to say it, `comments` finds the marked ones in a text, `request` words what is
asked: all pure. `marks` keeps which were there before, and `watcher` [io] follows the file system in a thread.
"""

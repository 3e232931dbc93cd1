"""`python -m repomap`: the map's commands without the chat."""

import sys

from repomap.cli import run

if __name__ == "__main__":
    sys.exit(run())

"""`python -m repomap`: the map's commands without the chat."""

import sys

from repomap.cli import run
from repomap.commands import every_command

if __name__ == "__main__":
    sys.exit(run(group=every_command()))

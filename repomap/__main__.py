"""`python -m repomap`: the commands of the map, without the chat."""

import sys

from repomap.commands.lookups import every_command
from repomap.commands.map import run

if __name__ == "__main__":
    sys.exit(run(group=every_command()))

"""What has become of a process that a test did not start itself."""

import os
import sys
from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether a process lives; one that has ended and that nobody has waited for yet does not."""
    try:
        os.kill(pid, 0)
        if sys.platform == "linux":
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
    return True

"""[io] Reads the jobs of the live table again and again: of each only what is new."""

from contextlib import suppress

from chat.errors import ChatError
from chat.jobs.events import read_events
from chat.jobs.lines import Line
from chat.jobs.store import JobFolder, all_folders
from chat.jobs.view import JobReader, JobView


class JobsReader:
    """The jobs of a repository, or of all, as they are whenever it is asked."""

    def __init__(self, common_dir: str = "") -> None:
        """``common_dir`` is the git folder of the repository; "" stands for all."""
        self._common_dir = common_dir
        self._readers: dict[str, JobReader] = {}
        self._elsewhere: set[str] = set()
        """Jobs of other repositories, which need not be looked at twice."""

    def read(self) -> list[JobView]:
        """Return the jobs that there are now; those that cannot be read are left out."""
        folders = {folder.id: folder for folder in all_folders() if folder.id not in self._elsewhere}
        self._readers = {
            name: self._readers.get(name) or JobReader(folder) for name, folder in folders.items()
        }
        views: list[JobView] = []
        for name, reader in self._readers.items():
            with suppress(ChatError, OSError):
                view = reader.read()
                if self._common_dir in ("", view.record.common_dir):
                    views.append(view)
                else:
                    self._elsewhere.add(name)
        return views


class LogReader:
    """The events of one job, from the beginning on."""

    def __init__(self, folder: JobFolder) -> None:
        self.job = folder.id
        self._path = folder.events
        self._offset = 0

    def read(self) -> list[Line]:
        """Return the lines that have come since the last time."""
        lines, self._offset = read_events(self._path, self._offset)
        return lines

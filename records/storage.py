"""Where files beside records lie: a folder that no address serves and only the server's user can read."""

from pathlib import Path

from django.core.files.storage import FileSystemStorage


class Kept(FileSystemStorage):
    """A folder whose files can be replaced in one step. Another place for them is a class with the same verbs."""

    def __init__(self, location: str | Path) -> None:
        super().__init__(location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def replace(self, fresh: str, name: str) -> None:
        """Give ``fresh`` the place of ``name``."""
        Path(self.path(fresh)).replace(self.path(name))

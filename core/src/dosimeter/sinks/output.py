"""Where sinks write: whole files, for their owner's eyes only."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from dosimeter.errors import PluginBroken


@frozen(kw_only=True)
class Folder:
    """Writes into one folder.

    Attributes:
        rename: If given, the one file of the sink goes there, relative to *path* or absolute.
    """

    path: Path
    rename: str = ""

    def write(self, name: str, data: Iterable[bytes]) -> Path:
        """Write one file: it appears whole or not at all, with mode 0600.

        Raises:
            PluginBroken: For a name that is more than a name, or the journal's.
        """
        if Path(name).name != name or name.startswith("journal."):
            msg = f"a sink writes {name!r}; give a file name without a folder, not the journal's"
            raise PluginBroken(msg)
        target = self.path / (self.rename or name)
        try:
            return _whole(target, data)
        except OSError as exc:
            # Not the name of a file that is there for a moment.
            raise OSError(exc.errno, exc.strerror, str(target)) from exc


def _whole(target: Path, data: Iterable[bytes]) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in data:
                file.write(piece)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target

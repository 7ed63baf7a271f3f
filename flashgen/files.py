"""Files that are written so that nothing is lost, and their names as text."""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import tempfile
import time
from pathlib import Path

from flashgen import messages
from flashgen.problems import FlashgenError, Place

STALE = 60
"""Seconds after which a temporary file is litter of a run that was killed: writing one takes far less."""


def write_atomically(path: Path, data: bytes, *, through_links: bool = True) -> None:
    """Put `data` into a file by way of a temporary one beside it; the same bytes are not written again.

    A file that is there keeps its permissions. A link that the user made for a file of theirs goes on pointing where it
    does; files that only we write take the place of a link. What killed runs have left is cleared away. Raises
    FlashgenError if the folder is missing or may not be written to.
    """
    target = Path(os.path.realpath(path)) if through_links else path
    try:
        for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > STALE:
                    left.unlink()
        if target.is_file() and target.read_bytes() == data and (through_links or not target.is_symlink()):
            return
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # else a power cut may leave the name with nothing behind it
            umask = os.umask(0)
            os.umask(umask)
            mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~umask
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FlashgenError(
            messages.problem("unwritable", Place(str(path)), reason=error.strerror or error)
        ) from None


def file_name(path: Path) -> str:
    """Return a file's own name as text; a byte in it that is no character becomes "?"."""
    return path.name.encode(errors="replace").decode()

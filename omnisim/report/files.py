"""Files that are there whole or not at all.

bytes -> .report.html.<process>.part -> synced -> renamed to report.html (replaces at once)
"""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write text (UTF-8, lines end with a line feed); see `write_bytes`."""
    write_bytes(path, text.encode("utf-8", errors="replace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that `path` holds either what it held or all of `data`, whatever happens.

    The temporary file lies in the same folder, for a rename is only one step within one file system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{path.name}.{os.getpid()}.part"
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

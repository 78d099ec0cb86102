"""Files that are there whole or not at all.

text -> .report.html.<process>.part -> synced -> renamed to report.html (replaces at once)
"""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write text (UTF-8, lines end with a line feed) so that `path` holds either the old text or the new one, whatever happens.

    The temporary file lies in the same folder, for a rename is only one step within one file system.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.parent / f".{path.name}.{os.getpid()}.part"
    try:
        with part.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

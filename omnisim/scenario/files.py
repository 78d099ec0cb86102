"""Files of a scenario: which may be read, how much of them, and under what name they appear in messages.

    shop/scenarios/retail/omni.yaml  --extends: ../base/retailer.yaml-->  allowed: below shop/scenarios
                                     --extends: ../../../etc/passwd --->  refused, as is a symbolic link that leads out

The *scenario root* is the outermost folder named `scenarios` above the file; if there is none, the file's own folder.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from .problem import near, short
from .strictyaml import MOST_BYTES

ROOT_NAME = "scenarios"
MOST_CSV_BYTES = 4_000_000


def scenario_root(file: Path) -> Path:
    """The folder within which a scenario may name other files.

    >>> scenario_root(Path("/shop/scenarios/retail/omni.yaml")).as_posix(), scenario_root(Path("/shop/x.yaml")).as_posix()
    ('/shop/scenarios', '/shop')
    """
    above = [p for p in file.parents if p.name == ROOT_NAME]
    return above[-1] if above else file.parent


class Folder:
    """The files of one scenario.  Everything read is kept, so that the scenario can be varied later without reading again."""

    def __init__(self, file: str, root_of: Callable[[Path], Path] = scenario_root) -> None:
        self.main = file
        self._real: dict[str, str] = {file: os.path.abspath(file)}  # name in messages -> absolute path
        self._root = os.path.realpath(root_of(Path(self._real[file])))
        self._texts: dict[str, str] = {}

    def read_main(self) -> bytes:
        """The bytes of the scenario itself.  Raises ValueError."""
        return _read(self._real[self.main], MOST_BYTES)

    def named(self, name: str, said_in: str) -> str:
        """The name in messages of a file named in another one.  Raises ValueError if it may not be read."""
        if not name or "\0" in name or len(name) > 1000:
            raise ValueError("this is no path")
        origin = said_in if said_in in self._real else self.main
        if os.path.isabs(name):
            raise ValueError("the path must be relative, and inside the scenario root")
        path = os.path.join(os.path.dirname(self._real[origin]), name)
        real = os.path.realpath(path)
        if os.path.commonpath([real, self._root]) != self._root:
            raise ValueError(
                f"this leads out of the scenario root {short(os.path.basename(self._root) or os.sep)}; a scenario names only files in it"
            )
        shown = os.path.normpath(os.path.join(os.path.dirname(origin), name))
        self._real.setdefault(shown, real)
        return shown

    def identity(self, shown: str) -> str:
        """What makes two names the same file."""
        return os.path.realpath(self._real[shown])

    def read(self, shown: str) -> bytes:
        """The bytes of a scenario file named before.  Raises ValueError."""
        if not shown.endswith((".yaml", ".yml")):
            raise ValueError("a scenario file ends in .yaml or .yml")
        return _read(self._real[shown], MOST_BYTES)

    def side_text(self, name: str, said_in: str) -> str:
        """The text of a CSV file named in a scenario.  Raises ValueError."""
        if not name.endswith(".csv"):
            raise ValueError("the path of a .csv file is needed")
        shown = self.named(name, said_in)
        if shown not in self._texts:
            try:
                self._texts[shown] = _read(self._real[shown], MOST_CSV_BYTES).decode("utf-8-sig")
            except UnicodeDecodeError:
                raise ValueError("the file is not UTF-8") from None
        return self._texts[shown]


def _read(path: str, most: int) -> bytes:
    """A regular file's bytes, at most `most`.  Raises ValueError in words a person understands."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise ValueError(f"there is no such file{_neighbour(path)}") from None
    except (OSError, ValueError) as e:
        raise ValueError(f"the file cannot be read ({getattr(e, 'strerror', None) or e})") from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ValueError("this is not a regular file")
    with os.fdopen(fd, "rb") as f:
        data = f.read(most + 1)
    if len(data) > most:
        raise ValueError(f"the file is larger than {most} bytes")
    return data


def _neighbour(path: str) -> str:
    folder, name = os.path.split(path)
    stem, end = os.path.splitext(name)
    try:
        names = sorted(os.listdir(folder))[:1000]
    except OSError:
        return ""
    found = near(stem, [os.path.splitext(n)[0] for n in names if n.endswith(end)])
    return f" (did you mean {found + end!r}?)" if found else ""

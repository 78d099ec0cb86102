"""`njit` with an on-disk cache that can never be stale.

Numba's own cache does not see edits in *other* files, so a changed rule would go on living in an old engine.  The cache
folder is therefore named after a hash of every source file of the package.  A folder named by the user in
NUMBA_CACHE_DIR is respected (a sub-folder is made in it); where nothing is writable, functions compile anew each start.
"""

import hashlib
import os
import pathlib
import tempfile
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba


def _digest() -> str:
    here = pathlib.Path(__file__).parent
    h = hashlib.sha256()
    for path in sorted(here.rglob("*.py")):
        h.update(path.relative_to(here).as_posix().encode())
        h.update(path.read_bytes())
    return h.hexdigest()[:16]


def _cache_folder() -> str | None:
    """First writable place for compiled code, or None."""
    user = os.environ.get("NUMBA_CACHE_DIR")
    places = [user] if user else [os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), tempfile.gettempdir()]
    for place in places:
        folder = os.path.join(place, "omnisim", "compiled", _digest())
        try:
            os.makedirs(folder, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


CACHE = _cache_folder()
if CACHE is not None:
    numba.config.CACHE_DIR = CACHE  # type: ignore[attr-defined]

F = TypeVar("F", bound=Callable[..., Any])


def njit(inline: bool = False) -> Callable[[F], F]:
    """Decorator: compiled on first use and cached, Python's own errors, the interpreter lock released while it runs.

    No reference is counted inside (what is compiled makes no array, it works on those it is given): counting cost seven
    times the work itself.  `inline`: becomes part of whoever calls it; for steps that take many arrays, which would be
    handed over word by word on every call.
    """
    options: dict[str, Any] = {"cache": CACHE is not None, "error_model": "python", "nogil": True, "_nrt": False, "forceinline": inline}
    return cast(Callable[[F], F], numba.njit(**options))


@njit(inline=True)
def whole(n: Any) -> Any:
    """The same integer in 64 bits, whatever field or constant it comes from: a function is compiled once for every type."""
    return n + 0


def compiled(function: str = "advance") -> bool:
    """Is compiled code of this function, of this version, on disk already?  (`advance`: the compiled engine.)"""
    return CACHE is not None and any(pathlib.Path(CACHE).rglob(f"*.{function}-*.nbi"))

"""`njit` with an on-disk cache that can never be stale.

Numba's own cache does not see edits in *other* files, so a changed rule would go on living in an old engine.  Compiled code
is therefore kept in a folder named after a hash of the source of its module and of every module that one imports, near or
far: an edit compiles anew what it may touch, and nothing else.  A folder named by the user in NUMBA_CACHE_DIR is respected
(a sub-folder is made in it); where nothing is writable, functions compile anew each start.
"""

import functools
import hashlib
import os
import pathlib
import re
import tempfile
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

PACKAGE = pathlib.Path(__file__).parent
IMPORT = re.compile(r"^from omnisim\.?([\w.]*) import (\([^)]*\)|[^\n(]*)", re.MULTILINE)  # the one form this package uses, see the tests


def _file(module: str) -> pathlib.Path | None:
    """The source of a module of this package (`a.b`, without the package's name), or None where there is no such module."""
    place = PACKAGE.joinpath(*module.split(".")) if module else PACKAGE
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


@functools.cache
def _imports(module: str) -> frozenset[str]:
    path = _file(module)
    found = set()
    for base, names in IMPORT.findall(path.read_text(encoding="utf-8") if path else ""):
        deeper = {f"{base}.{name}".lstrip(".") for name in re.findall(r"\w+", names)}
        found |= {name for name in (base, *deeper) if _file(name)}
    return frozenset(found)


@functools.cache
def reads(module: str) -> frozenset[str]:
    """The modules whose source decides what a module of this package means: itself, and what it imports, near or far.

    >>> sorted(reads("omnisim.moments"))
    ['jit', 'moments']
    """
    seen = {"jit"}
    todo = [module.removeprefix("omnisim").lstrip(".")]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += _imports(name)
    return frozenset(seen)


@functools.cache
def _digest(module: str) -> str:
    h = hashlib.sha256()
    for name in sorted(reads(module)):
        path = _file(name)
        h.update(f"{name}\n".encode() + (path.read_bytes() if path else b""))
    return h.hexdigest()[:16]


def _cache_folder() -> str | None:
    """First writable place for compiled code, or None."""
    user = os.environ.get("NUMBA_CACHE_DIR")
    places = [user] if user else [os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), tempfile.gettempdir()]
    for place in places:
        folder = os.path.join(place, "omnisim", "compiled")
        try:
            os.makedirs(folder, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


CACHE = _cache_folder()

F = TypeVar("F", bound=Callable[..., Any])


def njit(inline: bool = False) -> Callable[[F], F]:
    """Decorator: compiled on first use and cached, Python's own errors, the interpreter lock released while it runs.

    No reference is counted inside (what is compiled makes no array, it works on those it is given): counting cost seven
    times the work itself.  `inline`: becomes part of whoever calls it; for steps that take many arrays, which would be
    handed over word by word on every call.
    """
    options: dict[str, Any] = {"cache": CACHE is not None, "error_model": "python", "nogil": True, "_nrt": False, "forceinline": inline}

    def decorate(function: F) -> F:
        if CACHE is not None:  # numba looks at this when it decorates
            numba.config.CACHE_DIR = os.path.join(CACHE, _digest(function.__module__))  # type: ignore[attr-defined]
        return cast(F, numba.njit(**options)(function))

    return decorate


@njit(inline=True)
def whole(n: Any) -> Any:
    """The same integer in 64 bits, whatever field or constant it comes from: a function is compiled once for every type."""
    return n + 0


def compiled(engine: str = "compiled") -> bool:
    """Is the compiled code that this engine runs, of this version, on disk already?"""
    module, function = ("rules.journey", "end_touch") if engine == "reference" else ("engines.compiled.kernel", "advance")
    parts = ((module, function), ("kpis.accumulate", "accumulate_touches"))
    return CACHE is not None and all(any(pathlib.Path(CACHE, _digest(m)).rglob(f"*.{f}-*.nbi")) for m, f in parts)

"""What a result depends on, and nothing else: the scenario's meaning, the engine, the scheme of its luck, the seed.

A changed comment in a scenario keeps its key; a changed rule, a changed draw or another compiler gives a new one.
"""

import functools
import hashlib
from pathlib import Path

from omnisim.jit import PACKAGE, reads
from omnisim.tables import Tables

DRAWS = "threefry2x64-13, keyed by customer and question"  # omnisim/draws.py
ROOTS = ("replications", "engines.compiled.engine", "engines.reference.engine")
WHOLE = ("scenario", "engines", "rules", "kpis")  # rooms that import one another in ways `reads` does not follow


@functools.cache
def sources() -> tuple[Path, ...]:
    """Every source file that decides a number, in order."""
    names = {name for root in ROOTS for name in reads(root)}
    places = {PACKAGE.joinpath(*name.split(".")) for name in names if name}
    files = {path for p in places for path in (p.with_suffix(".py"), p / "__init__.py") if path.is_file()}
    files |= {path for room in WHOLE for path in (PACKAGE / room).rglob("*.py")}
    return tuple(sorted(files))


@functools.cache
def engine_version() -> str:
    """Which engine this is: SHA-256, in hex, of every source file that decides a number, and the version of the compiler.

    Both engines give the same bits, so which of them ran is no part of it.
    """
    import numba

    h = hashlib.sha256(f"numba {numba.__version__}\n".encode())
    for path in sources():
        h.update(path.relative_to(PACKAGE).as_posix().encode() + b"\n" + path.read_bytes())
    return h.hexdigest()


def rules_version(tables: Tables) -> str:
    """A person's own rules that the scenario names, with what their source says; empty where it names none."""
    if not tables.own:
        return ""
    from omnisim.own import RULES

    return ",".join(f"{name}={RULES[name].digest}" for name in tables.own if name in RULES)


def key(scenario: str, engine: str, seed: int) -> bytes:
    """The key of one replication, 32 bytes; `scenario`: `Scenario.hash()`, `engine`: see `full_version`."""
    return hashlib.sha256("\n".join((scenario, engine, DRAWS, str(seed))).encode()).digest()


def full_version(tables: Tables) -> str:
    """The engine's version together with that of the scenario's own rules."""
    own = rules_version(tables)
    return f"{engine_version()} {own}" if own else engine_version()

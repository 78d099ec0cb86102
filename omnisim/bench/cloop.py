"""The queue by hand in C: compiled into a temporary folder when it is asked for, called with the engine's own tables.

tables --numbers--> mm100(...) in mm100.c --> Counts        the same seed gives the counts of the engine
"""

import ctypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from omnisim.budget import Budget
from omnisim.engines import compiled
from omnisim.records import JOURNEY, STINT, TOUCH
from omnisim.tables import Tables
from omnisim.words import Outcome

SOURCE = Path(__file__).with_name("mm100.c")
# The kernel is compiled for this processor too; and neither joins a product and a sum, which would change the last bit.
FLAGS = ("-O3", "-ffp-contract=off", "-shared", "-fPIC")


@dataclass(frozen=True)
class Counts:
    """What a run came to: events, customers, outcomes, rows."""

    events: int
    customers: int
    served: int
    abandoned: int
    touches: int
    journeys: int
    stints: int


class _Counts(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_int64) for name in Counts.__dataclass_fields__)


class CLoop:
    """The compiled loop for the tables of one M/M/n+M; a compiler must be there (`has_compiler`)."""

    def __init__(self, tables: Tables) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "mm100.so"
            command = ["gcc", *FLAGS, *row_sizes(), "-o", str(path), str(SOURCE), "-lm"]
            subprocess.run(command, check=True, capture_output=True)
            self._call: Any = ctypes.CDLL(str(path)).mm100
        c, laws = tables.channel[0], tables.laws
        pieces = np.array([tables.pieces["start"], tables.pieces["end"], tables.pieces["rate"]])
        self._pieces = np.ascontiguousarray(pieces.T)
        self._world = (
            ctypes.c_uint64(int(tables.source[0]["hash"])),
            ctypes.c_uint64(int(c["hash"])),
            ctypes.c_double(tables.horizon_s),
            ctypes.c_int64(len(self._pieces)),
            self._pieces.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_int64(int(tables.agents_max[0])),
            ctypes.c_double(float(laws[c["handling"]]["mean"])),
            ctypes.c_double(float(laws[c["patience"]]["mean"])),
        )

    def run(self, seed: int) -> Counts:
        """One replication."""
        found = _Counts()
        if not self._call(ctypes.c_uint64(seed), *self._world, ctypes.byref(found)):
            raise MemoryError
        return Counts(**{name: int(getattr(found, name)) for name in Counts.__dataclass_fields__})


def row_sizes() -> list[str]:
    """The sizes of the engine's rows, as definitions for the compiler: the loop writes as many bytes."""
    rows = {"TOUCH": TOUCH, "JOURNEY": JOURNEY, "STINT": STINT}
    return [f"-D{name}_BYTES={dtype.itemsize}" for name, dtype in rows.items()]


def has_compiler() -> bool:
    """Is there a C compiler?"""
    return shutil.which("gcc") is not None


class Nowhere:
    """A sink that lets every row go."""

    def touches(self, rows: np.ndarray, end_s: float) -> None: ...
    def journeys(self, rows: np.ndarray, end_s: float) -> None: ...
    def stints(self, rows: np.ndarray) -> None: ...
    def orders(self, rows: np.ndarray) -> None: ...
    def stock(self, rows: np.ndarray) -> None: ...
    def customers(self, rows: np.ndarray) -> None: ...


def kernel(tables: Tables, seed: int) -> int:
    """One replication of the engine without KPIs; returns the number of events."""
    return compiled.stream(tables, seed, Budget(), Nowhere())[1]


def counts_of_the_engine(tables: Tables, seed: int) -> Counts:
    """What the same replication comes to in the engine."""
    seen = compiled.run(tables, seed)
    outcomes = np.bincount(seen.touches["outcome"], minlength=len(Outcome))
    return Counts(
        events=seen.events,
        customers=len(seen.journeys),
        served=int(outcomes[Outcome.HANDLED]),
        abandoned=int(outcomes[Outcome.ABANDONED]),
        touches=len(seen.touches),
        journeys=len(seen.journeys),
        stints=len(seen.stints),
    )

"""Mixed-integer programs of people: the cheapest whole numbers of every column under linear conditions.

    min costs @ y    with    rows @ (y, more) >= at least,    y whole and within bounds,    more >= 0

Solved by HiGHS (`scipy.optimize.milp`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from omnisim.staffing.plan.layout import Layout

GAP = 1e-3  # of the cost, at which a large program is good enough; a small one is solved to the end
NODES = 2_000  # a limit that, unlike one in seconds, gives the same answer everywhere


@dataclass
class Program:
    """Conditions are added one by one.  Columns first, then `more` variables that are not whole."""

    layout: Layout
    more: int = 0
    rows: list[np.ndarray] = field(default_factory=list)
    least: list[float] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.layout.columns) + self.more

    def add(self, row: np.ndarray, least: float) -> None:
        """row @ variables >= least; a row over the columns alone is filled up with 0."""
        size = float(np.abs(row).max()) if len(row) and row.any() else 1.0  # conditions of one size are solved more surely
        self.rows.append(np.concatenate([row, np.zeros(self.size - len(row))]) / size)
        self.least.append(least / size)

    def add_duty(self, weights: np.ndarray, least: float) -> None:
        """weights @ people on duty >= least."""
        self.add(weights @ self.layout.cover, least)

    def solve(
        self, low: Sequence[float] | None = None, high: Sequence[float] | None = None, whole: bool = True, costs: np.ndarray | None = None
    ) -> tuple[int, ...] | None:
        """People of each column; None where the conditions cannot all be kept.  `low`, `high`: bounds of the columns."""
        found = self._solved(low, high, whole, costs)
        return None if found is None else tuple(int(n) for n in np.rint(found[: len(self.layout.columns)]))

    def bound(self) -> float:
        """The least cost without whole numbers; infinite where nothing will do."""
        found = self._solved(None, None, False, None)
        return float("inf") if found is None else float(self.layout.costs @ found[: len(self.layout.columns)])

    def _solved(
        self, low: Sequence[float] | None, high: Sequence[float] | None, whole: bool, costs: np.ndarray | None
    ) -> np.ndarray | None:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        n = len(self.layout.columns)
        lower = np.concatenate([self.layout.least if low is None else np.asarray(low, float), np.zeros(self.more)])
        upper = np.concatenate([np.full(n, np.inf) if high is None else np.asarray(high, float), np.full(self.more, np.inf)])
        paid = self.layout.costs if costs is None else costs
        conditions = LinearConstraint(csr_array(np.array(self.rows)), lb=np.array(self.least)) if self.rows else ()
        with nothing_printed():
            found = milp(
                np.concatenate([paid, np.zeros(self.more)]),
                constraints=conditions,
                integrality=np.concatenate([np.full(n, int(whole)), np.zeros(self.more)]),
                bounds=Bounds(lb=lower, ub=np.maximum(lower, upper)),
                options={"mip_rel_gap": GAP, "node_limit": NODES},
            )
        return None if found.x is None else np.asarray(found.x)


@contextmanager
def nothing_printed() -> Iterator[None]:
    """While HiGHS works: on rare occasions it writes a line to the standard output of the process, whatever it is asked."""
    sys.stdout.flush()
    try:
        kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # there is no standard output
        yield
        return
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def cheapest_cover(layout: Layout, need: np.ndarray) -> tuple[int, ...]:
    """The cheapest people with whom every duty cell has what it needs; where no shift comes, nothing is asked.

    need: fractional people on duty [cell].  Raises ValueError where it cannot be.
    """
    program = Program(layout)
    reached = layout.cover.sum(axis=1) > 0
    for cell in np.flatnonzero(reached & (need > 0)):
        weights = np.zeros(len(layout.cells))
        weights[cell] = 1.0
        net = float(layout.cover[cell].max())
        asked = whole_up(need[cell]) if net == 1.0 else float(need[cell])
        program.add_duty(weights, asked - 1e-9)
    found = program.solve()
    if found is None:
        raise ValueError("no numbers of people cover this need")
    return found


def whole_up(x: float) -> float:
    """The next whole number, forgiving rounding.

    >>> whole_up(3.0000000001), whole_up(3.01)
    (3.0, 4.0)
    """
    return float(np.ceil(x - 1e-9))

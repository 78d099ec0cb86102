"""Do the two engines tell the same story, to the bit and in order?  If not: the first row that differs, with both stories.

agree(scenario, seeds)  ->  Agreement: equal or not, how much was compared, and in words what differs first
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from omnisim.budget import Budget
from omnisim.records import Records
from omnisim.replications import How, records
from omnisim.scenario import Scenario
from omnisim.stories import side_by_side
from omnisim.tables import Tables

KINDS = ("touches", "journeys", "stints", "orders", "stock", "customers")


@dataclass(frozen=True)
class Agreement:
    """`equal`; rows and events compared, over how many seeds; `difference`: the first one in words, empty if there is none."""

    equal: bool
    seeds: int
    touches: int
    journeys: int
    stints: int
    events: int
    difference: str = ""

    def sentence(self) -> str:
        """One line."""
        size = f"{self.touches:,} touches, {self.journeys:,} journeys, {self.stints:,} stints, {self.events:,} events, {self.seeds} seeds"
        return f"equal to the bit: {size}" if self.equal else f"not equal ({size} compared)\n{self.difference}"


def first_difference(one: Records, other: Records) -> tuple[str, int, list[str]] | None:
    """(kind of row, index, fields) of the first row that differs; None where all are equal to the bit and in order."""
    for kind in KINDS:
        a, b = getattr(one, kind), getattr(other, kind)
        n = min(len(a), len(b))
        names = a.dtype.names
        unequal = {name: _unequal(a[name][:n], b[name][:n]) for name in names}
        rows = np.flatnonzero(np.any(list(unequal.values()), axis=0))
        if len(rows):
            return kind, int(rows[0]), [name for name in names if unequal[name][rows[0]]]
        if len(a) != len(b):
            return kind, n, []
    if one.end_s != other.end_s or one.events != other.events:
        return "end", 0, []
    return None


def _unequal(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which rows of a column differ in any bit."""
    differs = _bits(one) != _bits(other)
    found: np.ndarray = differs.any(axis=tuple(range(1, differs.ndim)))
    return found


def _bits(column: np.ndarray) -> np.ndarray:
    """A column as unsigned integers: -0.0 is not 0.0, and one NaN equals another only if all its bits do."""
    return np.ascontiguousarray(column).view(f"u{column.dtype.itemsize}")


def agree(
    scenario: Scenario, seeds: int = 3, seed: int = 1, budget: Budget | None = None, progress: Callable[[float, int], None] | None = None
) -> Agreement:
    """Compare both engines on seeds seed .. seed + seeds - 1; stops at the first seed that differs."""
    tables = Tables.build(scenario)
    limits = budget or Budget()
    size = (0, 0, 0, 0)
    for n in range(seeds):
        one = records(tables, seed + n, How("reference", limits))
        other = records(tables, seed + n, How("compiled", limits))
        size = (size[0] + len(one.touches), size[1] + len(one.journeys), size[2] + len(one.stints), size[3] + one.events)
        found = first_difference(one, other)
        if found is not None:
            return Agreement(False, n + 1, *size, _words(tables, seed + n, one, other, *found))
        if progress is not None:
            progress(n + 1, seeds)
    return Agreement(True, seeds, *size)


def _words(tables: Tables, seed: int, one: Records, other: Records, kind: str, row: int, fields: list[str]) -> str:
    """What differs first, with both stories."""
    if kind == "end":
        return (
            f"seed {seed}: all rows are equal, but the reference ends at {one.end_s!r} s after {one.events} events, "
            f"the compiled engine at {other.end_s!r} s after {other.events}"
        )
    both = [(name, seen, getattr(seen, kind)) for name, seen in (("reference", one), ("compiled", other))]
    lines = [f"seed {seed}: {kind}[{row}] is the first row that differs" + (f", in {', '.join(fields)}" if fields else "")]
    for name, _, rows in both:
        if row >= len(rows):
            lines.append(f"  {name:<10} has no such row")
        elif fields:
            lines.append(f"  {name:<10} " + ", ".join(f"{f} = {rows[f][row].tolist()!r}" for f in fields))
    there = next(rows for _, _, rows in both if row < len(rows))
    if kind == "stints":
        who = there[row]
        lines.append(f"  agent {tables.pools[who['pool']]} {who['agent'] + 1}, from {who['start']!r} s")
        return "\n".join(lines)
    customer = int(there["customer"][row])
    told = [(name, tables, seen, customer if (seen.journeys["customer"] == customer).any() else None) for name, seen, _ in both]
    return "\n".join([*lines, f"customer {customer}:", side_by_side(told, str(customer))])

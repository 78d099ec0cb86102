"""The three to six numbers that decide, each with its difference to the baseline; and what each strategy spends.

                 Multichannel      Omnichannel
Service level, %         78.1      83.2   +5.1 [+0.5, +9.6]  better  x7
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisim.figures.lookup import cost_kpi, difference, interval, settled, total
from omnisim.figures.numbers import half_width, number, places, shown_unit, signed
from omnisim.figures.numbers import interval as written
from omnisim.kpis import define

if TYPE_CHECKING:
    from omnisim.answers import Comparison
    from omnisim.estimate import Difference

FIRST = ("service_level", "first_contact_resolution", "repeat_told_rate", "agent_minutes_per_issue")
SPENT = {
    "staffed_hours": "hours", "labour_cost": "labour", "outsourcing_cost": "outsourced", "training_cost": "training", "bot_cost": "bots",
    "hub_cost": "hub",
}  # fmt: skip
LAST = ("journey_success", "conversion", "orders", "retention", "customer_lifetime_value", "ebit")


@dataclass(frozen=True)
class Cell:
    """One strategy's number.  `sense`: better, worse, more, less, open, same, alone; all but `value` empty for the baseline."""

    value: str
    difference: str = ""
    interval: str = ""
    sense: str = ""
    factor: str = ""


@dataclass(frozen=True)
class Line:
    """One measure: its cells in the order of the strategies; `own`: its intervals are not adjusted for the other questions."""

    kpi: str
    unit: str
    cells: tuple[Cell, ...]
    own: bool


def kpis(comparison: "Comparison") -> list[str]:
    """The measures that decide, of those that every strategy has."""
    cost = cost_kpi(comparison)
    wanted = dict.fromkeys([*FIRST, *([cost] if cost else []), *LAST])
    return [k for k in wanted if all(total(a, k) is not None for a in comparison.answers)]


def lines(comparison: "Comparison") -> list[Line]:
    """The table, a line a measure."""
    return [_line(comparison, kpi) for kpi in kpis(comparison)]


def _line(comparison: "Comparison", kpi: str) -> Line:
    base = total(comparison.baseline, kpi)
    assert base is not None
    diffs = [difference(comparison, kpi, name) for name in comparison.names[1:]]
    unit = base.unit
    halves = [h for d in diffs if d and (h := half_width(*interval(d)))]
    n = places([max(halves, default=None)], unit)  # the widest interval says how many digits the whole line can bear
    cells = [Cell(number(base.mean, n, unit))]
    for answer, d in zip(comparison.answers[1:], diffs, strict=True):
        e = total(answer, kpi)
        value = number(e.mean if e else None, n, unit)
        if d is None:
            cells.append(Cell(value))
            continue
        low, high = interval(d)
        reduction = "" if d.variance_reduction is None else number(d.variance_reduction, 0 if d.variance_reduction >= 10 else 1)
        cells.append(Cell(value, signed(d.difference, n, unit), written(low, high, n, unit, sign=True), sense(d), reduction))
    return Line(kpi, shown_unit(unit), tuple(cells), all(d is None or d.low_holm is None for d in diffs))


def sense(d: "Difference") -> str:
    """What a difference says: a word of the page."""
    low, high = interval(d)
    if low is None or high is None:
        return "alone"
    if d.difference == 0.0 and low == high == 0.0:
        return "same"
    sign, better = settled(low, high), define(d.kpi).better
    if sign == 0:
        return "open"
    if better is None:
        return "more" if sign > 0 else "less"
    return "better" if (sign > 0) == (better == "higher") else "worse"


def spent(comparison: "Comparison", say: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """(head, a number a strategy): paid hours, each cost of serving that any strategy has, and their sum."""
    rows: list[tuple[str, list[str]]] = []
    money = comparison.baseline.tables.currency
    found = {head: [total(a, kpi) for a in comparison.answers] for kpi, head in SPENT.items()}
    costs = [head for head in found if head != "hours" and any(found[head])]
    for head in (["hours"] if any(found["hours"]) else []) + costs:
        n = 1 if head == "hours" else 0
        rows.append((say[f"spent.{head}"].format(unit=money), [number(e.mean if e else 0.0, n) for e in found[head]]))
    if len(costs) > 1:
        sums = [sum(e.mean for e in one if e) for one in zip(*(found[head] for head in costs), strict=True)]
        rows.append((say["spent.total"].format(unit=money), [number(x, 0) for x in sums]))
    return rows

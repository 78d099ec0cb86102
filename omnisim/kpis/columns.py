"""Which numbers a scenario gives: every KPI in every scope it has, in one fixed order.

    tables --Shape.of--> shape --plan--> columns  (kpi, scope, unit)
                                         cells, numerators, denominators   where each column's two numbers lie

This is the one place that maps a column to a cell and its quantities.  It depends on the scenario alone, never on what
happened, so that the columns of all seeds stand side by side; and on its shape alone, so that the thousand points of a sweep,
which differ in a number here and there, share one plan.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, get_args

import numpy as np

from omnisim.calendars import DAY, second_of_day
from omnisim.kpis.catalogue import MEASURES
from omnisim.kpis.declaration import Channels, Measure, Scope, When
from omnisim.kpis.quantities import Cells, Count, Quantity, Sum
from omnisim.words import Formula, Goal, Mode

if TYPE_CHECKING:
    from omnisim.tables import Tables


@dataclass(frozen=True)
class Column:
    """One number a run gives: `scope` holds (key, value) pairs in the order of the keys; () is the total."""

    kpi: str
    scope: tuple[tuple[str, str], ...]
    unit: str


@dataclass(frozen=True)
class Plan:
    """The columns, and for each the cell and the positions of numerator and denominator (-1: none) in a row of numbers."""

    columns: tuple[Column, ...]
    cells: np.ndarray  # i8[column]
    numerators: np.ndarray  # i8[column]
    denominators: np.ndarray  # i8[column]


Names = tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """All that the columns depend on: whom there is to tell of, and what there is to tell.

    Two scenarios of one shape have the same columns in the same places.  `having`: for each kind of `Measure.channels` the
    channels that have it; `given`: the kinds of `Measure.when` that hold; `serves`: the channels that each pool serves;
    `times`, `days`: intervals and calendar days that count.
    """

    cells: Cells
    channels: Names
    media: Names
    medium_of: tuple[int, ...]
    segments: Names
    regions: Names
    pools: Names
    serves: tuple[tuple[int, ...], ...]
    some_pools: tuple[tuple[str, tuple[int, ...]], ...]
    stamps: Names
    times: tuple[int, ...]
    day_names: Names
    days: tuple[int, ...]
    periods: Names
    currency: str
    given: frozenset[str]
    having: tuple[tuple[str, tuple[int, ...]], ...]

    @classmethod
    def of(cls, tables: "Tables") -> "Shape":
        """The shape of a scenario."""
        layout = Cells.of(tables)
        having = {what: tuple(_having(what, tables)) for what in get_args(Channels)}
        pools = range(layout.pools)
        only = {"wages": tables.has_wage, "outsourced": tables.price_per, "rosters": tables.team["rostered"]}
        # intervals that lie wholly in the warm-up say nothing
        times = [i for i in range(layout.intervals) if (i + 1) * tables.interval_s > tables.warmup_s]
        days = days_counted(tables)
        return cls(
            cells=layout,
            channels=tuple(tables.channels),
            media=tuple(tables.media),
            medium_of=tuple(int(m) for m in tables.medium_of),
            segments=tuple(tables.segments),
            regions=tuple(tables.shop.region_names) if layout.regions else (),
            pools=tuple(tables.pools),
            serves=tuple(tuple(np.flatnonzero(tables.concurrency[p] > 0).tolist()) for p in pools),
            some_pools=tuple((when, tuple(p for p in pools if has[p])) for when, has in only.items()),
            stamps=tuple(tables.interval_starts),
            times=tuple(times),
            day_names=tuple(tables.day_names),
            days=tuple(days) if len(days) > 1 else (),  # one day is the total
            periods=tuple(tables.periods),
            currency=tables.currency,
            given=frozenset(when for when in get_args(When) if _given(when, tables)),
            having=tuple(having.items()),
        )


def columns(tables: "Tables") -> tuple[Column, ...]:
    """The columns of a scenario, fixed by its tables alone; totals before parts, names and intervals in order."""
    return plan(tables).columns


def plan(tables: "Tables") -> Plan:
    """The columns of a scenario and where their numbers lie; made once for each `Tables`, which never changes."""
    known: Plan | None = vars(tables).get("_plan")
    if known is None:
        known = vars(tables)["_plan"] = _plan(Shape.of(tables))
    return known


@lru_cache(maxsize=64)
def _plan(shape: Shape) -> Plan:
    made: list[Column] = []
    places: list[tuple[int, int, int]] = []
    for m in MEASURES.values():
        over = _over(m, shape)
        if m.when not in shape.given or (m.channels is not None and not over):
            continue
        unit = shape.currency if m.unit == "money" else m.unit
        numerator = position(m.numerator)
        denominator = -1 if m.denominator is None else position(m.denominator)
        for scope in m.scopes:
            for values, cell in _parts(m, scope, shape, over):
                made.append(Column(m.name, tuple(zip(scope, values, strict=True)), unit))
                places.append((cell, numerator, denominator))
    where = np.array(places, np.int64).reshape(-1, 3)
    return Plan(tuple(made), where[:, 0].copy(), where[:, 1].copy(), where[:, 2].copy())


def position(quantity: Quantity) -> int:
    """Where a quantity stands in a cell's row of numbers: counts, then sums, then derived ones."""
    if isinstance(quantity, Count):
        return int(quantity)
    if isinstance(quantity, Sum):
        return len(Count) + int(quantity)
    return len(Count) + len(Sum) + int(quantity)


def rated(tables: "Tables", c: int) -> bool:
    """Whether a channel names a service level."""
    return bool(tables.mode[c] != Mode.BROWSE and not np.isnan(tables.within_s[c]))


def browses(tables: "Tables", c: int) -> bool:
    """Whether people can look around by themselves on a channel."""
    return bool(tables.channel["browse"][c] >= 0)


def sells(tables: "Tables", c: int) -> bool:
    """Whether a channel sells."""
    return bool(tables.shop.front["sell"][c])


def service_level_formula(tables: "Tables", channel: str) -> str:
    """The service-level formula of a channel as it is printed beside the number, e.g. "answered_in_time_over_offered, wait <= 20 s"."""
    c = list(tables.channels).index(channel)
    if not rated(tables, c):
        raise ValueError(f"channel {channel!r} names no service level")
    formula = Formula(int(tables.formula[c]))
    sign = "<" if tables.strict[c] else "<="
    words = f"{formula.name.lower()}, wait {sign} {tables.within_s[c]:g} s"
    if formula is Formula.EXCLUDING_SHORT_ABANDONS:
        words += f", short {sign} {tables.short_s[c]:g} s"
    return words


def service_levels(tables: "Tables") -> str:
    """What the service level of every channel that names one means; empty where none does.

    Printed beside every table that shows a service level, e.g. "answered_in_time_over_offered (phone wait <= 20 s)".
    """
    found: dict[str, list[str]] = {}
    for c, channel in enumerate(tables.channels):
        if rated(tables, c):
            formula, limits = service_level_formula(tables, channel).split(", ", 1)
            found.setdefault(formula, []).append(f"{channel} {limits}")
    return "; ".join(f"{formula} ({', '.join(limits)})" for formula, limits in found.items())


def days_counted(tables: "Tables") -> list[int]:
    """The calendar days of [warm-up, horizon), from 0."""
    offset = second_of_day(tables.start)
    return [d for d in range(len(tables.day_names)) if (d + 1) * DAY - offset > tables.warmup_s]


def _given(when: str, tables: "Tables") -> bool:
    """Whether the scenario has what a measure speaks of (`Measure.when`)."""
    given: dict[str, Callable[[], bool]] = {
        "always": lambda: True,
        "staffed": lambda: len(tables.pools) > 0,
        "context": lambda: bool(tables.has_context),
        "issues": lambda: Goal.ISSUE in tables.goals,
        "buyers": lambda: Goal.MARKOV in tables.goals or Goal.SHOP in tables.goals,
        "choice": lambda: tables.free,
        "rated": lambda: any(rated(tables, c) for c in range(len(tables.channels))),
        "intervals": lambda: bool(tables.interval_s > 0),
        "wages": lambda: any(tables.has_wage),
        "serving": lambda: (
            any(tables.has_wage) or any(tables.price_per) or any(tables.training_per_day) or bool((tables.service.bots["cost"] > 0.0).any())
        ),
        "training": lambda: any(tables.training_per_day),
        "rosters": lambda: tables.has_rosters,
        "outsourced": lambda: any(tables.price_per),
        "hub": lambda: bool(tables.has_context) or tables.hub_per_day > 0,
        "shop": lambda: tables.has_shop,
        "money": lambda: tables.has_money,
        "nodes": lambda: tables.has_nodes,
        "messages": lambda: bool(tables.has_shop and tables.shop.message_to.any()),
        "coupons": lambda: tables.has_coupons,
        "marketplaces": lambda: bool(tables.has_shop and tables.shop.front["foreign"].any()),
        "bonds": lambda: tables.has_bonds,
        "lifetime": lambda: tables.has_bonds and tables.has_money,
        "referral": lambda: bool(tables.loyalty.rules[0]["tells"] > 0.0),
        "subscription": lambda: bool(tables.loyalty.rules[0]["take"] > 0.0),
        "fees": lambda: bool(tables.loyalty.rules[0]["take"] > 0.0) and tables.has_money,
    }
    return given[when]()


def _over(m: Measure, shape: Shape) -> tuple[int, ...]:
    """The channels that have a measure."""
    return () if m.channels is None else dict(shape.having)[m.channels]


def _having(what: str, tables: "Tables") -> list[int]:
    """The channels that have what a measure asks for (`Measure.channels`)."""
    has: dict[str, Callable[[int], bool]] = {
        "any": lambda c: True,
        "contact": lambda c: bool(tables.mode[c] != Mode.BROWSE),
        "inbox": lambda c: bool(tables.mode[c] == Mode.INBOX),
        "rated": lambda c: rated(tables, c),
        "aimed": lambda c: bool(rated(tables, c) and not np.isnan(tables.sl_target[c])),
        "due": lambda c: bool(tables.mode[c] == Mode.INBOX and np.isfinite(tables.deadline_s[c])),
        "shown": lambda c: bool(browses(tables, c) or sells(tables, c)),
        "sells": lambda c: sells(tables, c),
        "bot": lambda c: bool(tables.service.bots["on"][c]),
        "transfers": lambda c: bool(tables.service.transfer[c].any()),
        "messages": lambda c: bool(tables.service.waiting["messages"][c]),
        "announces": lambda c: bool(tables.service.waiting["announces"][c]),
        "calls": lambda c: bool(tables.service.waiting["calls"][c]),
        "served": lambda c: bool(sells(tables, c) or tables.mode[c] != Mode.BROWSE),
    }
    return [c for c in range(len(tables.channels)) if has[what](c)]


def _parts(m: Measure, scope: Scope, s: Shape, over: tuple[int, ...]) -> Iterator[tuple[Names, int]]:
    """Every part of one kind of scope: its names and its cell; `over`: the channels that have the measure."""
    cells, stamp = s.cells, s.stamps
    pools = dict(s.some_pools).get(m.when, range(cells.pools))
    match scope:
        case ():
            yield (), cells.total
        case ("channel",):
            yield from (((s.channels[c],), cells.channel(c)) for c in over)
        case ("medium",):
            yield from (((s.media[j],), cells.medium(j)) for j in sorted({s.medium_of[c] for c in over}))
        case ("segment",):
            if cells.segments > 1:  # one segment is the total
                yield from (((s.segments[g],), cells.segment(g)) for g in range(cells.segments))
        case ("region",):
            if cells.regions > 1:
                yield from (((s.regions[r],), cells.region(r)) for r in range(cells.regions))
        case ("pool",):
            yield from (((s.pools[p],), cells.pool(p)) for p in pools)
        case ("channel", "pool"):
            yield from (((s.channels[c], s.pools[p]), cells.channel_pool(c, p)) for c in over for p in pools if c in s.serves[p])
        case ("interval",):
            yield from (((stamp[i],), cells.interval(i)) for i in s.times)
        case ("channel", "interval"):
            yield from (((s.channels[c], stamp[i]), cells.channel_interval(c, i)) for c in over for i in s.times)
        case ("day",):
            yield from (((s.day_names[d],), cells.day(d)) for d in s.days)
        case ("channel", "day"):
            yield from (((s.channels[c], s.day_names[d]), cells.channel_day(c, d)) for c in over for d in s.days)
        case ("period",):
            yield from (((name,), cells.period(n)) for n, name in enumerate(s.periods))
        case ("channel", "period"):
            yield from (((s.channels[c], name), cells.channel_period(c, n)) for c in over for n, name in enumerate(s.periods))
        case ("interval", "pool"):
            yield from (((stamp[i], s.pools[p]), cells.pool_interval(p, i)) for p in pools for i in s.times)
        case _:
            raise AssertionError(f"no cells for scope {scope}")

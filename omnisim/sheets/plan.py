"""Tables of a planner's sheet, read and checked against the scenario they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnisim.scenario.hours import Spans
from omnisim.scenario.problem import Notes, listing, near
from omnisim.scenario.times import clock_text
from omnisim.scenario.units import DAY
from omnisim.sheets import cells
from omnisim.sheets.cells import Break, Column, Rows
from omnisim.sheets.grid import Grid, filled
from omnisim.sheets.grid import read as read_grids

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

TABLES = ("volumes", "holidays", "campaigns", "shrinkage", "roster", "hours", "shifts")
# columns that a filled sheet has besides; a sheet that is read again may have them, and they are written anew
OUTPUTS = (
    "expected",
    "erlangs",
    "formula",
    "required",
    "scheduled",
    "net",
    "gap",
    "service_level",
    "low",
    "high",
    "day_met",
    "occupancy",
    "why",
)
STEPS = tuple(m * 60.0 for m in (5, 10, 15, 20, 30, 60))
EVERY_DAY = tuple(range(7))


@dataclass(frozen=True)
class Volume:
    """Who comes to a channel in one interval: `start` s after midnight, `volume` contacts, `handling` s an agent, wrap-up included."""

    date: date
    start: float
    channel: str
    volume: float
    handling: float | None


@dataclass(frozen=True)
class Holiday:
    """A day that is not like others: `factor` of the usual volume; `hours` s after midnight, None: as usual, () closed."""

    date: date
    factor: float
    hours: tuple[float, float] | tuple[()] | None


@dataclass(frozen=True)
class Campaign:
    """Between two moments so much of the usual volume comes; `channel` None: to all."""

    begin: datetime
    end: datetime
    channel: str | None
    factor: float


@dataclass(frozen=True)
class Pattern:
    """A shift that people can work.  Times in s; `pools` None: people of every pool."""

    name: str
    start: float
    length: float
    days: tuple[int, ...]
    breaks: tuple[Break, ...]
    pools: tuple[str, ...] | None


@dataclass(frozen=True)
class Sheet:
    """All that a planner's sheet says.  `step`: length of an interval, s; `roster`: (date or None, start, pool, agents)."""

    path: Path
    step: float
    volumes: tuple[Volume, ...]
    holidays: tuple[Holiday, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    shrinkage: tuple[tuple[float, str, float], ...] = ()
    roster: tuple[tuple[date | None, float, str, int], ...] = ()
    hours: Mapping[str, Spans | None] = field(default_factory=dict)
    shifts: tuple[Pattern, ...] = ()
    grids: Mapping[str, Grid] = field(default_factory=dict, repr=False)

    @property
    def dates(self) -> tuple[date, ...]:
        """The days it speaks of."""
        return tuple(sorted({v.date for v in self.volumes}))

    def expected(self, v: Volume) -> float:
        """The volume of an interval with what holidays and campaigns make of it.

        A campaign counts for the part of the interval that it covers.
        """
        factor = 1.0
        for h in self.holidays:
            factor *= h.factor if h.date == v.date else 1.0
        begin = datetime(v.date.year, v.date.month, v.date.day) + timedelta(seconds=v.start)
        end = begin + timedelta(seconds=self.step)
        for c in self.campaigns:
            if c.channel in (None, v.channel):
                covered = (min(end, c.end) - max(begin, c.begin)).total_seconds()
                factor *= 1.0 + (c.factor - 1.0) * max(0.0, covered) / self.step
        return v.volume * factor

    def net(self, pool: str, second: float, gross: float) -> int:
        """People there of so many on the roster: what shrinkage leaves, rounded down."""
        return int(gross * (1.0 - self.shrinkage_at(pool, second)) + 1e-9)

    def gross(self, pool: str, second: float, net: float) -> int:
        """People to roster so that so many are there: rounded up, and shrinkage last."""
        kept = 1.0 - self.shrinkage_at(pool, second)
        return -int(-net / kept // 1) if net > 0 else 0

    def shrinkage_at(self, pool: str, second: float) -> float:
        """Shrinkage of a pool at a time of day: that of the last row before it; before the first row the last of the day."""
        own = sorted((start, share) for start, name, share in self.shrinkage if name == pool)
        if not own:
            return 0.0
        before = [share for start, share in own if start <= second]
        return before[-1] if before else own[-1][1]

    def patterns(self, base: Scenario) -> dict[str, tuple[Pattern, ...]]:
        """The patterns that people of each pool can work; no pool where the sheet has no shifts."""
        pools = list(base.staffing.pools) if base.staffing else []
        found = {pool: tuple(p for p in self.shifts if p.pools is None or pool in p.pools) for pool in pools}
        return {pool: own for pool, own in found.items() if own}

    def day(self, base: Scenario, day: date) -> Scenario:
        """The scenario of one day: see `omnisim.sheets.days`."""
        from omnisim.sheets.days import scenario_of

        return scenario_of(self, base, day)

    def filled(self, more: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, bytes]:
        """The same sheet with further columns (`OUTPUTS`): {file name: bytes}; one value a row, in the order of the rows."""
        for table, columns in more.items():
            for name, values in columns.items():
                if name not in OUTPUTS:
                    raise ValueError(f"{name!r} is no column that is filled in; there are {', '.join(OUTPUTS)}")
                if len(values) != len(self.grids[table].rows):
                    raise ValueError(f"{table}.{name}: {len(values)} values for {len(self.grids[table].rows)} rows")
        return filled(self.grids, self.path, more)


def read(path: str | Path, base: Scenario) -> Sheet:
    """A planner's sheet for a scenario, whose channels and pools it may name.  Raises ScenarioError with everything that is wrong."""
    grids = read_grids(path, TABLES)
    notes = Notes()
    if "volumes" not in grids:
        first = next(iter(grids.values()))
        notes.problem(first.pos(1, 0)._replace(file=str(path)), "volumes", f"the table is missing; there are: {listing(grids)}")
    rows = {name: list(_rows(name, grid, base, notes)) for name, grid in grids.items()}
    volumes = tuple(Volume(v["date"], v["start"], v["channel"], v["volume"], v["handling"]) for _, v in rows.get("volumes", ()))
    step = _step(grids.get("volumes"), rows.get("volumes", []), notes)
    _once(grids, rows, notes)
    notes.raise_if_any()
    return Sheet(
        Path(path), step, volumes,
        tuple(Holiday(v["date"], v["factor"], _closed(v["hours"])) for _, v in rows.get("holidays", ())),
        tuple(Campaign(v["from"], v["to"], v["channel"], v["factor"]) for _, v in rows.get("campaigns", ())),
        tuple((v["start"], v["pool"], v["shrinkage"]) for _, v in rows.get("shrinkage", ())),
        tuple((v["date"], v["start"], v["pool"], v["agents"]) for _, v in rows.get("roster", ())),
        {v["channel"]: v["hours"] for _, v in rows.get("hours", ())},
        tuple(Pattern(v["name"], v["start"], v["length"], v["days"], v["breaks"], v["pools"]) for _, v in rows.get("shifts", ())),
        grids,
    )  # fmt: skip


def _closed(hours: Any) -> tuple[float, float] | tuple[()] | None:
    return None if hours == "usual" else () if hours is None else hours


def _columns(name: str, base: Scenario) -> dict[str, Column]:
    served = [c for c, channel in base.channels.items() if channel.help is not None]
    pools = list(base.staffing.pools) if base.staffing else []
    channel, pool = Column(cells.a_name(served)), Column(cells.a_name(pools))
    some_channel, moment = Column(channel.read, False), Column(cells.a_moment)
    date_, start = Column(cells.a_date), Column(cells.a_clock)
    factor = Column(cells.a_number(0.0, 1000.0))

    def some_pools(cell: Any) -> tuple[str, ...]:
        return tuple(cells.a_name(pools)(word.strip()) for word in str(cell).split(","))

    return {
        "volumes": {
            "date": date_, "start": start, "channel": channel, "volume": Column(cells.a_number()), "handling": Column(cells.a_time, False),
        },
        "holidays": {"date": date_, "factor": Column(factor.read, False, 1.0), "hours": Column(cells.day_hours, False, "usual")},
        "campaigns": {"from": moment, "to": moment, "channel": some_channel, "factor": factor},
        "shrinkage": {"start": Column(cells.a_clock, False, 0.0), "pool": pool, "shrinkage": Column(cells.a_share)},
        "roster": {"date": Column(cells.a_date, False), "start": start, "pool": pool, "agents": Column(cells.a_whole)},
        "hours": {"channel": channel, "hours": Column(cells.opening_hours)},
        "shifts": {
            "name": Column(cells.a_text), "start": start, "length": Column(cells.a_time), "days": Column(cells.weekdays, False, EVERY_DAY),
            "breaks": Column(cells.breaks, False, ()), "pools": Column(some_pools, False),
        },
    }[name]  # fmt: skip


def _rows(name: str, grid: Grid, base: Scenario, notes: Notes) -> Rows:
    return Rows(grid, _columns(name, base), OUTPUTS, notes)


def _step(grid: Grid | None, rows: Sequence[tuple[int, dict[str, Any]]], notes: Notes) -> float:
    """Length of the intervals: the least distance between two of them, which every start must fit."""
    if grid is None or not rows:
        if grid is not None and not grid.rows:
            notes.problem(grid.pos(1, 0), "start", "has no rows; one an interval and channel is needed")
        return 1800.0
    starts = sorted({v["start"] for _, v in rows})
    least = min((b - a for a, b in pairwise(starts)), default=1800.0)
    step = max((s for s in STEPS if s <= least), default=0.0)
    if step != least:
        words = f"the least distance between two intervals is {least / 60:g} min; allowed are: {listing(f'{s / 60:g} min' for s in STEPS)}"
        notes.problem(grid.pos(rows[0][0], 0), "start", words)
        return 1800.0
    for row, v in rows:
        if (v["start"] - starts[0]) % step:
            words = f"found {clock_text(v['start'])}; intervals here are {step / 60:g} min long and begin at {clock_text(starts[0])}"
            notes.problem(grid.pos(row, grid.head.index("start")), "start", words)
    return step


_KEYS = {
    "volumes": ("date", "start", "channel"), "holidays": ("date",), "shrinkage": ("start", "pool"), "roster": ("date", "start", "pool"),
    "hours": ("channel",), "shifts": ("name",),
}  # fmt: skip


def _once(grids: Mapping[str, Grid], rows: Mapping[str, Sequence[tuple[int, dict[str, Any]]]], notes: Notes) -> None:
    """Nothing is said twice; what begins ends later; breaks lie within their shift."""
    for table, keys in _KEYS.items():
        first: dict[tuple[Any, ...], int] = {}
        for row, v in rows.get(table, ()):
            key = tuple(v[k] for k in keys)
            if key in first:
                notes.problem(grids[table].pos(row, 0), keys[-1], f"says the same {', '.join(keys)} as row {first[key]}")
            first.setdefault(key, row)
    for row, v in rows.get("campaigns", ()):
        if v["from"] >= v["to"]:
            grid = grids["campaigns"]
            notes.problem(grid.pos(row, grid.head.index("to")), "to", f"found {v['to']}; it must be after from, {v['from']}")
    for row, v in rows.get("shifts", ()):
        grid = grids["shifts"]
        if not 0.0 < v["length"] <= DAY:
            notes.problem(grid.pos(row, grid.head.index("length")), "length", "must be more than 0 s and at most 24 h")
        ends = [b.after + b.length for b in v["breaks"]]
        if any(e > v["length"] for e in ends) or any(b.after < e for b, e in zip(v["breaks"][1:], ends, strict=False)):
            notes.problem(grid.pos(row, grid.head.index("breaks")), "breaks", "must lie within the shift, one after the other")


def nearest_date(sheet: Sheet, wanted: date) -> str | None:
    """The day of the sheet whose writing is nearest, for messages."""
    return near(wanted.isoformat(), [d.isoformat() for d in sheet.dates])

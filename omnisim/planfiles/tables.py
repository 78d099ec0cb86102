"""A staffing plan as tables: by slot, by shift, as a workbook, and in the planner's own sheet."""

from __future__ import annotations

import csv
import importlib.util
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from omnisim.report.numbers import cell
from omnisim.scenario.times import clock_text
from omnisim.staffing.plan.targets import Over

if TYPE_CHECKING:
    from omnisim.sheets import Sheet
    from omnisim.staffing.plan.result import StaffPlan
    from omnisim.staffing.plan.table import Row

NUMBERS = {
    "contacts": "contacts", "aht_s": "handling_s", "erlangs": "erlangs", "formula": "formula", "need": "required", "rostered": "scheduled",
    "net": "net", "gap": "gap", "level": "service_level", "low": "low", "high": "high", "p_day": "day_met", "occupancy": "occupancy",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Heads with units where they have one, and rows of text, numbers and None (not known)."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def half_hours(plan: StaffPlan) -> Table:
    """One row a pool and slot: what comes, what it needs by which reckoning, who is there, how well it goes, and why.

    `handling_s` is s with wrap-up; people are heads; `service_level`, `low`, `high` (95 %), `day_met`, `occupancy` are shares.
    """
    rows = [(r.pool, r.start, *(_known(getattr(r, n)) for n in NUMBERS), "" if r.why == "-" else r.why) for r in plan.table.rows]
    return Table("half_hours", ("pool", "start", *NUMBERS.values(), "why"), tuple(rows))


def shift_list(plan: StaffPlan) -> Table:
    """One row a pool and shift (or slot): people in the plan, people today, and what the plan's people cost over the run."""
    rows = [(s.pool, s.label, s.people, s.today, s.people - s.today, round(s.cost, 6)) for s in plan.shifts]
    return Table("shifts", ("pool", "shift", "people", "today", "change", f"cost_{plan.unit}"), tuple(rows))


def promises(plan: StaffPlan) -> Table:
    """One row a promise: what fresh days say of it."""
    rows = [
        (
            e.target.text.strip(), "share" if e.target.over is Over.DAYS else e.target.measure.unit, _known(e.worth), _known(e.low), e.n,
            "yes" if plan.proof is not None and e.met else "no", e.worst,
        )
        for e in plan.evidence
    ]  # fmt: skip
    return Table("promises", ("promise", "unit", "seen", "surely", "seeds", "proved", "interval"), tuple(rows))


def steps(plan: StaffPlan) -> Table:
    """One row a step of the ladder: its cost, and what the next corrects."""
    rows = [(s.name, round(s.cost, 6), sum(s.y), "yes" if s.kept else "no", s.knows, s.leaves) for s in plan.steps]
    return Table("steps", ("step", f"cost_{plan.unit}", "people", "kept_on_search_days", "knows", "leaves_out"), tuple(rows))


def _known(value: float) -> float | None:
    """None where a number is not known; whole numbers stay whole."""
    if not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def csv_text(table: Table) -> str:
    """As CSV: numbers with all their digits, text that no spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.head)
    writer.writerows([_csv_cell(v) for v in row] for row in table.rows)
    return out.getvalue()


def _csv_cell(value: Any) -> str:
    return "" if value is None else cell(value) if isinstance(value, str) else repr(value)


def workbook(plan: StaffPlan) -> bytes | None:
    """All tables as one workbook; None where XlsxWriter is not installed."""
    if importlib.util.find_spec("xlsxwriter") is None:
        return None
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": "omnisim staffing plan", "created": datetime(2000, 1, 1)})  # the same bytes at any time of day
    bold = book.add_format({"bold": True})
    for table in (half_hours(plan), shift_list(plan), promises(plan), steps(plan)):
        sheet = book.add_worksheet(table.name)
        for c, text in enumerate(table.head):
            sheet.write_string(0, c, text, bold)
        for r, row in enumerate(table.rows, 1):
            for c, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(r, c, value)
                elif value is not None:
                    sheet.write_number(r, c, value)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(table.head) - 1, 13)
    book.close()
    return out.getvalue()


def fill(plan: StaffPlan, sheet: Sheet) -> dict[str, bytes]:
    """The planner's sheet with what the plan says: on each row of `volumes` of the plan's day the numbers of the pool that owns the channel
    in that interval, on each row of `roster` the people of the plan.  Rows of other days keep what they have, or stay empty.

    A pool's numbers stand on the row of each of its channels; `expected` and `erlangs` are the channel's own.
    """
    by, owner = _by_start(plan), _owners(plan)
    day = _day(plan)
    names = {"formula": "formula", "required": "need", "scheduled": "rostered", "net": "net", "gap": "gap", "service_level": "level",
             "low": "low", "high": "high", "day_met": "p_day", "occupancy": "occupancy"}  # fmt: skip
    columns: dict[str, list[Any]] = {n: [] for n in ("expected", "erlangs", *names, "why")}
    for v in sheet.volumes:
        mine = v.date == day
        row = by.get((owner.get(v.channel, ""), v.start)) if mine else None
        expected = sheet.expected(v) if mine else None
        columns["expected"].append(None if expected is None else round(expected, 3))
        erlangs = None if expected is None or v.handling is None else expected * v.handling / sheet.step
        columns["erlangs"].append(None if erlangs is None else round(erlangs, 3))
        for name, attribute in names.items():
            columns[name].append(None if row is None else _round(_known(getattr(row, attribute))))
        if row is not None:  # shrinkage last: that of the sheet
            columns["scheduled"][-1] = sheet.gross(row.pool, v.start, row.net)
        columns["why"].append(None if row is None or row.why == "-" else row.why)
    more: dict[str, dict[str, Sequence[Any]]] = {"volumes": dict(columns)}
    if "roster" in sheet.grids:
        now = [by.get((pool, start)) if d in (None, day) else None for d, start, pool, _ in sheet.roster]
        found = [None if r is None else sheet.gross(pool, start, r.net) for r, (_, start, pool, _) in zip(now, sheet.roster, strict=True)]
        more["roster"] = {"scheduled": found}
    return sheet.filled(more)


def _round(value: float | None) -> float | None:
    return None if value is None else value if isinstance(value, int) else round(value, 4)


def _day(plan: StaffPlan) -> Any:
    """The first day that is measured."""
    clock = plan.trials.layout.scenario.clock
    return (clock.start + timedelta(seconds=clock.warmup)).date()


def _owners(plan: StaffPlan) -> dict[str, str]:
    """Channel -> the pool with which it stands in the table."""
    pools = plan.trials.layout.pools
    return {channel: pools[p].name for channel, p in plan.needs.owner.items()}


def _by_start(plan: StaffPlan) -> dict[tuple[str, float], Row]:
    """(pool, s after midnight of the measured day) -> row of the table.  Pools whose number is one all day have it at every start."""
    clock = plan.trials.layout.scenario.clock
    rows = iter(plan.table.rows)
    first = (datetime.combine(_day(plan), datetime.min.time()) - clock.start).total_seconds()
    found: dict[tuple[str, float], Row] = {}
    step = clock.interval or 1800.0
    for pool in plan.trials.layout.pools:
        for slot in pool.slots:
            row = next(rows)
            for begin, end in slot.spans:
                at = begin
                while at < end - 1e-6:
                    if first <= at < first + 86400.0:
                        found[pool.name, at - first] = row
                    at += step
    return found


def clock_of(plan: StaffPlan, second: float) -> str:
    """A moment of the run as a time of day."""
    start = plan.trials.layout.scenario.clock.start
    at = start + timedelta(seconds=second)
    return clock_text(at.hour * 3600.0 + at.minute * 60.0)

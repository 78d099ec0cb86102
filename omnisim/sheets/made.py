"""A planner's sheet made from a scenario: what it expects and whom it has, to be corrected by hand and read again.

made(scenario, "plan.xlsx")  or  made(scenario, "plan")     volumes, roster and hours of every day that is measured
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.calendars import staff_at
from omnisim.campaigns import streams
from omnisim.demand import build_sources
from omnisim.scenario import hours as opening
from omnisim.scenario.times import clock_text
from omnisim.scenario.units import DAY
from omnisim.sheets.grid import library, written

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

Table = tuple[Sequence[str], Sequence[Sequence[Any]]]
HALF_HOUR = 1800.0


def tables(s: Scenario) -> dict[str, Table]:
    """The tables of a sheet: (head, rows) each."""
    step = s.clock.interval or HALF_HOUR
    found: dict[str, Table] = {"volumes": (("date", "start", "channel", "volume", "handling"), _volumes(s, step))}
    if roster := _roster(s):
        found["roster"] = (("date", "start", "pool", "agents"), roster)
    own = [(name, ", ".join(opening.text(c.hours))) for name, c in s.channels.items() if c.help is not None and c.hours is not None]
    if own:
        found["hours"] = (("channel", "hours"), own)
    return found


def _volumes(s: Scenario, step: float) -> list[tuple[Any, ...]]:
    """Customers expected with something new, by interval and channel, without those who come to buy."""
    names = sorted(streams(s))
    sources = build_sources(s, names)
    n = int(np.ceil(s.clock.horizon / step - 1e-9))
    expected: dict[str, np.ndarray] = {}
    for row in sources.rows:
        stream = s.demand.get(names[int(row["stream"])])  # none of a campaign: what it brings comes on top
        if stream is None or stream.goal != "issue":
            continue
        counts = np.zeros(n)
        for start, end, rate, keep, _ in sources.pieces[int(row["first"]) : int(row["last"])].tolist():
            edges = np.clip(np.arange(n + 1) * step, start, end)
            counts += np.diff(edges) * rate * keep
        if row["batch"]:
            counts[min(int(row["time"] // step), n - 1)] += float(row["size"])
        for channel, share in stream.enter.items():
            if share > 0.0:
                expected[channel] = expected.get(channel, np.zeros(n)) + counts * share
    rows = []
    for i in range(n):
        at = s.clock.start + timedelta(seconds=i * step)
        if i * step < s.clock.warmup:
            continue
        for channel in sorted(expected):
            volume = round(float(expected[channel][i]), 3)
            if volume > 0.0:
                rows.append((at.date().isoformat(), f"{at:%H:%M}", channel, volume, round(_handling(s, channel, at), 1)))
    return rows


def _handling(s: Scenario, channel: str, at: datetime) -> float:
    """Mean handling time with wrap-up at a time of day, without what context adds, s."""
    helps = s.channels[channel].help
    if helps is None:
        return 0.0
    second = at.hour * 3600.0 + at.minute * 60.0
    total = 0.0
    for law in (helps.handling, helps.wrap):
        if law is not None:
            pieces = [piece for begin, piece in law.pieces if begin <= second]
            total += pieces[-1].mean if pieces else law.mean
    return total


def _roster(s: Scenario) -> list[tuple[Any, ...]]:
    """Agents of the pools that are given by number, where the number changes."""
    rows = []
    for name, pool in (s.staffing.pools if s.staffing else {}).items():
        if pool.shifts or pool.agents is None:
            continue
        given = staff_at(pool.agents, s.clock.start, s.clock.horizon, s.clock.interval)
        first = s.clock.warmup
        days = sorted({(s.clock.start + timedelta(seconds=t)).date() for t in (first, *np.arange(first, s.clock.horizon, DAY).tolist())})
        for day in days:
            midnight = (datetime(day.year, day.month, day.day) - s.clock.start).total_seconds()
            before = [v for t, v in given if t <= midnight]
            points = {0.0: before[-1] if before else given[0][1]}
            points |= {t - midnight: v for t, v in given if midnight < t < midnight + DAY}
            now = None
            for t, v in sorted(points.items()):
                if v != now:
                    rows.append((day.isoformat(), clock_text(t), name, v))
                now = v
    return rows


def write(made: Mapping[str, Table], path: str | Path) -> list[Path]:
    """A workbook, or a folder of CSV files; returns what was written.  Raises FileExistsError rather than write over anything."""
    path = Path(path)
    if path.suffix.lower() == ".xlsx":
        files = {path: _workbook(made)}
    else:
        files = {path / f"{name}.csv": _csv(*table) for name, table in made.items()}
    for file in files:
        if file.exists():
            raise FileExistsError(17, "is there already; it is not written over", str(file))
    for file, data in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return list(files)


def _csv(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([written(v) for v in row] for row in rows)
    return out.getvalue().encode("utf-8")


def _workbook(made: Mapping[str, Table]) -> bytes:
    xlsxwriter = library("xlsxwriter")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": "omnisim planner's sheet", "created": datetime(2000, 1, 1)})  # the same bytes at any time of day
    bold = book.add_format({"bold": True})
    for name, (head, rows) in made.items():
        sheet = book.add_worksheet(name)
        for c, text in enumerate(head):
            sheet.write_string(0, c, text, bold)
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(r, c, value)
                else:
                    sheet.write_number(r, c, value)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(head) - 1, 12)
    book.close()
    return out.getvalue()

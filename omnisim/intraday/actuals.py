"""What has come so far: a table `date, start, channel, contacts`, one row an interval and channel.

`date` may be left out (the first day that is measured).  Contacts are all attempts to reach an agent, as `contacts_offered`.  An
interval without a row was not observed; one in which nobody came says 0.  The last row's interval ends now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from omnisim.scenario.problem import Notes, listing
from omnisim.sheets import cells
from omnisim.sheets.cells import Column, Rows
from omnisim.sheets.grid import read as read_grids

if TYPE_CHECKING:
    from omnisim.scenario import Scenario


@dataclass(frozen=True)
class Actuals:
    """Contacts by (interval's start, channel); `now`: the end of the last interval."""

    counts: dict[tuple[datetime, str], float]
    now: datetime


def read_actuals(path: str | Path, scenario: Scenario) -> Actuals:
    """Read the table and check that it fits the scenario.  Raises ScenarioError with everything that is wrong."""
    (grid,) = read_grids(path, ("actuals",)).values()
    served = [c for c, channel in scenario.channels.items() if channel.help is not None]
    clock = scenario.clock
    first = clock.start + timedelta(seconds=clock.warmup)
    end = clock.start + timedelta(seconds=clock.horizon)
    step = timedelta(seconds=clock.interval or 1800.0)
    columns = {
        "date": Column(cells.a_date, False, first.date()),
        "start": Column(cells.a_clock),
        "channel": Column(cells.a_name(served)),
        "contacts": Column(cells.a_number()),
    }
    notes = Notes()
    counts: dict[tuple[datetime, str], float] = {}
    for row, v in Rows(grid, columns, (), notes):
        at = datetime.combine(v["date"], time()) + timedelta(seconds=v["start"])
        pos = grid.pos(row, grid.head.index("start"))
        if not first <= at < end:
            notes.problem(pos, "start", f"found {at:%Y-%m-%d %H:%M}; the scenario's measured time is from {first} to {end}")
        elif (at - clock.start) % step:
            notes.problem(
                pos, "start", f"found {at:%H:%M}; intervals are {step.seconds / 60:g} min long from {clock.start:%H:%M} on (clock.interval)"
            )
        elif (at, v["channel"]) in counts:
            notes.problem(pos, "channel", f"{v['channel']} at {at:%Y-%m-%d %H:%M} stands here twice")
        else:
            counts[at, v["channel"]] = v["contacts"]
    if not counts and not notes.problems:
        notes.problem(grid.pos(1, 0), "contacts", f"has no rows; needed are: {listing(columns)}")
    notes.raise_if_any()
    now = max(at for at, _ in counts) + step
    if now >= end:
        notes.problem(
            grid.pos(grid.rows[-1][0], 0), "start", f"ends at {now:%Y-%m-%d %H:%M}, and so does the scenario: nothing is left of the day"
        )
    if len({at.date() for at, _ in counts}) > 1:
        notes.problem(grid.pos(grid.rows[-1][0], 0), "date", "speaks of several days; today is one")
    notes.raise_if_any()
    return Actuals(counts, now)

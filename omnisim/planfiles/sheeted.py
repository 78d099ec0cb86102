"""A planner's sheet on its way into a plan and back: the scenario of a day, the patterns of its shifts, the same sheet filled.

sheet, date --> scenario, patterns --staff--> plan --> the sheet, filled
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from omnisim.planfiles.tables import fill
from omnisim.report.files import write_bytes
from omnisim.scenario import Problem, ScenarioError
from omnisim.scenario.problem import listing, near
from omnisim.sheets import Sheet, read
from omnisim.staffing.plan.shifts import Pattern

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.staffing.plan.result import StaffPlan


def opened(path: str | Path, day: str | None, base: Scenario) -> tuple[Sheet, Scenario, dict[str, tuple[Pattern, ...]] | None]:
    """The sheet, the scenario of one of its days, and its shift patterns by pool (None: it has none).

    `day`: such as 2026-11-30; absent: the only one.  Raises ScenarioError.
    """
    sheet = read(path, base)
    known = {d.isoformat(): d for d in sheet.dates}
    if day is None and len(known) == 1:
        day = next(iter(known))
    if day not in known:
        hint = near(day, known) if day else None
        said = f"found {day!r}" if day else "say which day"
        words = f"{said}; the sheet has {listing(known)}" + (f" (did you mean {hint!r}?)" if hint else "")
        raise ScenarioError([Problem("--date", 1, 1, "date", words)])
    return sheet, sheet.day(base, known[day]), patterns(sheet, base) or None


def patterns(sheet: Sheet, base: Scenario) -> dict[str, tuple[Pattern, ...]]:
    """The sheet's shifts as patterns that a plan can choose from, by pool."""
    return {
        pool: tuple(Pattern(p.start, p.length, p.days, tuple((b.after, b.length, b.paid) for b in p.breaks)) for p in own)
        for pool, own in sheet.patterns(base).items()
    }


def write_filled(plan: StaffPlan, sheet: Sheet, target: str | Path) -> list[Path]:
    """The same sheet with what the plan says: a workbook or CSV file at `target`, or a folder of CSV files."""
    files: Mapping[str, bytes] = fill(plan, sheet)
    where = Path(target)
    places = {where / name: data for name, data in files.items()} if sheet.path.is_dir() else {where: next(iter(files.values()))}
    for path, data in places.items():
        write_bytes(path, data)
    return list(places)

"""What is written of a staffing plan: tables for other programs, a figure, and a page in plain words.

write(plan, folder)   plan.yaml, plan.json, plan.txt        as `StaffPlan.save`
                      half_hours.csv, shifts.csv, plan.xlsx  (the workbook where XlsxWriter is installed)
                      people.svg, plan.html                  required, scheduled and simulated level by interval; the page
fill(plan, sheet)     a planner's sheet, filled with what the plan says of each of its rows
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omnisim.planfiles.tables import fill, half_hours, shift_list, workbook
from omnisim.report.files import write as write_text
from omnisim.report.files import write_bytes

if TYPE_CHECKING:
    from omnisim.staffing.plan.result import StaffPlan

__all__ = ["fill", "half_hours", "shift_list", "write"]


def write(plan: StaffPlan, folder: str | Path) -> list[Path]:
    """Write all of it; returns the paths, the page first."""
    from omnisim.planfiles import figure, page
    from omnisim.planfiles.tables import csv_text

    where = Path(folder)
    made = [plan.save(where), where / "plan.json", where / "plan.txt"]
    for name, table in (("half_hours", half_hours(plan)), ("shifts", shift_list(plan))):
        made.append(where / f"{name}.csv")
        write_text(made[-1], csv_text(table))
    if (data := workbook(plan)) is not None:
        made.append(where / "plan.xlsx")
        write_bytes(made[-1], data)
    drawn = figure.people(plan)
    if drawn is not None:
        made.append(where / "people.svg")
        write_text(made[-1], drawn.file())
    write_text(where / "plan.html", page.html(plan, drawn))
    return [where / "plan.html", *made]

"""What the records are worth: each KPI declared once, one accumulator over the rows, one column a KPI and scope.

define("asa_s")            -> Measure: unit, formula in words, definition (no compiled code needed)
columns(tables)            -> the columns of a scenario
measure(tables, records)   -> their numbers for one run
"""

from typing import TYPE_CHECKING

from omnisim.kpis.catalogue import MEASURES, define
from omnisim.kpis.columns import Column, columns, service_level_formula, service_levels
from omnisim.kpis.declaration import Measure

if TYPE_CHECKING:
    from omnisim.kpis.measuring import Values
    from omnisim.records import Records
    from omnisim.tables import Tables

__all__ = ["MEASURES", "Column", "Measure", "columns", "define", "measure", "service_level_formula", "service_levels"]


def measure(tables: "Tables", records: "Records") -> "Values":
    """The numbers of every column of one run: `Values(num, den)`, f8[column] each, in the order of `columns(tables)`."""
    from omnisim.kpis import measuring  # compiled code: only where something is measured

    return measuring.measure(tables, records)

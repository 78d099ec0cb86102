"""Is it right?  Every case whose answer is known, simulated and compared.

formulas()                   published numbers against omnisim.staffing
cases()                      scenarios of scenarios/theory and scenarios/published
validate(...)                Report: one table, and whether every row holds
"""

from omnisim.validation.cases import Case, Judged, Length, Played, Row, judge, play
from omnisim.validation.formulas import Formula, formulas
from omnisim.validation.table import Report, all_cases, validate

__all__ = ["Case", "Formula", "Judged", "Length", "Played", "Report", "Row", "all_cases", "formulas", "judge", "play", "validate"]

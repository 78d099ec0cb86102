"""The facts beside a figure: the rows that the terminal prints, all of them, as heads and cells."""

from typing import TYPE_CHECKING

from omnisim.figures.panel import Table

if TYPE_CHECKING:
    from omnisim.experiment.finding import Finding


def table(finding: "Finding") -> Table:
    """Heads and rows of a finding; of a Pareto front with the numbers that stand in the figure."""
    if finding.name != "pareto":
        return Table(finding.heads, finding.rows, finding.names)
    order = sorted((f for f in finding.facts if f["front"]), key=lambda f: f["x"])
    number = {f["words"]: str(i) for i, f in enumerate(order, 1)}
    rows = tuple((number.get(r[0], ""), *r) for r in finding.rows)
    return Table(("nr.", *finding.heads), tuple(sorted(rows, key=lambda r: int(r[0] or 10**9))), 2)

"""Every number of a comparison as one table for spreadsheets: estimates of each strategy, then differences to the baseline.

what,strategy,kpi,channel,medium,segment,pool,interval,unit,n,mean,low,high,sd,pooled,baseline_mean,difference,...
"""

import csv as csv_
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisim.answers import Comparison

SCOPE = ("channel", "medium", "segment", "pool", "interval")
HEADS = (
    "what", "strategy", "kpi", *SCOPE, "unit", "n", "mean", "low", "high", "sd", "pooled",
    "baseline_mean", "difference", "difference_low", "difference_high", "variance_reduction",
    "p", "p_holm", "difference_low_holm", "difference_high_holm",
)  # fmt: skip
FORMULA = "=+-@|%＝＋－＠"


def csv(comparison: "Comparison") -> str:
    """The table as CSV (RFC 4180 with line feeds, UTF-8); numbers with all their digits, nothing where there is none.

    There is a column `region`, the last one, where something is said by region.
    """
    out = io.StringIO()
    table = csv_.writer(out, lineterminator="\n")
    regions = any("region" in dict(e.scope) for a in comparison.answers for e in a.estimates)
    table.writerow([*HEADS, "region"] if regions else HEADS)
    for scope, row in _rows(comparison):
        table.writerow([*row, cell(scope.get("region", ""))] if regions else row)
    return out.getvalue()


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula; control characters become spaces.

    >>> cell("=1+1"), cell("  @SUM(A1)"), cell("phone"), cell("a-b")
    ("'=1+1", "'  @SUM(A1)", 'phone', 'a-b')
    """
    plain = "".join(c if c.isprintable() else " " for c in text)
    return "'" + plain if plain.strip()[:1] and plain.strip()[0] in FORMULA else plain


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _scope(scope: tuple[tuple[str, str], ...]) -> list[str]:
    found = dict(scope)
    return [cell(found.get(key, "")) for key in SCOPE]


def _rows(comparison: "Comparison") -> Iterator[tuple[dict[str, str], list[str]]]:
    for name, answer in zip(comparison.names, comparison.answers, strict=True):
        for e in answer.estimates:
            head = ["estimate", cell(name), e.kpi, *_scope(e.scope), cell(e.unit), str(e.n)]
            yield dict(e.scope), [*head, *map(_number, (e.mean, e.low, e.high, e.sd, e.pooled)), *[""] * 9]
    for d in comparison.differences:
        head = ["difference", cell(d.strategy), d.kpi, *_scope(d.scope), cell(d.unit), str(d.n)]
        own = (d.baseline_mean, d.difference, d.low, d.high, d.variance_reduction, d.p, d.p_holm, d.low_holm, d.high_holm)
        yield dict(d.scope), [*head, _number(d.mean), *[""] * 4, *map(_number, own)]

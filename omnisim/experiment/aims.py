"""Two aims that pull apart: which points no other beats in both, and how sure that is.

points x seeds x two KPIs --estimates.pareto--> a row a point that may be on the front, with its probability
"""

from typing import Any

import numpy as np

from omnisim.estimate import CONFIDENCE, spread
from omnisim.estimates.pareto import chances, front
from omnisim.experiment.finding import Finding, column, common
from omnisim.experiment.read import Question
from omnisim.experiment.table import Table, point_text
from omnisim.kpis import define
from omnisim.text import in_words, shown, unit_of

SURE = 0.95


def aims(table: Table, question: Question) -> tuple[str, str] | None:
    """The two KPIs: what the file says, else the first two of which one end is better."""
    said = question.asked.tradeoff
    if said is not None:
        return (said[0], said[1]) if len(said) == 2 else None
    known = [k for k in question.asked.kpis if define(k).better]
    return (known[0], known[1]) if len(known) > 1 else None


def _with_half(fact: dict[str, Any], axis: str, unit: str) -> tuple[str, str]:
    """Mean and half-width of its interval."""
    return shown(fact[axis], unit), shown((fact[f"{axis}_high"] - fact[f"{axis}_low"]) / 2.0, unit)


def pareto(table: Table, question: Question) -> Finding | None:
    """The front of two KPIs; None where there are not two, or fewer than two points or seeds."""
    two = aims(table, question)
    rows = [r for r in table.rows if not r.error and r.seeds]
    seeds = common(rows)
    if two is None or len(seeds) < 2:
        return None
    at = [table.kpis.index(k) for k in two]
    values = np.array([[column(r, i, seeds) for i in at] for r in rows]).transpose(0, 2, 1)  # [point, seed, 2]
    known = np.isfinite(values).all(axis=(1, 2))
    rows, values = [r for r, k in zip(rows, known, strict=True) if k], values[known]
    if len(rows) < 2:
        return None
    sign = np.array([1.0 if define(k).better == "lower" else -1.0 for k in two])
    on, chance = front(values.mean(axis=1) * sign), chances(values * sign)
    units = [table.units.get(k, "") for k in two]
    facts: list[dict[str, Any]] = []
    for row, v, is_on, p in zip(rows, values, on, chance, strict=True):
        spreads = [spread(v[:, i]) for i in (0, 1)]
        ends = [s.interval(1.0 - CONFIDENCE) or (s.mean, s.mean) for s in spreads]
        facts.append({"point": row.n, "strategy": row.strategy, "settings": row.settings, "words": point_text(row), "x": spreads[0].mean,
                      "x_low": ends[0][0], "x_high": ends[0][1], "y": spreads[1].mean, "y_low": ends[1][0], "y_high": ends[1][1],
                      "front": bool(is_on), "probability": float(p)})  # fmt: skip
    order = sorted((f for f in facts if f["front"] or f["probability"] >= 1.0 - SURE), key=lambda f: (-f["probability"], f["point"]))
    cells = tuple(
        (f["words"], *_with_half(f, "x", units[0]), *_with_half(f, "y", units[1]), f"{100 * f['probability']:.0f}") for f in order
    )
    sure = sum(f["probability"] >= SURE for f in facts)
    beaten = sum(f["probability"] < 1.0 - SURE for f in facts)
    sentence = (
        f"{int(on.sum())} of {len(facts)} points are beaten by no other in both {in_words(two[0])} and {in_words(two[1])}; of {sure} of "
        f"them that is sure to 95 %. {beaten} points are beaten with 95 % or more ({len(seeds)} common seeds)."
    )
    heads = ("point", f"first, {unit_of(units[0]) or '1'}", "+-", f"second, {unit_of(units[1]) or '1'}", "+-", "front, %")
    note = "front: probability that no other point beats it in both, given these seeds; +-: 95 %, each point by itself."
    title = f"{in_words(two[0])} against {in_words(two[1])}: points that no other beats"
    more = {"kpis": two, "units": units}
    return Finding("pareto", title[:1].upper() + title[1:], sentence, heads, cells, tuple(facts), 1, (note,), more=more)

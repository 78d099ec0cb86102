"""Totals and paired differences of a comparison, as the figures and the page ask for them.

total(answer, "service_level")              Estimate | None
difference(comparison, kpi, "omni")         Difference | None      interval(d): Holm's where the KPI is one of the questions
paired(comparison, kpi, 1)                  strategy - baseline, f8[seed]
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from omnisim.answers import Answer, Comparison
    from omnisim.estimate import Difference, Estimate


def total(answer: "Answer", kpi: str) -> "Estimate | None":
    """The total of a KPI, None where the scenario has none."""
    return next((e for e in answer.estimates if e.kpi == kpi and e.scope == ()), None)


def difference(comparison: "Comparison", kpi: str, strategy: str) -> "Difference | None":
    """Strategy - baseline of a total, None where they do not both have it."""
    return next((d for d in comparison.differences if d.kpi == kpi and d.scope == () and d.strategy == strategy), None)


def interval(d: "Difference") -> tuple[float | None, float | None]:
    """The interval that is shown: adjusted for all questions asked where the KPI is one of them, else its own."""
    return (d.low, d.high) if d.low_holm is None else (d.low_holm, d.high_holm)


def paired(comparison: "Comparison", kpi: str, index: int) -> np.ndarray:
    """Strategy `index` - baseline of a total, f8[seed]; NaN where not both are defined; empty where they do not both have it."""
    values = []
    for answer in (comparison.baseline, comparison.answers[index]):
        column = next((j for j, c in enumerate(answer.columns) if c.kpi == kpi and c.scope == ()), None)
        if column is None:
            return np.zeros(0)
        values.append(answer.sample().value[:, column])
    return np.asarray(values[1] - values[0])


def cost_kpi(comparison: "Comparison") -> str | None:
    """The KPI that stands for cost: money with the hub in it, else money, else the agents' time; None where there is none of them."""
    for kpi in ("cost_per_resolved", "cost_to_serve", "agent_minutes_per_issue"):
        if all(total(a, kpi) is not None for a in comparison.answers):
            return kpi
    return None


def settled(low: float | None, high: float | None) -> int:
    """Sign of a difference whose interval leaves out 0, else 0."""
    if low is None or high is None:
        return 0
    return 1 if low > 0.0 else -1 if high < 0.0 else 0

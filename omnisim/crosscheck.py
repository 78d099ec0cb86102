"""The exact numbers of a scenario beside a simulation of it, and how far apart they are in standard errors.

    cross_check(scenario) --recognise--> exact rows
                          --run--------> the same KPIs over seeds      --> CrossCheck: one line a number

An exact number is a mean, or a ratio of two means.  So the simulated one is the ratio of the totals over all seeds, and its
standard error that of the residuals numerator - ratio x denominator: a mean of ratios would be biased in short runs.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnisim.answers import VERSION, Answer, run
from omnisim.estimate import CONFIDENCE, ROUNDING, t_quantile
from omnisim.replications import Progress
from omnisim.scenario import Scenario
from omnisim.staffing.known import Known, Row, recognise
from omnisim.text import label, unit_of

LIMIT = 4.0  # standard errors of a normal number
ODDS = 6.334e-5  # chance that a normal number lies further out, to either side
FEW = 10.0  # fewer contacts that add anything but 0 say nothing
COUNTED = ("abandon_rate", "delay_rate", "service_level", "conversion", "first_contact_resolution")
SHOWN = 40


@dataclass(frozen=True)
class Compared:
    """One number both ways.

    `seen`: ratio of totals over the seeds, `low`, `high` its 95 % interval, `error` its standard error; `errors`: (seen - exact) in
    standard errors.  None: so few contacts add anything but 0 that nothing can be said.  `agrees`: not further out than chance allows.
    """

    row: Row
    seen: float
    error: float
    low: float
    high: float
    errors: float | None
    agrees: bool

    @property
    def name(self) -> str:
        """The KPI in words, with where it is."""
        where = [f"{v[11:16] if k == 'interval' else v}" for k, v in sorted(self.row.scope.items())]
        words = label(self.row.kpi)
        if self.row.per is not None:
            one, other = (label(k).lower().removeprefix("contacts ") for k in (self.row.kpi, self.row.per[0]))
            words = f"Share of {one}" if one == other else f"{one} / {other}".capitalize()
        return ", ".join([words, *where])


@dataclass(frozen=True)
class CrossCheck:
    """A scenario's exact model, and its numbers both ways; `limit`: standard errors that chance does not exceed with so few seeds."""

    answer: Answer
    known: Known
    rows: tuple[Compared, ...]
    limit: float

    @property
    def agrees(self) -> bool:
        """Whether every number agrees."""
        return all(r.agrees for r in self.rows)

    def table(self) -> str:
        """The numbers side by side as text of at most 80 columns; those by interval only where they are few, or apart."""
        return _table(self)

    def text(self) -> str:
        """What is compared, the table, and what it means."""
        a, out = self.answer, [r for r in self.rows if not r.agrees]
        head = f"{a.scenario.name}: {self.known.model}. Exact: {self.known.source}. Simulated: {len(a.seeds)} seeds from {a.seeds[0]}, "
        verdict = (
            f"All {len(self.rows)} numbers agree: none is {self.limit:.1f} standard errors out, which is as far as chance goes once in "
            f"16,000 numbers of {len(a.seeds)} seeds (4.0 with many seeds)."
            if not out
            else f"{len(out)} of {len(self.rows)} numbers (*) are further out than chance allows ({self.limit:.1f} standard errors): the "
            "simulation and the formula do not describe the same queue."
        )
        notes = [verdict, "+-: half of the 95 % interval over seeds; s.e.: (simulated - exact) in standard errors."]
        if self.known.note:
            notes.insert(0, f"Also exact: {self.known.note}.")
        return "\n\n".join([_filled(head + f"engine {a.engine}."), self.table(), "\n".join(map(_filled, notes))])

    def to_json(self) -> dict[str, Any]:
        """The machine-readable answer."""
        return {
            "omnisim": VERSION,
            "command": "exact",
            "scenario": self.answer.scenario.name,
            "engine": self.answer.engine,
            "seeds": list(self.answer.seeds),
            "model": self.known.model,
            "source": self.known.source,
            "note": self.known.note,
            "limit": self.limit,
            "agrees": self.agrees,
            "rows": [_json(r) for r in self.rows],
        }


def _json(r: Compared) -> dict[str, Any]:
    per = None if r.row.per is None else {"name": r.row.per[0], "scope": dict(r.row.per[1])}
    out = {"name": r.row.kpi, "scope": dict(r.row.scope), "per": per, "unit": r.row.unit, "exact": r.row.value}
    seen = {"simulated": r.seen, "low": r.low, "high": r.high, "standard_error": r.error}
    return {**out, **seen, "standard_errors": _finite(r.errors), "agrees": r.agrees}


def _finite(x: float | None) -> float | None:
    return x if x is not None and math.isfinite(x) else None


def cross_check(
    scenario: Scenario,
    seeds: int = 20,
    seed: int = 1,
    *,
    engine: str = "auto",
    workers: int | None = None,
    progress: Progress | None = None,
    known: Known | None = None,
) -> CrossCheck:
    """Exact and simulated.  `seeds`: two or more.  `known`: what is exact, if it is to be another than the scenario's own model.

    Raises `staffing.known.Stops` where the scenario is no known model, ValueError for a single seed.
    """
    if seeds < 2:
        raise ValueError("a standard error needs two seeds or more")
    model = recognise(scenario) if known is None else known
    answer = run(scenario, seeds, seed, engine=engine, workers=workers, progress=progress)
    limit = t_quantile(1 - ODDS / 2, seeds - 1)
    return CrossCheck(answer, model, tuple(_compare(answer, row, limit) for row in model.rows), limit)


def _totals(answer: Answer, kpi: str, scope: Mapping[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Numerators and denominators of one KPI by seed."""
    wanted = dict(scope)
    at = [j for j, c in enumerate(answer.columns) if c.kpi == kpi and dict(c.scope) == wanted]
    if not at:
        raise ValueError(f"{kpi} is not measured for {wanted or 'the total'}")
    return answer.num[:, at[0]], answer.den[:, at[0]]


def _compare(answer: Answer, row: Row, limit: float) -> Compared:
    num, den = _totals(answer, row.kpi, row.scope)
    if row.per is not None:
        den = _totals(answer, *row.per)[0]  # two counts of the same run: their ratio
    n = len(num)
    total = math.fsum(den)
    if total == 0:
        return Compared(row, math.nan, math.nan, math.nan, math.nan, None, True)
    seen = math.fsum(num) / total
    residual = num - seen * den
    error = math.sqrt(math.fsum(residual**2) / (n - 1) * n) / total
    size = max(abs(row.value), abs(seen))
    if error <= ROUNDING * size:
        error = 0.0
    half = t_quantile(0.5 + CONFIDENCE / 2, n - 1) * error
    if row.kpi in COUNTED or (row.per is not None and row.unit == "share"):  # what chance there is, however few the seeds that show it
        error = max(error, math.sqrt(max(row.value * (1 - row.value), 0.0) / total))
    apart = seen - row.value
    if abs(apart) <= ROUNDING * size:
        errors: float | None = 0.0
    elif row.chance * math.fsum(_totals(answer, "contacts_offered", {})[0]) < FEW:
        errors = None
    else:
        errors = apart / error if error > 0 else math.copysign(math.inf, apart)
    return Compared(row, seen, error, seen - half, seen + half, errors, errors is None or abs(errors) <= limit)


def _table(c: CrossCheck) -> str:
    lines = [f"{'KPI':<32}{'unit':>10}{'exact':>11}{'simulated':>11}{'+-':>9}{'s.e.':>7}"]
    by_interval = [r for r in c.rows if "interval" in r.row.scope]
    short = len(by_interval) > SHOWN
    for r in c.rows:
        if short and "interval" in r.row.scope and r.agrees:
            continue
        times, unit = (100.0, "%") if r.row.unit == "share" else (1.0, unit_of(r.row.unit))
        exact, seen, half = _digits(times * r.row.value), _digits(times * r.seen), f"{times * (r.high - r.low) / 2:.2g}"
        errors = "few" if r.errors is None else f"{r.errors:+.1f}" if math.isfinite(r.errors) else "inf"
        lines.append(f"{r.name[:31]:<32}{unit[:9]:>10}{exact:>11}{seen:>11}{half:>9}{errors:>6}{'' if r.agrees else '*'}")
    if short:
        furthest = max(abs(r.errors or 0.0) for r in by_interval)
        lines.append(f"and {len(by_interval)} by interval, none further than {furthest:.1f} standard errors but those shown (all: --json).")
    return "\n".join(lines)


def _filled(text: str) -> str:
    return textwrap.fill(text, 80)


def _digits(x: float) -> str:
    """Five digits that count.

    >>> _digits(46.77741), _digits(0.0), _digits(2304000.0)
    ('46.777', '0', '2.304e+06')
    """
    return f"{x:.5g}"

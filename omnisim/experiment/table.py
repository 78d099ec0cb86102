"""What an experiment found: one row a point, the numbers of every seed, and what a person reads of it.

Table.rows -> Row: strategy, settings, values f8[seed, kpi]        leaders(table) -> text of at most 80 columns
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.estimate import CONFIDENCE, Spread, holm, spread, t_test
from omnisim.estimates.selection import Selection
from omnisim.kpis import define
from omnisim.scenario.problem import printable
from omnisim.scenario.yamltext import flow
from omnisim.text import fitted, in_words, interval, label, shown, unit_of

if TYPE_CHECKING:
    from omnisim.experiment.finding import Finding
    from omnisim.experiment.read import Question

SHOWN = 20  # rows of the leader table
ONLY = "scenario"  # what the strategy of an experiment that names none is called


@dataclass(frozen=True)
class Row:
    """One point: `values` f8[seed, kpi], NaN where undefined; `failed`: seeds whose replication ended with an error.

    `enough`: whether the rule that says how many seeds are needed was content (a fixed number always is).
    """

    n: int
    cell: int
    strategy: str
    settings: dict[str, Any]
    seeds: tuple[int, ...]
    values: np.ndarray = field(repr=False)
    failed: Mapping[int, str] = field(default_factory=dict)
    enough: bool = True
    error: str = ""  # the point makes no scenario

    def spread(self, kpi: int) -> Spread | None:
        """Mean and standard deviation of one KPI over the seeds, None where no seed defines it."""
        known = self.values[:, kpi][np.isfinite(self.values[:, kpi])]
        return spread(known) if len(known) else None


@dataclass(frozen=True)
class Counts:
    """How a sweep went: replications taken from the store, computed, failed; `damaged`: rows that had to be computed anew."""

    kept: int = 0
    computed: int = 0
    failed: int = 0
    damaged: int = 0


@dataclass(frozen=True)
class Table:
    """The answer of an experiment: `units` by KPI, `rows` in the order of the design."""

    name: str
    question: str
    kpis: tuple[str, ...]
    units: dict[str, str]
    rows: tuple[Row, ...]
    counts: Counts
    baseline: str
    over: str = ""  # which budget ended the sweep before its time
    settled_by: str = ""  # the KPI whose paired differences were to be settled
    asks: "Question | None" = field(default=None, repr=False)  # what was asked: design, strategies, rule of the seeds
    race: Selection | None = None  # the selection of the best among the points that make a scenario, where it was asked for

    @cached_property
    def ranked(self) -> tuple[Row, ...]:
        """Points with a value of the first KPI, the best first (where neither direction is better: the largest).

        Where the best was selected, it comes first: of one that dropped out early a lucky mean of few seeds may be left.
        """
        sign = 1.0 if define(self.kpis[0]).better == "lower" else -1.0
        runners = [r for r in self.rows if not r.error]
        best = runners[self.race.best].n if self.race is not None and self.race.best is not None else -1
        known = [(r.n != best, sign * s.mean, r.n, r) for r in self.rows if (s := r.spread(0)) is not None]
        return tuple(r for *_, r in sorted(known, key=lambda k: k[:3]))

    @cached_property
    def findings(self) -> "tuple[Finding, ...]":
        """What the analyses that fit the design found."""
        from omnisim.experiment.analyse import analyse

        return analyse(self, self.asks) if self.asks is not None else ()

    def __str__(self) -> str:
        return "\n\n".join([leaders(self), *(str(f) for f in self.findings if f.printed)])

    def to_json(self) -> dict[str, Any]:
        """As plain data: {"experiment", "question", "kpis", "points": [...], "counts"}; a mean is None where nothing defines it."""
        points = []
        for row in self.rows:
            found = {}
            for i, kpi in enumerate(self.kpis):
                s = row.spread(i)
                low, high = (s.interval(1.0 - CONFIDENCE) or (None, None)) if s else (None, None)
                found[kpi] = {"mean": s.mean if s else None, "low": low, "high": high, "sd": s.sd if s else None, "n": s.n if s else 0}
            head = {"point": row.n, "strategy": row.strategy, "settings": row.settings, "seeds": list(row.seeds), "enough": row.enough}
            points.append({**head, "failed": {str(k): v for k, v in row.failed.items()}, "error": row.error, "kpis": found})
        counts = {"computed": self.counts.computed, "kept": self.counts.kept, "failed": self.counts.failed, "damaged": self.counts.damaged}
        head = {"experiment": self.name, "question": self.question, "kpis": [{"name": k, "unit": self.units.get(k, "")} for k in self.kpis]}
        return {**head, "baseline": self.baseline, "points": points, "counts": counts, "over": self.over} | {
            "findings": [f.to_json() for f in self.findings]
        }


def behind(table: Table) -> dict[int, tuple[Spread, bool]]:
    """For each ranked point but the first: its paired difference to the first in the first KPI, and whether it is a finding.

    Over the seeds that both have; adjusted for all these comparisons (Holm).  The first is the one that looks best, so its lead is
    a little flattered; a selection with a promise is another question.
    """
    if not table.ranked:
        return {}
    first = table.ranked[0]
    own = dict(zip(first.seeds, first.values[:, 0].tolist(), strict=True))
    found: dict[int, Spread] = {}
    for row in table.ranked[1:]:
        both = [(own[s], v) for s, v in zip(row.seeds, row.values[:, 0].tolist(), strict=True) if s in own]
        a, b = np.array(both).reshape(-1, 2).T
        known = np.isfinite(a) & np.isfinite(b)
        if known.sum() > 1:
            found[row.n] = spread(b[known] - a[known], float(max(np.abs(a[known]).max(), np.abs(b[known]).max())))
    adjusted, _ = holm([t_test(s) or 0.0 for s in found.values()])
    return {n: (s, p <= 1.0 - CONFIDENCE) for (n, s), p in zip(found.items(), adjusted, strict=True)}


def leaders(table: Table) -> str:
    """The best points by the first KPI, with its interval and how far the others are behind; at most 80 columns."""
    kpi, unit = table.kpis[0], table.units.get(table.kpis[0], "")
    lines = [f"{label(kpi)} ({unit_of(unit)}), {in_order(kpi)}"]
    lines.append(f"{'':>3} {'point':<34}{'seeds':>6}{'mean':>9}{'95 % interval':>19}{'behind':>8}")
    gaps = behind(table)
    for place, row in enumerate(table.ranked[:SHOWN], 1):
        s = row.spread(0)
        assert s is not None
        low, high = s.interval(1.0 - CONFIDENCE) or (None, None)
        gap = "" if row.n not in gaps else fitted(abs(gaps[row.n][0].mean), unit, 6) + ("*" if gaps[row.n][1] else " ")
        span = interval(low, high, unit)
        span = span if len(span) <= 18 else f"[{fitted(low, unit, 8)}, {fitted(high, unit, 8)}]" if low is not None else "-"
        mark = "" if row.enough else "?"
        lines.append(f"{place:>3} {point_text(row)[:34]:<34}{f'{len(row.seeds)}{mark}':>6}{fitted(s.mean, unit, 8):>9}{span:>19}{gap:>8}")
    if len(table.ranked) > SHOWN:
        lines.append(f"    and {len(table.ranked) - SHOWN} more: omnisim export")
    lines += _notes(table, bool(gaps))
    return "\n".join(line.rstrip() for line in lines)


def point_text(row: Row) -> str:
    """Strategy (where there are several: an only one is called scenario) and settings in one line."""
    settings = [f"{k} {brief(v)}" for k, v in row.settings.items()]
    return printable(", ".join(settings if settings and row.strategy == ONLY else [row.strategy, *settings]))


def brief(value: Any) -> str:
    """A setting in few letters: a place drawn from a range has more digits than anybody reads.

    >>> brief("41.2375686318 s"), brief(0.25), brief("1234.5 /d")
    ('41.238 s', '0.25', '1234.5 /d')
    """
    return re.sub(r"\d+\.\d{4,}", lambda m: f"{float(m[0]):.5g}", flow(value))


def in_order(kpi: str) -> str:
    """How points are put in order."""
    better = define(kpi).better
    return "the best first" if better else "the largest first"


def _notes(table: Table, gaps: bool) -> list[str]:
    out = []
    if gaps:
        out.append("* another than the first, on the same seeds (paired, Holm for all rows).")
    if any(not r.enough for r in table.rows):
        out.append("? the seeds allowed leave open what was asked.")
    wrong = [r for r in table.rows if r.error]
    if wrong:
        out.append(f"{len(wrong)} points make no scenario; the first: {printable(wrong[0].error)}"[:160])
    if table.counts.failed:
        error = next((printable(text) for r in table.rows for text in r.failed.values()), "")
        out.append(f"{table.counts.failed} replications failed; the first: {error}"[:160])
    return out


def settled_sentences(table: Table, kpi: str) -> list[str]:
    """For each cell, or all of them together where there are many: how many seeds settled the sign of the differences."""
    which = table.kpis.index(kpi)
    cells: dict[int, list[Row]] = {}
    for row in table.rows:
        if not row.error:
            cells.setdefault(row.cell, []).append(row)
    out = []
    for rows in cells.values():
        base = next((r for r in rows if r.strategy == table.baseline), None)
        for row in rows:
            if base is None or row is base:
                continue
            diffs = row.values[:, which] - base.values[:, which]
            s = spread(diffs[np.isfinite(diffs)]) if np.isfinite(diffs).any() else None
            if s is None:
                continue
            unit = table.units[kpi]
            verb = "settle" if row.enough else "do not settle"
            text = f"{len(row.seeds)} seeds {verb} the sign of {in_words(kpi)}, {point_text(row)} against {base.strategy}: "
            out.append(text + f"{shown(s.mean, unit, True)} {'points' if unit == 'share' else unit_of(unit)}")
    return out

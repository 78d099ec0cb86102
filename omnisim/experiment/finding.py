"""What an analysis found: a title, a table of at most 80 columns, facts for machines and figures, one sentence that can be trusted.

Table, Question --analyse--> [Finding, ...] --printed--> text
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from omnisim.experiment.read import Question
from omnisim.experiment.table import Row, Table, brief
from omnisim.scenario.problem import printable

WIDTH = 80
SHOWN = 16  # rows that are printed

Facts = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Finding:
    """`heads`, `rows`: the printed table, the first `names` columns are words; `facts`: every number, unrounded, one dict a row."""

    name: str
    title: str
    sentence: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    facts: Facts
    names: int = 1
    notes: tuple[str, ...] = ()
    printed: bool = True  # whether the terminal shows its table
    more: dict[str, Any] = field(default_factory=dict)  # what a figure needs beside the facts

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"name": self.name, "title": self.title, "sentence": self.sentence, "facts": list(self.facts), "notes": list(self.notes)}

    def __str__(self) -> str:
        return text(self)


def text(finding: Finding) -> str:
    """Title, table, sentence and notes, at most 80 columns wide."""
    import textwrap

    out = [printable(finding.title)[:WIDTH]]
    if finding.rows:
        out += _table(finding.heads, finding.rows[:SHOWN], finding.names)
        if len(finding.rows) > SHOWN:
            out.append(f"and {len(finding.rows) - SHOWN} more: --json")
    for line in (finding.sentence, *finding.notes):
        out += textwrap.wrap(printable(line), WIDTH, break_on_hyphens=False)
    return "\n".join(line.rstrip() for line in out)


def _table(heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...], names: int) -> list[str]:
    """Columns as wide as they need; words are cut where the line would be too long."""
    cells = [[printable(c) for c in row] for row in (heads, *rows)]
    wide = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    room = WIDTH - sum(wide[names:]) - 2 * (len(heads) - 1)
    while sum(wide[:names]) > room and max(wide[:names]) > 4:
        wide[wide.index(max(wide[:names]))] -= 1
    lines = []
    for row in cells:
        words = [f"{c[:w]:<{w}}" for c, w in zip(row[:names], wide, strict=False)]
        numbers = [f"{c:>{w}}" for c, w in zip(row[names:], wide[names:], strict=True)]
        lines.append("  ".join([*words, *numbers])[:WIDTH])
    return lines


@dataclass(frozen=True)
class Target:
    """What is analysed: the first KPI of one strategy, or its paired difference to the baseline.

    `values` f8[point, seed] over `cells`, all defined; `seeds` those that every point has.
    """

    words: str
    kpi: str
    unit: str
    difference: bool
    strategy: str
    cells: tuple[int, ...]
    seeds: tuple[int, ...]
    values: np.ndarray
    left_out: int  # cells without a value in some seed


def targets(table: Table, question: Question) -> list[Target]:
    """One target for an only strategy; with a baseline, the difference of every other strategy to it."""
    names = list(question.strategies)
    if len(names) == 1:
        return [t for t in [_target(table, question, names[0], None)] if t]
    return [t for t in (_target(table, question, name, names[0]) for name in names[1:]) if t]


def _target(table: Table, question: Question, strategy: str, baseline: str | None) -> Target | None:
    kpi = table.kpis[0]
    by = {(r.cell, r.strategy): r for r in table.rows if not r.error and r.seeds}
    wanted = [strategy] if baseline is None else [strategy, baseline]
    cells = [c for c in range(len(question.cells)) if all((c, s) in by for s in wanted)]
    if not cells:
        return None
    seeds = common([by[c, s] for c in cells for s in wanted])
    parts = [np.array([column(by[c, s], 0, seeds) for c in cells]) for s in wanted]
    values = parts[0] if baseline is None else parts[0] - parts[1]
    known = np.isfinite(values).all(axis=1) if len(seeds) else np.zeros(len(cells), bool)
    if not known.any():
        return None
    words = strategy if baseline is None else f"{strategy} - {baseline}"
    left = tuple(c for c, k in zip(cells, known, strict=True) if k)
    missing = len(question.cells) - len(left)
    return Target(words, kpi, table.units.get(kpi, ""), baseline is not None, strategy, left, seeds, values[known], missing)


def common(rows: list[Row]) -> tuple[int, ...]:
    """The seeds that all rows have, in order."""
    if not rows:
        return ()
    shared = set(rows[0].seeds).intersection(*(r.seeds for r in rows))
    return tuple(s for s in rows[0].seeds if s in shared)


def column(row: Row, kpi: int, seeds: tuple[int, ...]) -> np.ndarray:
    """The values of one KPI at some seeds, f8[seed]."""
    at = {s: i for i, s in enumerate(row.seeds)}
    return np.asarray(row.values[[at[s] for s in seeds], kpi])


def settings_text(settings: dict[str, Any]) -> str:
    """Settings in one line.

    >>> settings_text({"agents": 3, "calls": "900 /d"})
    'agents 3, calls 900 /d'
    """
    return printable(", ".join(f"{k} {brief(v)}" for k, v in settings.items()))

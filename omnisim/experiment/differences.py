"""Every strategy against the baseline at every point, and the best point among all: paired, adjusted, promised.

Table --paired by seed, Holm over all cells--> differences        --Kim and Nelson, where the file asks for it--> selection
                                              --the leader against the next ones, seed after seed--> convergence
"""

from typing import Any

import numpy as np

from omnisim.estimate import CONFIDENCE, Spread, holm, spread, t_test
from omnisim.estimates.selection import Selection
from omnisim.experiment.finding import Finding, column, common
from omnisim.experiment.read import Question
from omnisim.experiment.table import Row, Table, point_text
from omnisim.kpis import define
from omnisim.text import fitted, in_words, interval, label, shown, unit_of

CONTENDERS = 4


def points_of(unit: str) -> str:
    """The unit of a difference in words."""
    return "points" if unit == "share" else unit


def differences(table: Table, question: Question) -> Finding | None:
    """Of the first KPI: each strategy less the baseline, in each cell, Holm over all; None with one strategy or one seed."""
    kpi, unit = table.kpis[0], table.units.get(table.kpis[0], "")
    base = {r.cell: r for r in table.rows if r.strategy == table.baseline and not r.error}
    found: list[tuple[Row, Spread]] = []
    for row in table.rows:
        against = base.get(row.cell)
        if against is None or row is against or row.error:
            continue
        s = paired(against, row)
        if s is not None and s.sd is not None:
            found.append((row, s))
    if not found:
        return None
    adjusted, errors = holm([t_test(s) or 0.0 for _, s in found])
    better = define(kpi).better
    facts: list[dict[str, Any]] = []
    for (row, s), p, error in zip(found, adjusted, errors, strict=True):
        low, high = s.interval(error) or (s.mean, s.mean)
        verdict = "open" if p > 1.0 - CONFIDENCE else _sense(s.mean, better)
        facts.append(
            {"cell": row.cell, "strategy": row.strategy, "settings": row.settings, "seeds": s.n, "difference": s.mean, "low": low,
             "high": high, "p": p, "verdict": verdict}
        )  # fmt: skip
    rows = tuple(
        (point_text(row), str(f["seeds"]), shown(f["difference"], unit, True), interval(f["low"], f["high"], unit, True), f["verdict"])
        for (row, _), f in zip(found, facts, strict=True)
    )
    words = {v: sum(f["verdict"] == v for f in facts) for v in ("better", "worse", "more", "less", "equal", "open")}
    told = ", ".join(f"{'not settled' if v == 'open' else v} in {n}" for v, n in words.items() if n)
    title = f"{label(kpi)} against {table.baseline}, {points_of(unit) or 'difference'}, Holm for {len(facts)} comparisons"
    sentence = f"Of {len(facts)} comparisons with {table.baseline} in {in_words(kpi)}: {told}; the chance of any false finding is 5 %."
    heads = ("point", "seeds", "diff.", "95 % interval", "")
    return Finding("differences", title, sentence, heads, rows, tuple(facts))


def _sense(mean: float, better: str | None) -> str:
    if mean == 0.0:
        return "equal"
    if not better:
        return "more" if mean > 0.0 else "less"
    return "better" if (mean > 0.0) == (better == "higher") else "worse"


def paired(base: Row, row: Row, kpi: int = 0) -> Spread | None:
    """The difference row - base over the seeds in which both are defined; None if there is none."""
    seeds = common([base, row])
    a, b = column(base, kpi, seeds), column(row, kpi, seeds)
    known = np.isfinite(a) & np.isfinite(b)
    if not known.any():
        return None
    return spread(b[known] - a[known], float(max(np.abs(a[known]).max(), np.abs(b[known]).max())))


def selection(table: Table, question: Question) -> Finding | None:
    """Who won the selection of the best, who dropped out when; None where none was asked for."""
    race, until = table.race, question.asked.seeds.until
    if race is None or until is None or until.best_within is None:
        return None
    kpi, unit = until.kpi, table.units.get(until.kpi, "")
    rows = [r for r in table.rows if not r.error]
    at = table.kpis.index(kpi)
    facts: list[dict[str, Any]] = []
    for i, row in enumerate(rows):
        s = row.spread(at)
        state = "best" if i == race.best else "dropped" if i in race.dropped else "in"
        facts.append({"point": row.n, "strategy": row.strategy, "settings": row.settings, "seeds": len(row.seeds), "state": state,
                      "mean": s.mean if s else None})  # fmt: skip
    order = sorted(range(len(rows)), key=lambda i: (i != race.best, -len(rows[i].seeds), rows[i].n))
    cells = tuple((point_text(rows[i]), str(facts[i]["seeds"]), shown(facts[i]["mean"], unit), str(facts[i]["state"])) for i in order)
    return Finding(
        "selection",
        f"The best by {in_words(kpi)}, within {shown(until.best_within, unit)} {points_of(unit)}",
        _selected(rows, race, kpi, until.best_within, unit),
        ("point", "seeds", f"mean, {unit_of(unit) or '1'}", ""),
        cells,
        tuple(facts),
        notes=("Seeds by Kim and Nelson (2001): who lags too far behind gets no more of them; a mean of few seeds is a first look.",),
    )


def _selected(rows: list[Row], race: Selection, kpi: str, within: float, unit: str) -> str:
    spent = sum(len(r.seeds) for r in rows)
    if race.best is None:
        return f"{len(race.alive)} of {len(rows)} points are still in after {race.n} seeds: the seeds allowed do not tell the best."
    return (
        f"With a probability of 95 % at least, {point_text(rows[race.best])} is the best of {len(rows)} points in {in_words(kpi)} or "
        f"within {shown(within, unit)} {points_of(unit)} of it; {spent} replications instead of {len(rows) * race.n}."
    )


def convergence(table: Table, question: Question) -> Finding | None:
    """The leader against the next ones after 2, 3, ... seeds: facts of a figure; None with one point or two seeds."""
    ranked = table.ranked
    if len(ranked) < 2:
        return None
    kpi, unit, first = table.kpis[0], table.units.get(table.kpis[0], ""), ranked[0]
    facts, rows = [], []
    for row in ranked[1 : 1 + CONTENDERS]:
        seeds = common([first, row])
        diffs = column(row, 0, seeds) - column(first, 0, seeds)
        known = diffs[np.isfinite(diffs)]
        since = None
        for n in range(2, len(known) + 1):
            s = spread(known[:n])
            low, high = s.interval(1.0 - CONFIDENCE) or (s.mean, s.mean)
            since = (since or n) if low > 0.0 or high < 0.0 else None
            facts.append({"strategy": point_text(row), "seeds": n, "difference": s.mean, "low": low, "high": high})
        if len(known) > 1:
            rows.append((point_text(row), str(len(known)), fitted(s.mean, unit, 9, True), interval(low, high, unit, True),
                         "-" if since is None else str(since)))  # fmt: skip
    if not facts:
        return None
    title = f"{label(kpi)} of the next ones less that of the leader, {point_text(first)}, seed after seed"
    told = sum(r[-1] != "-" for r in rows)
    sentence = (
        f"After {len(first.seeds)} seeds the plain 95 % interval leaves out 0 for {told} of the {len(rows)} points that follow the leader."
    )
    heads = ("point", "seeds", "diff.", "95 % interval", "leaves out 0 since")
    notes = ("Looked at after every seed, an interval leaves out 0 by luck more often than in 5 %: this shows when it calmed down.",)
    more = {"kpi": kpi, "unit": unit, "leader": point_text(first)}
    return Finding("convergence", title, sentence, heads, tuple(rows), tuple(facts), notes=notes, printed=False, more=more)


def headline(table: Table) -> str:
    """The answer in one sentence: which point leads, by what number, and how many cannot be told from it."""
    from omnisim.experiment.table import behind, in_order

    if not table.ranked:
        return "No point has a value of the first KPI."
    first, kpi = table.ranked[0], table.kpis[0]
    unit, s = table.units.get(kpi, ""), table.ranked[0].spread(0)
    assert s is not None
    gaps = behind(table)
    close = [r for r in table.ranked[1:] if r.n in gaps and not gaps[r.n][1]]
    low, high = s.interval(1.0 - CONFIDENCE) or (None, None)
    verb = "is best" if in_order(kpi).startswith("the best") else "is largest"
    text = f"{label(kpi)} {verb} with {point_text(first)}: {shown(s.mean, unit)} {unit_of(unit)}".rstrip()
    if low is None:
        return text + " in one replication; no interval."
    text += f" {interval(low, high, unit)}, {s.n} seeds"
    told = len(gaps) - len(close)
    if not gaps:
        return text + "."
    if not close:
        return text + f"; each of the other {told} points is worse on the same seeds (paired, Holm)."
    some = f"; {told} of the other {len(gaps)} points are worse on the same seeds (paired, Holm), " if told else "; "
    names = point_text(close[0]) if len(close) == 1 else f"{len(close)}"
    return text + some + f"{names} cannot be told from it."

"""What the levels of each factor do: main effects of a full factorial, or steps away from a base.

cells, values f8[point, seed] --estimates.effects--> a row a factor and level, what varies most first
"""

from typing import Any

import numpy as np

from omnisim.estimate import CONFIDENCE, Spread, holm, spread, t_test
from omnisim.estimates.effects import MainEffect, main_effect
from omnisim.experiment.differences import points_of
from omnisim.experiment.finding import Finding, Target, column, common, targets
from omnisim.experiment.read import Question
from omnisim.experiment.table import Table
from omnisim.scenario.yamltext import flow
from omnisim.text import in_words, interval, label, shown, unit_of

STRATEGY = "strategy"


def main_effects(table: Table, question: Question) -> Finding | None:
    """Of a full factorial: the mean effect of every level over all that is varied beside it, the strategy being one factor of it.

    None where a point is missing (the effects of one factor would hold those of another) or nothing is varied.
    """
    rows = [r for r in table.rows if not r.error and r.seeds]
    if len(rows) < len(question.cells) * len(question.strategies) or len(rows) < 2:
        return None
    seeds = common(rows)
    values = np.array([column(r, 0, seeds) for r in rows])
    if len(seeds) < 2 or not np.isfinite(values).all():
        return None
    names = list(question.strategies)
    said = enumerate(question.asked.factors)
    factors = {f: (np.array([question.cells[r.cell].levels[i] for r in rows]), _shown(question, i)) for i, f in said}
    if len(names) > 1:
        factors = {STRATEGY: (np.array([names.index(r.strategy) for r in rows]), names)} | factors
    factors = {f: (level, shown_) for f, (level, shown_) in factors.items() if level.max() > 0}
    found = {f: (main_effect(level, values), shown_) for f, (level, shown_) in factors.items()}
    if not found:
        return None
    order = sorted(found, key=lambda f: -found[f][0].share)
    return _told(table, {f: found[f] for f in order}, float(values.mean()), len(seeds))


def _shown(question: Question, factor: int) -> list[str]:
    """The levels of a factor as they are shown, by number."""
    name = list(question.asked.factors)[factor]
    found = {c.levels[factor]: flow(c.settings[name]) for c in question.cells}
    return [found[i] for i in sorted(found)]


def _told(table: Table, found: dict[str, tuple[MainEffect, list[str]]], mean: float, n: int) -> Finding:
    kpi, unit = table.kpis[0], table.units.get(table.kpis[0], "")
    facts: list[dict[str, Any]] = []
    rows = []
    for factor, (effect, levels) in found.items():
        for i, (level, s) in enumerate(zip(levels, effect.levels, strict=True)):
            low, high = s.interval(1.0 - CONFIDENCE) or (s.mean, s.mean)
            facts.append({"factor": factor, "level": level, "effect": s.mean, "low": low, "high": high, "mean": mean + s.mean,
                          "share": effect.share})  # fmt: skip
            names = (factor, f"{100 * effect.share:.0f}") if i == 0 else ("", "")
            rows.append((names[0], level, shown(mean + s.mean, unit), shown(s.mean, unit, True), interval(low, high, unit, True), names[1]))
    rest = max(0.0, 1.0 - sum(e.share for e, _ in found.values()))
    first, (strongest, levels) = next(iter(found.items()))
    low, high = strongest.span.interval(1.0 - CONFIDENCE) or (strongest.span.mean, strongest.span.mean)
    sentence = (
        f"{first} moves {in_words(kpi)} most: {levels[strongest.top]} instead of {levels[strongest.bottom]} adds "
        f"{shown(strongest.span.mean, unit)} {points_of(unit)} {interval(low, high, unit)} on average over all else ({n} seeds)."
    )
    note = f"Share: of all differences between points, made by this factor alone; what is left, {100 * rest:.0f} %, they make together."
    heads = ("factor", "level", f"mean, {unit_of(unit) or '1'}", "effect", "95 % interval", "share, %")
    title = f"Main effects on {in_words(kpi)}, over all that is varied beside them"
    return Finding("effects", title, sentence, heads, tuple(rows), tuple(facts), 2, (note,), more={"kpi": kpi, "unit": unit, "mean": mean})


def steps(table: Table, question: Question) -> Finding | None:
    """One at a time: each level of each factor against the base point, of the first KPI or its difference to the baseline."""
    facts: list[dict[str, Any]] = []
    unit = table.units.get(table.kpis[0], "")
    spreads: list[Spread] = []
    for target in targets(table, question):
        if len(target.seeds) < 2 or 0 not in target.cells:
            continue
        base = target.values[target.cells.index(0)]
        for row, cell in zip(target.values, target.cells, strict=True):
            moved = [f for f in question.asked.factors if question.cells[cell].settings[f] != question.cells[0].settings[f]]
            if cell == 0 or len(moved) != 1:
                continue
            s = spread(row - base, float(max(np.abs(row).max(), np.abs(base).max())))
            spreads.append(s)
            facts.append({"of": target.words, "factor": moved[0], "level": flow(question.cells[cell].settings[moved[0]]),
                          "base": flow(question.cells[0].settings[moved[0]]), "effect": s.mean, "seeds": s.n})  # fmt: skip
    if not facts:
        return None
    adjusted, errors = holm([t_test(s) or 0.0 for s in spreads])
    for f, s, p, error in zip(facts, spreads, adjusted, errors, strict=True):
        f["low"], f["high"] = s.interval(error) or (s.mean, s.mean)
        f["p"] = p
    widest = {f["factor"]: max(abs(g["effect"]) for g in facts if g["factor"] == f["factor"]) for f in facts}
    facts.sort(key=lambda f: -widest[f["factor"]])
    several = len({f["of"] for f in facts}) > 1
    rows = tuple(
        (f["factor"] + (f" ({f['of']})" if several else ""), f"{f['base']} -> {f['level']}", shown(f["effect"], unit, True),
         interval(f["low"], f["high"], unit, True), "" if f["p"] <= 1.0 - CONFIDENCE else "open")
        for f in facts
    )  # fmt: skip
    kpi, top = table.kpis[0], max(facts, key=lambda f: abs(f["effect"]))
    sentence = (
        f"{top['factor']} moves {in_words(kpi)} most: {top['level']} instead of {top['base']} changes it by "
        f"{shown(top['effect'], unit, True)} {points_of(unit)} {interval(top['low'], top['high'], unit, True)}, all else as in the base."
    )
    notes = ("Paired, Holm for all steps. One at a time sees no interaction: what two changes do together may be another thing.",)
    what = facts[0]["of"] if not several and targets(table, question)[0].difference else ""
    title = f"{label(kpi)}{f' ({what})' if what else ''}, {points_of(unit) or '1'}: one step away from the base"
    return Finding("steps", title, sentence, ("factor", "step", "effect", "95 % interval", ""), rows, tuple(facts), 2, notes,
                   more={"kpi": kpi, "unit": unit})  # fmt: skip


def name_of(target: Target) -> str:
    """What a target is, for a title."""
    words = in_words(target.kpi)
    return f"{words} ({target.words})" if target.difference else words

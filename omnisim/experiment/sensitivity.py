"""Which factors matter, and how the KPI bends over them: Sobol indices, elementary effects, a response surface.

Each looks at one target: the KPI of an only strategy, or every other strategy's difference to the baseline.
"""

from typing import Any

import numpy as np

from omnisim import designs
from omnisim.estimate import CONFIDENCE, spread
from omnisim.estimates import indices as sobol_morris
from omnisim.estimates import surface as surfaces
from omnisim.experiment.differences import points_of
from omnisim.experiment.finding import Finding, settings_text, targets
from omnisim.experiment.levels import name_of
from omnisim.experiment.read import Question
from omnisim.experiment.table import Table
from omnisim.scenario.yamltext import flow
from omnisim.text import interval, shown

GRID = 25  # places a side of the grid on which a surface is shown
# by the share of variance that a surface predicts of points left out
TRUST = ((0.8, "can be trusted between its points"), (0.5, "is a rough guide"), (-np.inf, "is no help: more points, or more seeds"))


def _whole(table: Table, question: Question, what: str) -> list[Any] | Finding:
    """Targets with a value at every point, or a finding that says what is missing."""
    found = targets(table, question)
    whole = [t for t in found if not t.left_out]
    if whole:
        return whole
    missing = min((t.left_out for t in found), default=len(question.cells))
    sentence = f"{missing} of {len(question.cells)} points have no value in every seed; {what} needs all of them."
    return Finding(what.split()[-1], f"No {what} yet", sentence, (), (), ())


def indices(table: Table, question: Question) -> Finding | None:
    """Sobol indices of Saltelli's design."""
    whole = _whole(table, question, "Sobol indices")
    if isinstance(whole, Finding):
        return whole
    factors = list(question.asked.factors)
    facts: list[dict[str, Any]] = []
    for target in whole:
        found = sobol_morris.sobol(target.values, len(factors))
        for factor, (first, total) in zip(factors, found or (), strict=False):
            facts.append({"of": target.words, "factor": factor, "first": first.value, "first_low": first.low, "first_high": first.high,
                          "total": total.value, "total_low": total.low, "total_high": total.high})  # fmt: skip
    target = whole[0]
    if not facts:
        return Finding("indices", f"Sobol indices of {name_of(target)}", "Nothing varies: no factor matters at all.", (), (), ())
    facts.sort(key=lambda f: -f["total"])
    heads, rows = _of_several(
        len(whole) > 1,
        ("factor", "of", "first", "95 % interval", "total", "95 % interval"),
        [(f["factor"], f["of"], _share(f["first"]), _span(f["first_low"], f["first_high"]), _share(f["total"]),
          _span(f["total_low"], f["total_high"])) for f in facts],
    )  # fmt: skip
    top = facts[0]
    sentence = (
        f"{top['factor']} is behind {100 * top['total']:.0f} % of the variance of {name_of(target)} over these ranges, "
        f"{100 * top['first']:.0f} % by itself."
    )
    notes = (
        "first: share of the variance that would go if the factor were known; total: with all it interacts with. Intervals: bootstrap of "
        "points and seeds together.",
    )
    return Finding("indices", f"Sobol indices of {name_of(target)}", sentence, heads, rows, tuple(facts), len(heads) - 4, notes)


Cells = tuple[str, ...]


def _of_several(several: bool, heads: Cells, rows: list[Cells]) -> tuple[Cells, tuple[Cells, ...]]:
    """Heads and rows, without the second column where it would say the same in every row."""
    return (heads, tuple(rows)) if several else (heads[:1] + heads[2:], tuple(r[:1] + r[2:] for r in rows))


def _span(low: float, high: float) -> str:
    return f"[{_share(low)}, {_share(high)}]"


def _share(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00")


def screening(table: Table, question: Question) -> Finding | None:
    """Elementary effects of Morris' design."""
    whole = _whole(table, question, "elementary effects")
    if isinstance(whole, Finding):
        return whole
    factors, design = list(question.asked.factors), question.asked.design
    places = designs.morris(design.trajectories or 0, len(factors), design.seed)
    facts: list[dict[str, Any]] = []
    for target in whole:
        for factor, e in zip(factors, sobol_morris.morris(places, target.values), strict=True):
            facts.append({"of": target.words, "factor": factor, "mu": e.mu, "mu_star": e.mu_star.value, "low": e.mu_star.low,
                          "high": e.mu_star.high, "sigma": e.sigma})  # fmt: skip
    facts.sort(key=lambda f: -f["mu_star"])
    target, unit, top = whole[0], whole[0].unit, facts[0]
    heads, rows = _of_several(
        len(whole) > 1,
        ("factor", "of", "mu*", "95 % interval", "mu", "sigma"),
        [(f["factor"], f["of"], shown(f["mu_star"], unit), interval(f["low"], f["high"], unit), shown(f["mu"], unit, True),
          shown(f["sigma"], unit)) for f in facts],
    )  # fmt: skip
    idle = [f["factor"] for f in facts if f["mu_star"] == 0.0]
    sentence = (
        f"{top['factor']} matters most: from one end of its range to the other {name_of(target)} moves by {shown(top['mu_star'], unit)} "
        f"{points_of(unit)} on average."
    ) + (f" No effect at all, exactly: {', '.join(idle)}." if idle else "")
    notes = ("mu*: mean size of a step over the whole range; mu: with its sign; sigma: how steps differ (bends, interactions).",)
    title = f"Elementary effects on {name_of(target)}, {points_of(unit) or '1'}"
    return Finding("screening", title, sentence, heads, rows, tuple(facts), len(heads) - 4, notes, more={"kpi": target.kpi, "unit": unit})


def surface(table: Table, question: Question) -> Finding | None:
    """A Gaussian process through the points: a grid over the two factors that bend it most, the others in the middle."""
    found = targets(table, question)
    factors = list(question.asked.factors)
    if not found or not factors or len(found[0].seeds) < 2:
        return None
    target = found[0]
    cells = [question.cells[c] for c in target.cells]
    places = np.array([c.places for c in cells]).reshape(len(cells), -1)
    if len(cells) < surfaces.NEEDED or not np.isfinite(places).all():
        return None
    # what a seed does to all points alike moves the surface as a whole and does not bend it
    variances = (target.values - target.values.mean(axis=0)).var(axis=1, ddof=1) / len(target.seeds)
    try:
        fitted = surfaces.fit(places, target.values.mean(axis=1), variances)
    except ModuleNotFoundError as e:
        words = f'It is made by {e.name}, which is not installed: pip install ".[opt]" in the checkout.'
        return Finding("surface", f"No response surface of {name_of(target)}", words, (), (), ())
    except ValueError as e:
        return Finding("surface", f"No response surface of {name_of(target)}", f"{e}.", (), (), ())
    return _surface(target, question, cells, places, fitted)


def _surface(target: Any, question: Question, cells: list[Any], places: np.ndarray, fitted: surfaces.Surface) -> Finding:
    """Facts: the points with what was seen, and the grid with what is predicted."""
    factors, unit = list(question.asked.factors), target.unit
    strongest = np.argsort(fitted.lengths, kind="stable")[:2]
    ends = {f: _ends(question, cells, places[:, i], f) for i, f in enumerate(factors)}
    facts: list[dict[str, Any]] = []
    for cell, place, mean in zip(cells, places, target.values.mean(axis=1), strict=True):
        facts.append({"kind": "point", "settings": settings_text(cell.settings), "place": place.tolist(), "mean": float(mean)})
    axis = np.linspace(0.0, 1.0, GRID)
    spots = np.full((GRID ** len(strongest), len(factors)), 0.5)
    for j, values in zip(strongest, np.meshgrid(*[axis] * len(strongest), indexing="ij"), strict=True):
        spots[:, j] = values.ravel()
    mean, sd = fitted.at(spots)
    facts += [{"kind": "grid", "place": p.tolist(), "mean": float(m), "sd": float(s)} for p, m, s in zip(spots, mean, sd, strict=True)]
    low, high = int(np.argmin(mean)), int(np.argmax(mean))
    rows = tuple((f, *ends[f], "flat" if fitted.lengths[i] > 5.0 else f"{fitted.lengths[i]:.2f}") for i, f in enumerate(factors))
    trust = next(words for least, words in TRUST if fitted.q2 >= least)
    sentence = (
        f"The surface of {name_of(target)} over {len(cells)} points {trust}: it predicts {max(0.0, 100 * fitted.q2):.0f} % of the variance "
        f"of points left out, with a miss of {shown(fitted.error, unit)} {points_of(unit)}; "
        f"from {shown(mean[low], unit, target.difference)} to {shown(mean[high], unit, target.difference)} over "
        f"{' and '.join(factors[j] for j in strongest)}."
    )
    level = spread(target.values.mean(axis=0)).interval(1.0 - CONFIDENCE) or (0.0, 0.0)
    notes = (
        "length: in parts of the range, how far to go until the surface is another. A Gaussian process with the noise of each point; what "
        "a seed does to all points alike is left out of that: it moves the whole by "
        f"+- {shown((level[1] - level[0]) / 2.0, unit)} {points_of(unit)}.",
    )
    more = {"kpi": target.kpi, "unit": unit, "difference": target.difference, "x": factors[strongest[0]], "ends": ends, "of": target.words,
            "axes": [factors[j] for j in strongest], "which": [int(j) for j in strongest], "q2": fitted.q2}  # fmt: skip
    heads = ("factor", "from", "to", "length")
    return Finding("surface", f"Response surface of {name_of(target)}", sentence, heads, rows, tuple(facts), 3, notes, more=more)


def _ends(question: Question, cells: list[Any], places: np.ndarray, factor: str) -> tuple[str, str]:
    """The ends of a factor's range; of levels the first and the last."""
    said = question.asked.factors[factor]
    if said.low is not None and said.high is not None:
        return flow(said.low.plain), flow(said.high.plain)
    return flow(cells[int(places.argmin())].settings[factor]), flow(cells[int(places.argmax())].settings[factor])

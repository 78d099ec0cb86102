"""What is not known of the inputs: does the strategy still pay when they move within their stated ranges?

    graded inputs with a range --Latin hypercube--> points --every strategy, one seed--> difference of EBIT a point
      -> share of points in which it pays, 90 % range, rank correlation of each input, and the first ones one at a time

An input that several strategies state is at the same place of its range in all of them.  The points are drawn with numpy's own
generator: they are no part of the model's luck.  One seed a point: chance is in the range, too, and is the same for all points.
McKay, Beckman and Conover, Technometrics 21 (1979); Saltelli et al., Global sensitivity analysis (2008), ch. 1.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.annual import weights
from omnisim.kpis import columns
from omnisim.replications import How, Progress, replications
from omnisim.scenario import Scenario, ScenarioError
from omnisim.tables import Tables

if TYPE_CHECKING:
    from omnisim.scenario import Provenance

NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*")
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
MEASURED_NEXT = 8  # inputs that are moved one at a time
SOUGHT = 3  # of these, those whose break-even is sought


@dataclass(frozen=True)
class Input:
    """One input: its range as numbers in `unit`, how it goes with the difference, and what it does alone.

    `at_low`, `at_high`: the difference with this input at the end of its range and all others as they stand; `break_even`: where
    the straight line between them is 0, None where it is not within the range.  All three None for inputs that were not tried.
    """

    path: str
    grade: str
    value: str
    low: float
    high: float
    unit: str
    correlation: float
    at_low: float | None = None
    at_high: float | None = None
    break_even: float | None = None

    @property
    def swing(self) -> float:
        """How much the difference moves between the ends of the range."""
        return 0.0 if self.at_low is None or self.at_high is None else abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Ignorance:
    """Strategy - baseline under inputs drawn from their ranges; `differences` f8[point], the better the larger."""

    strategy: str
    kpi: str
    unit: str
    seed: int
    asked: int  # points asked for; those that make no valid scenario are left out
    differences: np.ndarray
    inputs: tuple[Input, ...]  # what to measure next first
    not_varied: tuple[str, ...]  # paths of graded inputs that have no range of numbers, or cannot be set

    @property
    def pays(self) -> int:
        """Number of points in which the strategy is better."""
        return int((self.differences > 0.0).sum())

    @property
    def range(self) -> tuple[float, float]:
        """Middle 90 % of the differences."""
        low, high = np.quantile(self.differences, [0.05, 0.95])
        return float(low), float(high)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        names = ("path", "grade", "value", "low", "high", "unit", "correlation", "at_low", "at_high", "break_even")
        n = len(self.differences)
        return {
            "strategy": self.strategy,
            "kpi": self.kpi,
            "unit": self.unit,
            "seed": self.seed,
            "points": n,
            "points_left_out": self.asked - n,
            "pays": self.pays,
            "p_pays": self.pays / n,
            "low_90": self.range[0],
            "high_90": self.range[1],
            "inputs": [{name: getattr(i, name) for name in names} for i in self.inputs],
            "not_varied": list(self.not_varied),
        }


@dataclass(frozen=True)
class Lever:
    """How an input is set in one scenario: `paths` get the same number between low and high; `whole`: whole numbers only."""

    paths: tuple[str, ...]
    low: float
    high: float
    unit: str
    whole: bool = False

    def at(self, place: float) -> dict[str, str]:
        """Changes for `Scenario.with_` that put the input at a place of its range, 0 to 1."""
        number = self.low + place * (self.high - self.low)
        text = str(round(number)) if self.whole else repr(float(f"{number:.12g}"))
        return dict.fromkeys(self.paths, f"{text} {self.unit}".strip())


def hypercube(points: int, inputs: int, seed: int) -> np.ndarray:
    """Places f8[point, input] in (0, 1): each input has one point in each of `points` equal pieces of its range."""
    rng = np.random.default_rng(seed)
    order = np.array([rng.permutation(points) for _ in range(inputs)]).reshape(inputs, points).T
    return np.asarray((order + rng.random((points, inputs))) / points)


def levers(scenario: Scenario) -> tuple[dict[str, tuple["Provenance", Lever]], list[str]]:
    """The inputs of a scenario that can be moved, by path, and the paths of those graded ones that cannot."""
    found: dict[str, tuple[Provenance, Lever]] = {}
    not_varied = []
    for row in scenario.provenance():
        if row.grade not in ("A", "B", "C"):
            continue
        lever = lever_of(scenario, row)
        if lever is None:
            not_varied.append(row.path)
        else:
            found[row.path] = (row, lever)
    return found, not_varied


def lever_of(scenario: Scenario, row: "Provenance") -> Lever | None:
    """How an input is set over its range; None where it has no range of numbers, or cannot be set."""
    range_ = _range(row.low, row.high)
    if range_ is None or ".service_level." in row.path:  # what only measures moves nothing
        return None
    low, high, unit = range_
    stated = "" if row.unit in ("", "1", "share") else row.unit.replace("currency", scenario.currency)
    for paths in _paths(scenario, row):
        for one in dict.fromkeys([unit, stated]):
            for whole in (False, True):
                lever = Lever(paths, low, high, one, whole)
                if all(_fits(scenario, lever, place) for place in (0.0, 0.4321, 1.0)):
                    return lever
    return None


def _range(low: str, high: str) -> tuple[float, float, str] | None:
    """Both ends in one unit; None where they are no numbers, or none that are far apart.

    >>> _range("1 s", "15 min"), _range("0", "300 USD/day"), _range(".5", "0.7"), _range("a", "b")
    ((1.0, 900.0, 's'), (0.0, 300.0, 'USD/day'), (0.5, 0.7, ''), None)
    """
    ends = [NUMBER.fullmatch(text) for text in (low, high)]
    if not ends[0] or not ends[1]:
        return None
    (a, b), (unit, other) = (float(e[1]) for e in ends if e), (e[2] for e in ends if e)
    if a == 0.0 and not unit:
        unit = other
    if unit != other:
        if unit not in SECONDS or other not in SECONDS:
            return None
        a, b, unit = a * SECONDS[unit], b * SECONDS[other], "s"
    return (a, b, unit) if a < b else None


def _paths(scenario: Scenario, row: "Provenance") -> list[tuple[str, ...]]:
    """What the range of a row may be about: the value itself, the mean of a law, or all numbers of a mapping that are alike."""
    out: list[tuple[str, ...]] = [(row.path,), (f"{row.path}.mean",)]
    value: Any = scenario.resolved()
    for step in row.path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    leaves = dict(_leaves(row.path, value))
    if isinstance(value, Mapping) and len(set(map(str, leaves.values()))) == 1 and "law" not in value:
        out.append(tuple(leaves))
    return out


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [leaf for key, below in value.items() for leaf in _leaves(f"{path}.{key}", below)]
    return [(path, value)]


def _fits(scenario: Scenario, lever: Lever, place: float) -> bool:
    try:
        scenario.with_(lever.at(place))
    except ScenarioError:
        return False
    return True


@dataclass
class _Study:
    """The strategies at given places of all inputs."""

    scenarios: Sequence[Scenario]  # baseline, strategy, then their weeks if there are any
    paths: list[str]
    levers: list[dict[str, tuple["Provenance", Lever]]]  # a scenario
    peaks: int
    kpi: str
    seed: int
    how: How
    workers: int | None
    progress: Progress | None

    def differences(self, places: Sequence[Mapping[str, float]]) -> np.ndarray:
        """Strategy - baseline at each point, f8[point]; NaN where a point makes no valid scenario."""
        made = [self._worlds(point) for point in places]
        flat = [t for worlds in made for t in worlds]
        out = np.full(len(places), np.nan)
        if not flat:
            return out
        results = replications(flat, [self.seed], self.workers, self.how, self.progress)
        values = iter([_total(t, r[0], self.kpi) for t, r in zip(flat, results, strict=True)])
        for n, worlds in enumerate(made):
            if worlds:
                out[n] = self._over_the_year([next(values) for _ in worlds], worlds)
        return out

    def _worlds(self, point: Mapping[str, float]) -> list[Tables]:
        """Every scenario at one point; none where one of them would not be valid."""
        try:
            return [Tables.build(s.with_(_changes(mine, point))) for s, mine in zip(self.scenarios, self.levers, strict=True)]
        except ScenarioError:
            return []

    def _over_the_year(self, values: list[float], worlds: list[Tables]) -> float:
        better = -1.0 if self.kpi != "ebit" else 1.0
        if len(values) == 2:
            return better * (values[1] - values[0])
        days = [(t.horizon_s - t.warmup_s) / 86400.0 for t in worlds]
        w = weights(days[0], days[2], self.peaks)
        return better * (w.peak * (values[1] - values[0]) + w.week * (values[3] - values[2]))


def _changes(levers: Mapping[str, tuple["Provenance", Lever]], places: Mapping[str, float]) -> dict[str, str]:
    out: dict[str, str] = {}
    for path, place in places.items():
        if path in levers:
            out |= levers[path][1].at(place)
    return out


def _total(tables: Tables, result: Any, kpi: str) -> float:
    j = next(j for j, c in enumerate(columns(tables)) if c.kpi == kpi and c.scope == ())
    return float(result.num[j] / result.den[j]) if result.den[j] else float("nan")


def study(
    scenarios: Sequence[Scenario],
    name: str,
    points: int,
    *,
    week: Sequence[Scenario] = (),
    peaks: int = 1,
    seed: int = 1,
    how: How | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Ignorance:
    """Strategy `scenarios[1]` (called `name`) against `scenarios[0]` at so many points; `week`: both in an ordinary week.

    What decides is EBIT (that of a year where weeks are given); without prices, the cost of a resolved issue.  Raises ValueError
    where there is neither, or nothing to vary.
    """
    every = [*scenarios, *week]
    kpi = next((k for k in ("ebit", "cost_per_resolved") if all(_has(s, k) for s in every)), None)
    if kpi is None:
        raise ValueError("nothing here says what pays: neither EBIT (prices in `catalog`) nor the cost of a resolved issue (wages)")
    if kpi != "ebit":
        every = list(scenarios)  # a cost a case does not add up over a year
    known = [levers(s) for s in every]
    paths = sorted({p for found, _ in known for p in found})
    if not paths or points < 2:
        raise ValueError("no input states a range that could be varied" if not paths else "two points at least are needed")
    s = _Study(every, paths, [found for found, _ in known], peaks, kpi, seed, how or How(), workers, progress)
    places = hypercube(points, len(paths), seed)
    differences = s.differences([dict(zip(paths, row, strict=True)) for row in places.tolist()])
    valid = np.isfinite(differences)
    if valid.sum() < 2:
        raise ValueError("hardly any point makes a valid scenario: narrow the ranges")
    inputs = [_input(path, s, _correlation(places[valid, i], differences[valid])) for i, path in enumerate(paths)]
    inputs.sort(key=lambda x: -abs(x.correlation))
    first = _one_at_a_time(s, inputs[:MEASURED_NEXT])
    first.sort(key=lambda x: -x.swing)
    sought = [replace(x, break_even=None) if n >= SOUGHT else x for n, x in enumerate(first)]
    stays = sorted({p for _, other in known for p in other} - set(paths))
    unit = scenarios[0].currency
    return Ignorance(name, kpi, unit, seed, points, differences[valid], (*sought, *inputs[MEASURED_NEXT:]), tuple(stays))


def _has(scenario: Scenario, kpi: str) -> bool:
    return any(c.kpi == kpi for c in columns(Tables.build(scenario)))


def _input(path: str, s: _Study, correlation: float) -> Input:
    """Ranges differ between strategies where each has its own value: shown is that of the strategy, not of the baseline."""
    row, lever = next(found[path] for found in (s.levers[1], s.levers[0], *s.levers[2:]) if path in found)
    return Input(path, row.grade, row.value, lever.low, lever.high, lever.unit, correlation)


def _one_at_a_time(s: _Study, inputs: Sequence[Input]) -> list[Input]:
    """Each input at both ends of its range, the others as they stand."""
    found = s.differences([{i.path: place} for i in inputs for place in (0.0, 1.0)]).tolist()
    out = []
    for n, i in enumerate(inputs):
        low, high = found[2 * n], found[2 * n + 1]
        if not np.isfinite(low) or not np.isfinite(high):
            out.append(i)
            continue
        zero = None
        if low * high < 0.0:
            zero = i.low + (i.high - i.low) * low / (low - high)
        out.append(replace(i, at_low=low, at_high=high, break_even=zero))
    return out


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation (Spearman), 0 where one of them does not vary."""
    if np.ptp(y) == 0.0 or np.ptp(x) == 0.0:
        return 0.0
    ranks = [np.argsort(np.argsort(v, kind="stable"), kind="stable") for v in (x, y)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])

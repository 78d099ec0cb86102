"""Why B differs from A: the share of each lever in the difference of one KPI, with intervals; the shares add up to it exactly.

    A, B --levers--> mixtures between them --same seeds--> worth --shapley--> shares f8[lever, seed] --t over seeds--> intervals

With at most 8 levers every mixture is run; with more, orders of moving them are sampled, other ones for each seed, so that the
interval over seeds holds the sampling, too.  Changing one thing at a time, in one order, gives shares that depend on the order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.budget import Budget
from omnisim.estimate import CONFIDENCE, Spread, holm, spread, t_test
from omnisim.reasons import shapley
from omnisim.reasons.levers import Lever, NoLevers, levers, mixed
from omnisim.reasons.worth import Runner, unit_of
from omnisim.replications import ENGINES, How, Progress
from omnisim.scenario import Scenario, load

from omnisim.text import fitted, in_words, interval, shown, unit_of as said_unit  # isort: skip

if TYPE_CHECKING:
    from omnisim.report.study import Study

PAIRS = 2  # of an order and its reverse, a seed, where orders are sampled
FEW = 4  # levers whose interactions are looked at where not all mixtures are run


@dataclass(frozen=True)
class Share:
    """What one lever has of the difference: `mean` with its 95 % interval over seeds; `p_holm`: of no share, all levers asked at once.

    `alone`: what it does when only it is moved; `last`: when all others are moved already.
    """

    lever: Lever
    values: np.ndarray = field(repr=False)  # f8[seed]
    mean: float
    low: float | None
    high: float | None
    p_holm: float | None
    alone: float
    last: float


@dataclass(frozen=True)
class Interaction:
    """What two levers do more (less, where negative) together than each for itself."""

    first: str
    second: str
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Explanation:
    """B - A of one KPI, `values` f8[seed], and the share of each lever in it, the largest first."""

    names: tuple[str, str]
    scenarios: tuple[Scenario, Scenario] = field(repr=False)
    kpi: str
    unit: str
    seeds: tuple[int, ...]
    means: tuple[float, float]
    total: Spread
    shares: tuple[Share, ...]
    interactions: tuple[Interaction, ...]
    exact: bool
    runs: int
    engine: str
    command: str = ""

    @property
    def text(self) -> str:
        """At most 80 columns: one line a lever."""
        return "\n".join(_lines(self))

    def __str__(self) -> str:
        return self.text

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        low, high = self.total.interval(1.0 - CONFIDENCE) or (None, None)
        head = {"command": "explain", "reproduce": self.command, "baseline": self.names[0], "strategy": self.names[1], "kpi": self.kpi}
        total = {"mean": self.total.mean, "low": low, "high": high}
        rows = [
            {"lever": s.lever.name, "from": s.lever.before, "to": s.lever.after, "mean": s.mean, "low": s.low, "high": s.high}
            | {"p_holm": s.p_holm, "alone": s.alone, "last": s.last, "by_seed": s.values.tolist()}
            for s in self.shares
        ]
        pairs = [{"levers": [i.first, i.second], "mean": i.mean, "low": i.low, "high": i.high} for i in self.interactions]
        more = {"baseline_mean": self.means[0], "mean": self.means[1], "difference": total, "shares": rows, "interactions": pairs}
        how = {"method": "exact" if self.exact else "sampled", "replications": self.runs, "engine": self.engine}
        return head | {"unit": self.unit, "seeds": list(self.seeds)} | more | how

    def study(self) -> Study:
        """The page of it, not drawn yet."""
        from omnisim.reasons.page import explained

        return explained(self)

    def report(self, folder: str | Path) -> Path:
        """Write the page, its figure and its numbers into `folder`; returns the path of report.html."""
        from omnisim.report.study import write

        return write(self.study(), Path(folder))


def explain(
    a: Scenario | str | Path,
    b: Scenario | str | Path,
    kpi: str = "ebit",
    seeds: int | Sequence[int] = 10,
    seed: int = 1,
    *,
    levers: Mapping[str, Sequence[str]] | None = None,
    pairs: int = PAIRS,
    engine: str = "auto",
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Explanation:
    """Why `kpi` of B differs from that of A: Shapley's share of every lever in which they differ.

    `levers`: groups of your own, paths by name; `pairs`: orders (with their reverse) sampled a seed where there are more than 8
    levers.  Raises ScenarioError, BudgetExceeded, KeyError for a KPI that one of them does not give, and ValueError where they do
    not differ or no levers lie between them.
    """
    one, other = (s if isinstance(s, Scenario) else load(s) for s in (a, b))
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    moved = _levers(one, other, levers)
    which = tuple(range(seed, seed + seeds)) if isinstance(seeds, int) else tuple(seeds)
    how = How("reference" if engine == "reference" else "compiled", budget or Budget())
    runner = Runner(how, workers, progress)
    unit = unit_of(one, kpi)
    unit_of(other, kpi)
    is_exact = len(moved) <= shapley.MOST_EXACT
    found = _exact(one, moved, kpi, which, runner) if is_exact else _sampled(one, moved, kpi, which, runner, pairs)
    defined = np.isfinite(found.total) & np.isfinite(found.shares).all(axis=0)
    if not defined.any():
        raise ValueError(f"{kpi} is defined in none of these seeds in every mixture of {one.name} and {other.name}")
    names = (one.name, other.name) if one.name != other.name else (f"{one.name} (1)", f"{other.name} (2)")
    total = spread(found.total[defined], float(np.nanmax(np.abs(found.ends))))
    return Explanation(
        names, (one, other), kpi, unit, tuple(s for s, ok in zip(which, defined, strict=True) if ok),
        (float(found.ends[0, defined].mean()), float(found.ends[1, defined].mean())), total, _shares(moved, found, defined),
        _pairs(moved, found, defined), is_exact, runner.done, how.engine, command,
    )  # fmt: skip


@dataclass(frozen=True)
class _Found:
    """`ends` f8[2, seed]; `shares`, `alone`, `last` f8[lever, seed]; `interactions` f8[lever, lever, seed], NaN where not looked at."""

    ends: np.ndarray
    shares: np.ndarray
    alone: np.ndarray
    last: np.ndarray
    interactions: np.ndarray

    @property
    def total(self) -> np.ndarray:
        return np.asarray(self.ends[1] - self.ends[0])


def _levers(a: Scenario, b: Scenario, groups: Mapping[str, Sequence[str]] | None) -> list[Lever]:
    found = levers(a, b, groups)
    if not found:
        raise NoLevers(f"{a.name} and {b.name} mean the same: there is nothing to explain")
    return found


def _exact(a: Scenario, moved: list[Lever], kpi: str, seeds: Sequence[int], runner: Runner) -> _Found:
    p = len(moved)
    runner.expected = len(seeds) << p
    worth = runner.worth([mixed(a, [lever for i, lever in enumerate(moved) if m >> i & 1]) for m in range(1 << p)], kpi, seeds)
    full = (1 << p) - 1
    alone = np.array([worth[1 << i] - worth[0] for i in range(p)])
    last = np.array([worth[full] - worth[full ^ 1 << i] for i in range(p)])
    return _Found(worth[[0, full]], shapley.exact(worth), alone, last, shapley.interactions(worth))


def _sampled(a: Scenario, moved: list[Lever], kpi: str, seeds: Sequence[int], runner: Runner, pairs: int) -> _Found:
    """Orders of its own for every seed; alone, last and the interactions of the first levers from the mixtures at both ends."""
    p = len(moved)
    full = (1 << p) - 1
    ends = [0, full, *(1 << i for i in range(p)), *(full ^ 1 << i for i in range(p))]
    drawn = {s: shapley.orders(p, pairs, s) for s in seeds}
    wanted = {s: list(dict.fromkeys([*ends, *(m for order in drawn[s] for m in shapley.steps(order))])) for s in seeds}
    runner.expected = sum(map(len, wanted.values())) + 2 * len(seeds) * FEW * (FEW - 1) // 2
    worth: dict[int, dict[int, float]] = {s: _at(a, moved, kpi, s, wanted[s], runner) for s in seeds}
    shares = np.array([shapley.walk(drawn[s], worth[s]) for s in seeds]).T
    strongest = [int(i) for i in np.argsort(-np.abs(np.nan_to_num(shares.mean(axis=1))))[:FEW]]
    couples = [(i, j) for n, i in enumerate(strongest) for j in strongest[:n]]
    between = np.full((p, p, len(seeds)), np.nan)
    for n, s in enumerate(seeds):
        more = [m for i, j in couples for m in ((1 << i | 1 << j), full ^ (1 << i | 1 << j))]
        v = worth[s] | _at(a, moved, kpi, s, list(dict.fromkeys(m for m in more if m not in worth[s])), runner)
        for i, j in couples:
            b, c = 1 << i, 1 << j
            first = (v[b | c] - v[b]) - (v[c] - v[0])
            final = (v[full] - v[full ^ b]) - (v[full ^ c] - v[full ^ (b | c)])
            between[i, j, n] = between[j, i, n] = (first + final) / 2.0
    table = np.array([[worth[s][m] for s in seeds] for m in ends])
    return _Found(table[:2], shares, table[2 : 2 + p] - table[0], table[1] - table[2 + p :], between)


def _at(a: Scenario, moved: list[Lever], kpi: str, seed: int, mixtures: Sequence[int], runner: Runner) -> dict[int, float]:
    worlds = [mixed(a, [lever for i, lever in enumerate(moved) if m >> i & 1]) for m in mixtures]
    return dict(zip(mixtures, runner.worth(worlds, kpi, [seed])[:, 0].tolist(), strict=True)) if worlds else {}


def _shares(moved: list[Lever], found: _Found, defined: np.ndarray) -> tuple[Share, ...]:
    """By size; values within rounding of 0 are left as they are, for they add up."""
    scale = float(np.nanmax(np.abs(found.ends)))
    spreads = [spread(found.shares[i, defined], scale) for i in range(len(moved))]
    tests = [t_test(s) for s in spreads]
    adjusted = holm([p or 0.0 for p in tests])[0] if all(p is not None for p in tests) else [None] * len(moved)
    out = []
    for i, (lever, s) in enumerate(zip(moved, spreads, strict=True)):
        low, high = s.interval(1.0 - CONFIDENCE) or (None, None)
        alone, last = float(found.alone[i, defined].mean()), float(found.last[i, defined].mean())
        mean = float(found.shares[i, defined].mean())
        out.append(Share(lever, found.shares[i, defined], mean, low, high, adjusted[i], alone, last))
    return tuple(sorted(out, key=lambda x: -abs(x.mean)))


def _pairs(moved: list[Lever], found: _Found, defined: np.ndarray) -> tuple[Interaction, ...]:
    """The strongest first, at most 5; those that are exactly 0 are left out."""
    scale = float(np.nanmax(np.abs(found.ends)))
    out = []
    for i in range(len(moved)):
        for j in range(i):
            values = found.interactions[i, j, defined]
            if not np.isfinite(values).all():
                continue
            s = spread(values, scale)
            low, high = s.interval(1.0 - CONFIDENCE) or (None, None)
            if s.mean != 0.0:
                out.append(Interaction(moved[j].name, moved[i].name, s.mean, low, high))
    return tuple(sorted(out, key=lambda x: -abs(x.mean))[:5])


def _lines(e: Explanation) -> list[str]:
    import textwrap

    wrapped: Callable[[str], list[str]] = lambda text: textwrap.wrap(text, 80, subsequent_indent="  ")  # noqa: E731
    low, high = e.total.interval(1.0 - CONFIDENCE) or (None, None)
    unit = "points" if e.unit == "share" else said_unit(e.unit)
    lines = wrapped(
        f"{in_words(e.kpi)}, {e.names[1]} against {e.names[0]}: {shown(e.total.mean, e.unit, True)} {unit} "
        f"{interval(low, high, e.unit, True)} (from {shown(e.means[0], e.unit)} to {shown(e.means[1], e.unit)}; {len(e.seeds)} seeds)."
    )
    lines += ["", f"{'lever':<30}{'share':>10}{'95 % interval':>19}{'':1}{'alone':>10}{'last':>10}"]
    for s in e.shares:
        star = "*" if s.p_holm is not None and s.p_holm <= 1.0 - CONFIDENCE else " "
        cells = [fitted(x, e.unit, 9, True) for x in (s.mean, s.alone, s.last)]
        if not s.values.any():
            cells, star = ["0", *cells[1:]], " "
        lines.append(f"{_cut(s.lever.name, 30):<30}{cells[0]:>10}{_span(s.low, s.high, e.unit):>19}{star}{cells[1]:>10}{cells[2]:>10}")
    lines.append(f"{'together, exactly':<30}{fitted(sum(s.mean for s in e.shares), e.unit, 9, True):>10}")
    lines.append("")
    lines += wrapped(
        f"Share: {unit}, averaged over all orders of changing the levers (Shapley). * no mere chance, all levers at once (Holm)."
    )
    lines += wrapped("Alone: only this lever moved; last: all others moved before. Where they differ, the order of a bridge would decide.")
    for i in e.interactions[:3]:
        word = "more" if i.mean > 0.0 else "less"
        amount = f"{shown(abs(i.mean), e.unit)} {unit} {word} {interval(i.low, i.high, e.unit, True)}"
        lines += wrapped(f"- {i.first} and {i.second} together: {amount} than each for itself.")
    how = f"all {1 << len(e.shares)} mixtures of {len(e.shares)} levers" if e.exact else f"sampled orders of {len(e.shares)} levers"
    lines += wrapped(f"{how[0].upper()}{how[1:]}, {e.runs:,} replications with common luck. Chance is in the intervals, ignorance is not.")
    return lines


def _span(low: float | None, high: float | None, unit: str) -> str:
    text = interval(low, high, unit, True)
    return text if len(text) <= 18 else f"[{fitted(low, unit, 7, True)}, {fitted(high, unit, 7, True)}]"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

"""Month by month: what a strategy brings while it is rolled out, when it has paid for itself, what it is worth today.

    baseline, target --levels of the ramp, simulated--> EBIT more a day, by level and seed
    ramp x learning --> level of each month --> cash of each month --sum--> J-curve, payback      --discounted--> net present value

    level(t)    = min(1, t / ramp) x (1 - exp(-t / learning))
    cash(month) = [gain(level) - loss of the dip - double running - running] x days;   before the first day: - capital

Level 0 is the baseline with the hub already paid for; level 1 the target; between them identification, links and coherence are
part of the way from one to the other, the rest of the target holds from the first day.  Capital is spent, not written off: the
share of it that EBIT holds is taken out.  Every seed has its own curve, so intervals are of chance only.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.annual import YEAR_DAYS, by_seed, days, weights
from omnisim.answers import Answer, compare, strategy_names
from omnisim.budget import Budget
from omnisim.estimate import spread
from omnisim.ignorance import hypercube, lever_of
from omnisim.text import interval, shown

if TYPE_CHECKING:
    from omnisim.scenario import Scenario
    from omnisim.scenario.rollout import Rollout

MONTH_DAYS = YEAR_DAYS / 12.0
MONTH_S = MONTH_DAYS * 86400.0
FINE = 8  # parts of a month at which the level is read


def level(t_s: np.ndarray, ramp_s: float, learning_s: float) -> np.ndarray:
    """How much of the strategy is in use so long after the first day, f8[...] in [0, 1].

    >>> level(np.array([0.0, 50.0, 200.0]), 100.0, 0.0).tolist()
    [0.0, 0.5, 1.0]
    """
    spread_out = np.minimum(1.0, t_s / ramp_s) if ramp_s > 0.0 else np.ones_like(t_s)
    learned = 1.0 - np.exp(-t_s / learning_s) if learning_s > 0.0 else np.ones_like(t_s)
    return np.asarray(spread_out * learned)


def crossing(cumulative: np.ndarray) -> float:
    """Month at which the sum comes back to 0 for good within the months looked at, in a straight line between months; infinite: never.

    `cumulative` f8[month + 1]: before the first day, after month 1, 2 ...

    >>> crossing(np.array([-10.0, -8.0, -2.0, 4.0])), crossing(np.array([-1.0, -2.0]))
    (2.3333333333333335, inf)
    """
    below = np.flatnonzero(cumulative < 0.0)
    if len(below) == 0:
        return 0.0
    last = int(below[-1])
    if last == len(cumulative) - 1:
        return math.inf
    a, b = float(cumulative[last]), float(cumulative[last + 1])
    return last + (-a) / (b - a)


@dataclass(frozen=True)
class Unknown:
    """The roll-out's own inputs drawn together from their stated ranges, with the gains as simulated.

    `payback` months f8[point], infinite: not within the months looked at; `npv` f8[point]; `paths` of the inputs.
    """

    paths: tuple[str, ...]
    payback: np.ndarray
    npv: np.ndarray

    def text(self, months: int, money: str) -> str:
        """One sentence."""
        back = np.isfinite(self.payback)
        low, high = np.quantile(self.npv, [0.05, 0.95])
        ends = "" if not back.any() else f", in half of those before month {float(np.median(self.payback[back])):.0f}"
        return (
            f"Not known: with {len(self.paths)} inputs of the roll-out drawn together from their ranges ({len(back)} points, gains as "
            f"simulated), it pays back within {months} months in {int(back.sum())}{ends}; 90 % of the present values lie in "
            f"{interval(float(low), float(high), money, True)} {money}."
        )


@dataclass(frozen=True)
class Rolled:
    """A roll-out: `levels` f8[month], `cash` f8[seed, month + 1] (capital first), currency units."""

    baseline: str
    strategy: str
    currency: str
    seeds: tuple[int, ...]
    rollout: Rollout
    levels: np.ndarray
    cash: np.ndarray
    grid: np.ndarray  # f8[step + 1] simulated levels
    gain: np.ndarray  # f8[seed, step + 1] EBIT more a day, at each of them
    dip: np.ndarray  # f8[seed] EBIT less a day while work is slower
    capital: float
    weighed: str  # of what a year is made
    command: str = ""
    unknown: Unknown | None = None

    @property
    def cumulative(self) -> np.ndarray:
        """Sum of the cash so far, f8[seed, month + 1]."""
        return np.asarray(np.cumsum(self.cash, axis=1))

    @property
    def npv(self) -> np.ndarray:
        """Net present value of the months looked at, f8[seed]."""
        return _present(self.cash, self.rollout.discount)

    def curve(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean, lower and upper end of the sum by month, f8[month + 1] each; the ends are the mean where there is one seed."""
        found = [spread(column) for column in self.cumulative.T]
        ends = [s.interval(0.05) or (s.mean, s.mean) for s in found]
        return np.array([s.mean for s in found]), np.array([e[0] for e in ends]), np.array([e[1] for e in ends])

    def payback(self) -> tuple[float, float, float]:
        """Months until the sum is back at 0: of the mean curve, of its upper and of its lower end (earliest, latest)."""
        mean, low, high = self.curve()
        return crossing(mean), crossing(high), crossing(low)

    def headline(self) -> str:
        """The answer in one line."""
        months, early, late = self.payback()
        if math.isinf(months):
            return f"{self.strategy} does not pay back within {self.rollout.months} months"
        if len(self.seeds) < 2:
            return f"{self.strategy} pays back after {months:.1f} months (one seed)"
        end = f"more than {self.rollout.months}" if math.isinf(late) else f"{late:.1f}"
        return f"{self.strategy} pays back after {months:.1f} months (95 %: {early:.1f} to {end})"

    def text(self) -> str:
        """Headline, value, and the curve by quarter: at most 80 columns."""
        money, r = self.currency, self.rollout
        value = spread(self.npv)
        low, high = value.interval(0.05) or (None, None)
        mean, lows, highs = self.curve()
        deepest = int(mean.argmin())
        one = len(self.seeds) < 2
        lines = [
            *textwrap.wrap(self.headline().upper(), 80),
            "",
            f"Net present value of {r.months} months: {shown(value.mean, money, True)} {money} {interval(low, high, money, True)}",
            f"  at {100 * r.discount:g} % a year; capital {shown(self.capital, money)} {money}; deepest after month {deepest}: "
            f"{shown(float(mean[deepest]), money, True)} {money}",
            "",
            f"{'month':>5}{'in use %':>10}{'cash of the month':>20}{'sum so far':>16}{'95 % interval':>28}",
        ]
        for m in sorted({0, *range(3, r.months + 1, 3), r.months} if r.months > 12 else range(r.months + 1)):
            use = "-" if m == 0 else f"{100 * self.levels[m - 1]:.0f}"
            ends = "-" if one else interval(float(lows[m]), float(highs[m]), money, True)
            lines.append(
                f"{m:>5}{use:>10}{shown(float(self.cash[:, m].mean()), money, True):>20}{shown(float(mean[m]), money, True):>16}{ends:>28}"
            )
        at_full = spread(self.gain[:, -1])
        rest = (
            f"In full use it makes {shown(at_full.mean, money, True)} {money} EBIT a day more than {self.baseline}, capital not counted "
            f"({self.weighed}).  Intervals are of chance over {len(self.seeds)} seeds; what is not known of the inputs is not in them "
            "(compare --ignorance N)."
        )
        lines += ["", *textwrap.wrap(rest, 80)]
        if self.unknown is not None:
            lines += ["", *textwrap.wrap(self.unknown.text(r.months, money), 80)]
        return "\n".join(lines)

    def _ignorance(self) -> dict[str, Any] | None:
        if self.unknown is None:
            return None
        low, high = np.quantile(self.unknown.npv, [0.05, 0.95])
        back = np.isfinite(self.unknown.payback)
        return {"inputs": list(self.unknown.paths), "points": len(back), "pays_back": int(back.sum()), "npv_low_90": float(low),
                "npv_high_90": float(high)}  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Everything by month, payback and net present value; a payback that never comes is null."""
        mean, low, high = self.curve()
        value = spread(self.npv)
        ends = value.interval(0.05) or (None, None)

        def finite(x: float) -> float | None:
            return None if math.isinf(x) else x

        months, early, late = (finite(x) for x in self.payback())
        rows = [
            {
                "month": m,
                "level": None if m == 0 else float(self.levels[m - 1]),
                "cash": float(self.cash[:, m].mean()),
                "cumulative": float(mean[m]),
                "low": float(low[m]),
                "high": float(high[m]),
            }
            for m in range(len(mean))
        ]
        return {
            "command": "rollout", "reproduce": self.command, "baseline": self.baseline, "strategy": self.strategy, "unit": self.currency,
            "seeds": list(self.seeds), "payback": {"months": months, "low": early, "high": late, "within": self.rollout.months},
            "npv": {"mean": value.mean, "low": ends[0], "high": ends[1], "discount": self.rollout.discount}, "capital": self.capital,
            "levels": [{"level": float(x), "gain_per_day": float(g)} for x, g in zip(self.grid, self.gain.mean(axis=0), strict=True)],
            "months": rows, "ignorance": self._ignorance(),
        }  # fmt: skip


def _present(cash: np.ndarray, discount: float) -> np.ndarray:
    """Present value of the cash of months, f8[..., month + 1]: capital first, a month's cash comes in its middle."""
    months = np.arange(cash.shape[-1])
    months = np.where(months > 0, months - 0.5, 0.0)
    return np.asarray((cash * (1.0 + discount) ** (-months / 12.0)).sum(axis=-1))


def not_known(target: Scenario, capital: float, grid: np.ndarray, gain: np.ndarray, dip: np.ndarray, points: int, seed: int) -> Unknown:
    """Draw the graded inputs of the block rollout together from their ranges (Latin hypercube); the means of `gain` and `dip` stay.

    Raises ValueError where none of them has a range.  The share of speed lost is not drawn: it would have to be simulated anew.
    """
    rows = [row for row in target.provenance() if row.path.startswith("rollout.") and row.path != "rollout.dip.share"]
    found = {row.path: lever for row in rows if (lever := lever_of(target, row)) is not None}
    if not found:
        raise ValueError("no input of rollout has a range (provenance: low, high)")
    back, values = np.zeros(points), np.zeros(points)
    means = gain.mean(axis=0, keepdims=True), dip.mean(keepdims=True)
    for n, place in enumerate(hypercube(points, len(found), seed)):
        changes = {k: v for lever, x in zip(found.values(), place, strict=True) for k, v in lever.at(float(x)).items()}
        r = target.with_(changes).rollout
        assert r is not None
        cash = _months(r, grid, *means)[1][0]
        cash = np.concatenate([[-(capital if r.capital is None else r.capital)], cash])
        back[n], values[n] = crossing(np.cumsum(cash)), float(_present(cash, r.discount))
    return Unknown(tuple(found), back, values)


def on_the_way(baseline: Scenario, target: Scenario, at: float) -> Scenario:
    """The target with so much of its identification, links and coherence in place; at 0 the baseline's, but for the hub's cost."""
    if at >= 1.0:
        return target
    a, b = baseline.context, target.context
    if a is None or b is None:
        raise ValueError("a roll-out spreads links and identification: both scenarios need a context block")

    def between(x: float, y: float) -> float:
        return x + at * (y - x)

    link = {o: {d: between(a.link.get(o, {}).get(d, 0.0), x) for d, x in row.items()} for o, row in b.link.items()}
    said: dict[str, object] = {
        "context.preset": None,
        "context.identify": {c: between(a.identify.get(c, 0.0), x) for c, x in b.identify.items()},
        "context.link": None,
        "context.coherence": between(a.coherence, b.coherence),
        "context.latency": f"{a.latency if at == 0.0 else b.latency!r} s",
        "context.hub.cost": f"{b.hub.cost!r} {target.currency}/d",
    }
    said |= {f"context.link.{o}.{d}": x for o, row in link.items() for d, x in row.items()}
    return target.with_(said)


def slowed(s: Scenario, share: float) -> Scenario:
    """The same with agents who have lost so much of their speed."""
    pools = s.staffing.pools if s.staffing else {}
    changes = {
        f"staffing.pools.{p}.skills.{c}.speed": skill.speed * (1.0 - share) for p, pool in pools.items() for c, skill in pool.skills.items()
    }
    return s.with_(changes) if changes else s


def roll_out(
    baseline: Scenario,
    target: Scenario,
    seeds: int = 10,
    seed: int = 1,
    *,
    week: Sequence[Scenario] = (),
    peaks: int = 1,
    engine: str = "auto",
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Callable[[float, int], None] | None = None,
    store: str | None = None,
    ignorance: int = 0,
    command: str = "",
) -> Rolled:
    """Roll out `target` in place of `baseline`, as its block `rollout` says; `week`: both in an ordinary week, to make a year of;
    `ignorance`: draw the inputs of that block so many times from their ranges.

    Raises ValueError where there is no such block, no money, or no year to be made.
    """
    r = target.rollout
    if r is None:
        raise ValueError("the second file has no block rollout, which says how fast, how long and at what cost")
    if r.dip is not None and r.dip.share >= 1.0:
        raise ValueError("rollout.dip.share: who loses all speed never ends a contact; it must be below 1")
    grid = np.arange(r.steps + 1) / r.steps
    worlds = [(baseline, target), *([tuple(week)] if week else [])]
    played: list[list[Answer]] = []
    for one, other in worlds:
        strategies = [one, *(on_the_way(one, other, float(x)) for x in grid)]
        if r.dip is not None:
            strategies.append(slowed(strategies[1], r.dip.share))
        named = [s.with_({"name": f"{i}"}) for i, s in enumerate(strategies)]
        found = compare(named, seeds, seed, engine=engine, workers=workers, budget=budget, progress=progress, store=store)
        played.append(list(found.answers))
    per_day, weighed = _per_day(played, peaks)
    gain = np.array([per_day[i + 1] - per_day[0] for i in range(len(grid))]).T
    dip = per_day[1] - per_day[-1] if r.dip is not None else np.zeros(len(gain))
    levels, cash = _months(r, grid, gain, dip)
    capital = r.capital
    if capital is None:
        capital = (target.costs.capital if target.costs else 0.0) - (baseline.costs.capital if baseline.costs else 0.0)
    cash = np.concatenate([np.full((len(gain), 1), -capital), cash], axis=1)
    unknown = not_known(target, capital, grid, gain, dip, ignorance, seed) if ignorance else None
    names = strategy_names([baseline, target])
    which = tuple(range(seed, seed + seeds))
    return Rolled(names[0], names[1], target.currency, which, r, levels, cash, grid, gain, dip, capital, weighed, command, unknown)


def _per_day(played: list[list[Answer]], peaks: int) -> tuple[list[np.ndarray], str]:
    """EBIT before capital of each strategy, f8[seed] a day of the year."""
    first = played[0][0]
    if by_seed(first, "ebit") is None:
        raise ValueError("without prices (catalog) there is no EBIT to pay anything back with")
    if len(played) == 1:
        return [_earned(a) / days(a) for a in played[0]], f"as in the {days(first):g} days measured, all year"
    w = weights(days(first), days(played[1][0]), peaks)
    out = [(w.peak * _earned(a) + w.week * _earned(b)) / YEAR_DAYS for a, b in zip(*played, strict=True)]
    return out, f"a year of {w.peak:g} times what was run and {w.week:.1f} times the week"


def _earned(a: Answer) -> np.ndarray:
    """EBIT with the capital's share put back, f8[seed]."""
    ebit, capital = by_seed(a, "ebit"), by_seed(a, "capital_cost")
    assert ebit is not None
    return ebit if capital is None else np.asarray(ebit + capital)


def _months(r: Rollout, grid: np.ndarray, gain: np.ndarray, dip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level of each month, f8[month], and cash of each month, f8[seed, month]."""
    t = (np.arange(r.months * FINE) + 0.5) * MONTH_S / FINE
    use = level(t, r.ramp, r.learning)
    brought = np.array([np.interp(use, grid, g) for g in gain])
    brought = brought.reshape(len(gain), r.months, FINE).mean(axis=2)
    month = np.arange(r.months) * MONTH_S

    def within(length: float) -> np.ndarray:
        """Share of each month in which what lasts so long from the first day is there."""
        return np.asarray(np.clip((length - month) / MONTH_S, 0.0, 1.0))

    slow = within(r.dip.length) if r.dip is not None else np.zeros(r.months)
    double = within(r.double.length) * r.double.cost if r.double is not None else np.zeros(r.months)
    cash = (brought - dip[:, None] * slow - double - r.running) * MONTH_DAYS
    return use.reshape(r.months, FINE).mean(axis=1), np.asarray(cash)

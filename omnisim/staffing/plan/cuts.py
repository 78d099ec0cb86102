"""Linear programs with what simulation has taught: cutting planes over shared days.

    a plan --simulate it, and it with a few people more or less--> score, and what a person is worth in each cell
           --one condition more: score + worth @ (people - people then) >= aim--> the cheapest plan that keeps all of them --> ...

People are changed by more than one where there are many; in one simulation in every few cells of a pool, far enough apart that what
happens in an interval is the work of the one changed last before it.  How far a step goes is limited, as conditions hold near by only.

Source: Atlason, Epelman & Henderson, Annals of OR 127 (2004); Cezik & L'Ecuyer, Management Science 54 (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from omnisim.staffing.plan.judge import Judge
from omnisim.staffing.plan.scores import worst_of
from omnisim.staffing.plan.targets import Over, Target
from omnisim.staffing.plan.trials import Seen

STRIDE = 4  # every so many intervals people are changed at once


@dataclass(frozen=True)
class Cut:
    """score + worth @ (d - duty) bounds the score of a plan with duty d, in the scale of the promise, if more people help ever less.

    duty f8[cell]; score: one number; worth f8[cell]; promise: its number.
    """

    duty: np.ndarray
    score: float
    worth: np.ndarray
    promise: int

    def at(self, duty: np.ndarray) -> float:
        """What it says of another plan."""
        return self.score + float(self.worth @ (duty - self.duty))


def probes(judge: Judge, duty: np.ndarray, sign: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(people on duty, cells that were changed) of the plans by which worth is measured."""
    layout = judge.needs.layout
    out = []
    for pool in layout.pools:
        first, n = layout.first_cell[pool.name], len(pool.slots)
        for offset in range(min(STRIDE, n)):
            cells = np.arange(first + offset, first + n, STRIDE if n > STRIDE else n)
            changed = np.maximum(duty.copy(), 0.0)
            by = np.maximum(1.0, np.round(np.sqrt(duty[cells]) / 3.0))
            changed[cells] = np.maximum(duty[cells] + sign * by, 0.0)
            cells = cells[changed[cells] != duty[cells]]
            if len(cells):
                out.append((changed, cells))
    return out


def learn(judge: Judge, y: Sequence[int], n: int, sign: int) -> list[Cut]:
    """What n days teach about a plan: one cut for each promise (and for each of its intervals, where it holds in each)."""
    layout = judge.needs.layout
    duty = np.round(layout.duty(y))
    plans = probes(judge, duty, sign)
    seeds = judge.seeds(n)
    trials = judge.trials
    whole = [[int(k) for k in plan] for plan, _ in plans]
    base_whole = [int(k) for k in duty]
    found = trials.many([base_whole, *whole], seeds, duty=True)
    by_interval = [trials.intervals(p, seeds, duty=True) for p in (base_whole, *whole)]
    slack = judge.slacks(y, n)
    out = []
    for k, target in enumerate(trials.targets):
        groups = judge.groups[k]
        at = _cells_of(judge)
        if groups is not None:
            out += _each(judge, k, groups, duty, plans, by_interval, y, n, at)
            continue
        worth = np.zeros(len(layout.cells))
        for (plan, cells), seen, inner in zip(plans, found[1:], by_interval[1:], strict=True):
            base, now = by_interval[0][k], inner[k]
            if base is not None and now is not None:
                gained = _gain(target, base, now)
                last = _last(cells, at)
                for i, cell in enumerate(cells):
                    worth[cell] = gained[last == i].sum() / (plan[cell] - duty[cell])
            else:
                gain = _whole(target, seen[k]) - _whole(target, found[0][k])
                worth[cells] = gain / float((plan[cells] - duty[cells]).sum())
        out.append(Cut(layout.duty(y), float(slack[k]), np.maximum(worth, 0.0) / target.scale, k))
    return out


def _each(
    judge: Judge, k: int, groups: Sequence[np.ndarray], duty: np.ndarray, plans: list[tuple[np.ndarray, np.ndarray]],
    by_interval: list[list[Seen | None]], y: Sequence[int], n: int, at: np.ndarray,
) -> list[Cut]:  # fmt: skip
    """One cut for each interval of a promise that holds in each."""
    base = by_interval[0][k]
    assert base is not None
    target = judge.trials.targets[k]
    values = [s.value for s in judge.scores(y, n)[k]]
    kept = [g for g in groups if base.den[:, g].sum() > 0]
    out = []
    for g, value in zip(kept, values, strict=False):
        worth = np.zeros(len(duty))
        for (plan, cells), inner in zip(plans, by_interval[1:], strict=True):
            now = inner[k]
            assert now is not None
            last = _last(cells, at)[g[0]]
            if last >= 0:
                cell = cells[last]
                gain = target.sign * (_ratio(now, g) - _ratio(base, g))
                worth[cell] = gain / (plan[cell] - duty[cell])
        out.append(Cut(judge.needs.layout.duty(y), value / target.scale, np.maximum(worth, 0.0) / target.scale, k))
    return out


def _ratio(seen: Seen, group: np.ndarray) -> float:
    total = float(seen.den[:, group].sum())
    return float(seen.num[:, group].sum()) / total if total > 0 else 0.0


def _cells_of(judge: Judge) -> np.ndarray:
    """Duty cell of each pool in each interval that is counted, i8[pool, interval]; -1 outside."""
    trials, needs = judge.trials, judge.needs
    starts = [(trials.first_interval + i) * trials.interval_s for i in range(len(trials.starts))]
    stretch = [next((g for g, s in enumerate(needs.stretches) if any(a - 1e-6 <= x < b - 1e-6 for a, b in s.spans)), -1) for x in starts]
    return np.array([[needs.cells[p, g] if g >= 0 else -1 for g in stretch] for p in range(len(needs.layout.pools))], np.int64)


def _last(cells: np.ndarray, at: np.ndarray) -> np.ndarray:
    """For each interval, which of the changed cells (of one pool) is the last at or before it; -1: none, or out of reach."""
    row = next((r for r in at if np.isin(cells, r).any()), at[0] if len(at) else np.zeros(0, np.int64))
    out = np.full(len(row), -1, np.int64)
    since, which = 10**9, -1
    for i, cell in enumerate(row):
        hit = np.flatnonzero(cells == cell) if cell >= 0 else np.zeros(0, np.int64)
        since, which = (0, int(hit[0])) if len(hit) else (since + 1, which)
        out[i] = which if since <= 2 * STRIDE else -1
    return out


def _gain(target: Target, base: Seen, now: Seen) -> np.ndarray:
    """What a change gained in each interval, in the units of the promise's score [interval]."""
    if target.over is Over.WORST:
        worst = worst_of(target, base.worth)
        is_worst = base.worth == worst[:, None]
        diff = np.where(is_worst, now.worth - base.worth, 0.0)
        return np.asarray(target.sign * np.nan_to_num(diff).sum(axis=0) / max(1, int(np.isfinite(worst).sum())))
    total = float(base.den.sum())
    if total <= 0.0:
        return np.zeros(base.num.shape[1])
    ratio = float(base.num.sum()) / total
    if target.measure.ratio:
        off = (now.num - base.num) - ratio * (now.den - base.den)
        return np.asarray(target.sign * off.sum(axis=0) / total)
    return np.asarray(target.sign * (now.num - base.num).mean(axis=0))


def _whole(target: Target, seen: Seen) -> float:
    """The KPI over the run, in the promise's own direction: the ratio of totals, or the mean over seeds."""
    if target.measure.ratio:
        total = float(seen.den.sum())
        return target.sign * float(seen.num.sum()) / total if total > 0.0 else 0.0
    worth = seen.worth[np.isfinite(seen.worth)]
    return target.sign * float(worth.mean()) if len(worth) else 0.0

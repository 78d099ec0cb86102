"""From a first plan to the cheapest that keeps its promises.

descend    cutting planes until the program finds nothing cheaper
trim       many columns one person less, then ever fewer, while every promise holds
frontier   few columns: every cheaper vector that nothing rules out
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from omnisim.staffing.plan.cuts import Cut, learn
from omnisim.staffing.plan.judge import Judge
from omnisim.staffing.plan.programs import cheapest_cover
from omnisim.staffing.plan.steps import CHEAPER, next_of_many, next_plan

FEW = 8  # columns of which every vector can be looked at
VECTORS = 60_000
CERTAIN = 4  # columns of which every vector that nothing rules out is looked at
EACH_COST = 10  # looks at vectors of one cost, where there are more columns
RUNS_CERTAIN, RUNS = 15_000, 4_000  # simulated days after which no further vector is looked at, with few and with more columns
CANDIDATES = 6  # that nobody is sure of
SAME = 1e-9  # of the cost
AGAIN = 4  # steps after which worth is measured anew, where there are many columns
Plan = tuple[int, ...]


@dataclass
class Search:
    """What has been found: plans by cost, and the cuts."""

    judge: Judge
    say: Callable[[str], None]
    seeds: int  # of a step
    aim: Callable[[Plan, int], list[float]]
    cuts: list[Cut] = field(default_factory=list)
    losses: list[Cut] = field(default_factory=list)  # what one person less costs, where there are many columns
    seen: dict[Plan, float] = field(default_factory=dict)  # least slack above the aim

    def cost(self, y: Sequence[int]) -> float:
        return self.judge.needs.layout.cost(y)

    def margin(self, y: Plan) -> float:
        """By how much the least kept promise exceeds its aim; below 0: not enough."""
        if y not in self.seen:
            values = self.judge.slacks(y, self.seeds)
            self.seen[y] = float((values - np.array(self.aim(y, self.seeds))).min())
        return self.seen[y]

    def tightest(self, y: Plan) -> str:
        """The promise that is kept least, and by how much."""
        values = self.judge.slacks(y, self.seeds)
        k = int(values.argmin())
        return f"least: {self.judge.trials.targets[k].text.strip()} by {100 * values[k]:+.2f} %"

    def best(self) -> Plan | None:
        """The cheapest plan seen that exceeds its aims."""
        good = [y for y, m in self.seen.items() if m >= 0.0]
        return min(good, key=lambda y: (self.cost(y), y)) if good else None

    def descend(self, y: Plan, rounds: int) -> Plan:
        """Cutting planes where there are few columns: worth is measured anew at every plan."""
        reach = 2
        for k in range(rounds):
            margin = self.margin(y)
            self.cuts += learn(self.judge, y, self.seeds, 1 if margin < 0 else -1)
            best = self.best()
            self.say(f"cutting planes, at most {rounds}: {k + 1}: cost {self.cost(y):,.6g}, {self.tightest(y)}")
            found = next_plan(self.judge, self.cuts, self.aim(y, self.seeds), y, reach) or self._more(y)
            if found in self.seen or (best is not None and self.cost(found) >= self.cost(best) * (1 - SAME)):
                if reach == 1 or best is None:
                    break
                reach, y = 1, best
                continue
            y = found
        self.margin(y)
        return self.best() or self.grow(y)

    def descend_many(self, y: Plan, rounds: int, learned: int) -> Plan:
        """The same where there are many: steps from the best plan so far, half as long after one that failed.

        A promise that came out worse than the cuts said is aimed at by so much more in the next step.
        """
        limit, more, since = CHEAPER, np.zeros(len(self.judge.groups)), rounds
        best: Plan | None = y if self.margin(y) >= 0.0 else None
        for k in range(rounds):
            if learned and since >= AGAIN:
                self.cuts += learn(self.judge, y, self.seeds, 1)
                self.losses = learn(self.judge, y, self.seeds, -1)
                learned, since = learned - 1, 0
            else:
                self._shift(y)
            aims = np.array(self.aim(y, self.seeds))
            newest = self.cuts[-len(self.losses) :]
            found = next_of_many(self.judge, newest, self.losses, (aims + more).tolist(), y, 1, limit) or self._more(y)
            short = aims - self.judge.slacks(found, self.seeds)
            self.say(f"cutting planes, at most {rounds}: {k + 1}: cost {self.cost(found):,.6g}, {self.tightest(found)}")
            if self.margin(found) >= 0.0:
                if best is not None and self.cost(found) >= self.cost(best) * (1 - 0.002):
                    break
                best = y = found
                more, since = more / 2.0, since + 1
                continue
            more += np.maximum(short, 0.0)
            if best is None:
                y, since = found, since + 1
            else:
                y, limit = best, limit / 2.0
                if limit < CHEAPER / 20.0:
                    break
        return self.best() or self.grow(y)

    def _shift(self, y: Plan) -> None:
        """Cuts at y with the worths measured last, and the scores of y."""
        duty = self.judge.needs.layout.duty(y)
        n = len(self.losses) or len(self.judge.groups)
        values = self.judge.slacks(y, self.seeds)
        each = {k: iter(s.value / t.scale for s in part) for k, (t, part) in self._by_part(y).items()}
        for last in self.cuts[-n:]:
            value = next(each[last.promise], 0.0) if last.promise in each else float(values[last.promise])
            self.cuts.append(Cut(duty, value, last.worth, last.promise))

    def _by_part(self, y: Plan) -> dict[int, Any]:
        """Promises that hold in each interval, and their scores."""
        found = self.judge.scores(y, self.seeds)
        return {k: (t, found[k]) for k, t in enumerate(self.judge.trials.targets) if self.judge.groups[k] is not None}

    def _more(self, y: Plan) -> Plan:
        """One person more wherever the last cuts say that he is worth something (everywhere, if they say so nowhere)."""
        worth = sum((c.worth for c in self.cuts[-len(self.judge.groups) :]), np.zeros(len(self.judge.needs.layout.cells)))
        helps = worth @ self.judge.needs.layout.cover > 0
        return tuple(int(n + (h or not helps.any())) for n, h in zip(y, helps, strict=True))

    def grow(self, y: Plan) -> Plan:
        """More people everywhere until every promise exceeds its aim.  Raises ValueError where they do not help."""
        for k in range(40):
            if self.margin(y) >= 0.0:
                return y
            more = np.ceil(self.judge.needs.layout.duty(y) * 1.06 + 0.5)
            covered = cheapest_cover(self.judge.needs.layout, more)
            y = tuple(max(a, b) for a, b in zip(y, covered, strict=True))
            self.say(f"not enough: {k + 1} times more people, cost {self.cost(y):,.6g}")
        worst = min(zip(self.judge.trials.targets, self.judge.slacks(y, self.seeds), strict=True), key=lambda x: x[1])[0]
        raise ValueError(f"no number of people keeps this promise: {worst.text.strip()}")

    def trim(self, y: Plan, looks: int) -> Plan:
        """One person less in as many columns at once as every promise allows; those whose people are worth least for their cost first."""
        layout = self.judge.needs.layout
        order = self._worthless(y)
        step = max(1, len(order) // 4)
        failed: set[int] = set()
        while looks > 0:
            able = [j for j in order if y[j] > layout.least[j] and j not in failed][:step]
            if not able:
                if step == 1 or not failed:
                    break
                step = max(1, step // 2)
                failed = set() if step > 1 else failed
                continue
            trial = tuple(n - (j in able) for j, n in enumerate(y))
            looks -= 1
            if self.margin(trial) >= 0.0:
                y = trial
                self.say(f"without {len(able)} of them: cost {self.cost(y):,.6g}")
            elif step == 1:
                failed.update(able)
            else:
                step = max(1, step // 2)
        return y

    def _worthless(self, y: Plan) -> list[int]:
        layout = self.judge.needs.layout
        values = self.judge.slacks(y, self.seeds)
        scarce = [1.0 / max(v, 1e-3) for v in values]
        last = self.losses or self.cuts[-len(values) :]
        worth = sum((c.worth * scarce[c.promise] for c in last), np.zeros(len(layout.cells)))
        each = worth @ layout.cover / np.maximum(layout.costs, 1e-12)
        return [int(j) for j in np.lexsort((np.arange(len(each)), each))]

    def swap(self, y: Plan, looks: int) -> Plan:
        """One person less where he costs much and is worth little, one more where he is worth most; cheaper ones only."""
        layout = self.judge.needs.layout
        order = self._worthless(y)
        able = [(a, b) for a in order for b in reversed(order) if a != b and layout.costs[a] > layout.costs[b] * (1 + SAME)]
        for a, b in able[:looks]:
            if y[a] > layout.least[a]:
                trial = tuple(n - (j == a) + (j == b) for j, n in enumerate(y))
                if self.margin(trial) >= 0.0:
                    y = trial
                    self.say(f"moved one from {layout.columns[a].label} to {layout.columns[b].label}: cost {self.cost(y):,.6g}")
        return y

    def frontier(self, y: Plan, low_cost: float, trust: float) -> list[Plan]:
        """The vectors cheaper than y that nothing rules out, judged one by one; returns the plans that may be best, cheapest first.

        Ruled out: what is below a plan that fails (fewer people never help), and what the cuts leave no hope, by more than `trust`.
        Of vectors of one cost those that the nearest cuts like best come first; with more than four columns only so many of them.
        """
        layout = self.judge.needs.layout
        if len(layout.columns) > FEW:
            return [y]
        best: Plan = y
        unsure: list[Plan] = []
        bad = np.zeros((0, len(y)), np.int64)
        few = len(y) <= CERTAIN
        stop = self.judge.trials.runs + (RUNS_CERTAIN if few else RUNS)
        most = max(self.judge.n0, self.judge.n1 // (4 if few else 20))
        for level in self._levels(self._cheaper(y, low_cost), trust):
            tried = 0
            for candidate in level if few else level[: 4 * EACH_COST]:
                if self.judge.trials.runs >= stop or (tried == EACH_COST and not few):
                    break
                if len(bad) and (bad >= np.array(candidate)).all(axis=1).any():
                    continue
                tried += 1
                said = self.judge.verdict(candidate, most)
                if said == "yes":
                    best = candidate
                    self.say(f"found one of cost {self.cost(best):,.6g}")
                    break
                if said == "no":
                    bad = np.vstack([bad, candidate])
                else:
                    unsure.append(candidate)
        hopeful = [c for c in unsure if self.cost(c) < self.cost(best) * (1 - SAME)]
        hopeful.sort(key=lambda c: (self.cost(c), [-float(x) for x in self.judge.slacks(c, self.judge.looked(c))]))
        return [*hopeful[-CANDIDATES:], best]

    def _levels(self, vectors: list[Plan], trust: float) -> Iterator[list[Plan]]:
        """Vectors of one cost after the other, without those that the cuts rule out; the most hopeful first."""
        cover = self.judge.needs.layout.cover
        for _, group in itertools.groupby(vectors, key=lambda v: round(self.cost(v), 6)):
            rows = list(group)
            duty = np.array(rows) @ cover.T
            if not self.cuts:
                yield rows
                continue
            said = np.array([c.score + (duty - c.duty) @ c.worth for c in self.cuts])
            far = np.array([np.abs(duty - c.duty).sum(axis=1) for c in self.cuts])
            hope = np.full(len(rows), np.inf)
            for k in {c.promise for c in self.cuts}:
                mine = [i for i, c in enumerate(self.cuts) if c.promise == k]
                near = np.array(mine)[np.argmin(far[mine], axis=0)]
                hope = np.minimum(hope, said[near, np.arange(len(rows))])
            order = [int(i) for i in np.argsort(-hope, kind="stable") if said[:, i].min() >= -trust]
            yield [rows[i] for i in order]

    def _cheaper(self, y: Plan, low_cost: float) -> list[Plan]:
        """Vectors that cost less than y and at least `low_cost`, dearest first; near y where they would be too many."""
        layout = self.judge.needs.layout
        budget = self.cost(y)
        least = layout.least.astype(int)
        room = budget - self.cost(tuple(int(n) for n in least))
        high = [int(a + math.floor(room / c + 1e-9)) if c > 0 else int(n) for a, c, n in zip(least, layout.costs, y, strict=True)]
        low = least.tolist()
        reach = 10**6
        while math.prod(h - a + 1 for a, h in zip(low, high, strict=True)) > VECTORS and reach > 1:
            reach = min(reach - 1, max(h - a for a, h in zip(low, high, strict=True)) // 2 if reach > 50 else reach - 1)
            low = [max(a, n - reach) for a, n in zip(least.tolist(), y, strict=True)]
            high = [min(h, n + reach) for h, n in zip(high, y, strict=True)]
        ranges = [range(a, h + 1) for a, h in zip(low, high, strict=True)]
        grid = np.array(list(itertools.product(*ranges)), np.int64).reshape(-1, len(y))
        costs = grid @ layout.costs
        fits = (costs < budget * (1 - SAME)) & (costs >= low_cost * (1 - 1e-6))
        order = np.lexsort((*grid[fits].T, -costs[fits]))
        return [tuple(int(n) for n in row) for row in grid[fits][order]]

"""The whole ladder: formulas, the lag, iterated staffing, one program, cutting planes, local search, selection, proof.

scenario, promises --each step shows its people, its cost and what simulation says of it--> StaffPlan
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from omnisim.budget import Budget
from omnisim.replications import How
from omnisim.scenario import load
from omnisim.staffing.plan.choose import CANDIDATES, Choice
from omnisim.staffing.plan.demand import measure_demand
from omnisim.staffing.plan.iterated import alone, delay_of, iterate
from omnisim.staffing.plan.judge import Judge
from omnisim.staffing.plan.layout import lay_out
from omnisim.staffing.plan.needs import Needs
from omnisim.staffing.plan.programs import cheapest_cover
from omnisim.staffing.plan.result import StaffPlan, Step
from omnisim.staffing.plan.search import FEW, Plan, Search
from omnisim.staffing.plan.settings import in_words, read_settings
from omnisim.staffing.plan.shifts import Pattern, read_shifts
from omnisim.staffing.plan.targets import read_targets
from omnisim.staffing.plan.transport import lower_bound, shared_out
from omnisim.staffing.plan.trials import Progress, Trials
from omnisim.staffing.plan.verify import Prover

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

DEMAND_SEEDS = 6
ROUNDS, LEARNED = 8, 2  # of cutting planes; in how many worth is measured
MOST_AIM = 0.02  # of the scale of a promise
STEP_EVENTS = 2e6  # of the days on which a step of the search is judged
TRIMS, SWAPS = 60, 10
PROOFS = 6
WAYS = ("formulas", "proof")


def staff(
    scenario: Scenario | str | Path,
    targets: Sequence[str] | str = (),
    *,
    risk: str | None = None,
    confidence: float = 0.95,
    shifts: str | os.PathLike[str] | Mapping[str, Sequence[Pattern]] | None = None,
    costs: Mapping[str, float] | None = None,
    least: int = 1,
    vary: Sequence[str] = (),
    seed: int = 1,
    seeds: int | None = None,
    workers: int | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
    until: str = "proof",
    command: str = "",
) -> StaffPlan:
    """The cheapest people (or shifts) with which a scenario keeps some promises, and the proof.

    `targets`: see `targets`; none: those that the scenario's channels name.  `risk`, such as "90 % of days": of every promise that says
    nothing else.  `confidence`: that no promise is broken, one-sided.  `shifts`: a file of patterns (see `shifts`).  `costs`: price of an
    hour by pool, instead of its wage.  `vary`: settings that are decided as well (see `settings`).  `least`: fewest people of a pool in
    hours in which it works.  `seed`: the first; `seeds`: days a step of the search is judged on (default: by the size of a day).
    `until`: "formulas" stops before the search, without a proof.

    Raises ScenarioError for promises, scenario or shifts that cannot be read, ValueError where no number of people keeps a promise.
    """
    if until not in WAYS:
        raise ValueError(f"until {until!r} is not one of {', '.join(WAYS)}")
    if not 0.5 <= confidence < 1.0:
        raise ValueError(f"a confidence of {confidence:g} is not between 0.5 and 1")
    from omnisim.scenario import Scenario

    s = scenario if isinstance(scenario, Scenario) else load(scenario)
    promised = read_targets([targets] if isinstance(targets, str) else targets, s, risk)
    patterns = shifts if shifts is None or isinstance(shifts, Mapping) else read_shifts(shifts, s)
    ladders = []
    for choice in read_settings(vary, s):
        layout = lay_out(s.with_(choice) if choice else s, patterns, costs, least)
        trials = Trials(layout, promised, workers, How("compiled", budget or Budget()), progress)
        ladders.append(_Ladder(trials, seed, seeds, confidence, say or (lambda text: None), command, choice))
    return _cheapest(ladders, until)


def _cheapest(ladders: Sequence[_Ladder], until: str) -> StaffPlan:
    """Every ladder climbed up to the proof, and the cheapest to the end."""
    costs = []
    for ladder in ladders:
        if ladder.settings:
            ladder.say(f"with {in_words(ladder.settings)}")
        costs.append(ladder.climb(until))
    best = int(np.argmin(costs))
    if costs[best] == float("inf"):
        raise ValueError("with none of these settings does any number of people keep every promise")
    varied = tuple((dict(x.settings), c) for x, c in zip(ladders, costs, strict=True)) if len(ladders) > 1 else ()
    return ladders[best].finish(until, varied)


class _Ladder:
    """One climb."""

    def __init__(
        self, trials: Trials, seed: int, seeds: int | None, confidence: float, say: Callable[[str], None], command: str,
        settings: dict[str, str],
    ) -> None:  # fmt: skip
        self.trials, self.seed, self.given, self.confidence, self.say, self.command = trials, seed, seeds, confidence, say, command
        self.settings = settings
        self.varied: tuple[tuple[dict[str, str], float], ...] = ()
        self.steps: list[Step] = []

    def climb(self, until: str) -> float:
        """All steps before the proof, or those before the search; returns the cost, infinite where no number of people will do."""
        self.prepare()
        self.first = self.formulas()
        if until == "formulas":
            return self.trials.layout.cost(self.first)
        try:
            self.last = self.search(self.first)
        except ValueError:
            if not self.settings:
                raise
            return float("inf")
        return self.trials.layout.cost(self.last)

    def finish(self, until: str, varied: tuple[tuple[dict[str, str], float], ...]) -> StaffPlan:
        """The proof, where it is asked for."""
        self.varied = varied
        return self.result(self.first, None) if until == "formulas" else self.prove(self.last)

    def prepare(self) -> None:
        """What comes, and how the search judges."""
        trials = self.trials
        self.say("demand: everybody served at once")
        demand = range(self.seed, self.seed + DEMAND_SEEDS)
        loads, self.ample = measure_demand(trials.layout, trials.base, demand, trials.workers, trials.how, trials.progress)
        self.needs = Needs.of(trials.layout, loads, trials.targets)
        self.judge = Judge(trials, self.needs, self.seed)
        self.bound = lower_bound(self.needs)

    def formulas(self) -> Plan:
        """Steps that simulate nobody, but for the demand; each is judged by simulation all the same."""
        layout, needs = self.trials.layout, self.needs
        stationary, lagged = needs.by_channel(False), needs.by_channel(True)
        self.formula, self.lagged = needs.by_cell(stationary), needs.by_cell(lagged)
        y = cheapest_cover(layout, self.formula)
        self.trials.of(y, [self.seed])
        self.events = self.trials.events / max(self.trials.runs, 1)
        self.judge.budget(self.events)
        self.n = self.given or int(np.clip(round(STEP_EVENTS / max(self.events, 1.0)), 10, 60))
        self.step("formula", y, "each interval as if it lasted for ever", "what an interval inherits from those before it")
        y = cheapest_cover(layout, self.lagged)
        self.step("lag", y, "the load that is there when people stay a while", "any law of handling and patience, further attempts")
        self.need = self.lagged
        shared = shared_out(needs, lagged)
        if alone(needs):
            y = self.iterated()
            self.step("iterated", y, "numbers in the system, simulated again and again", "that people of one pool help another")
        if shared is not None and any(len([p for p in range(len(layout.pools)) if needs.effect(p, c) > 0]) > 1 for c in needs.loads):
            y = shared
            self.step("shared", y, "time of flexible people shared out, nobody twice", "that pooled queues need fewer; chance")
        return y

    def iterated(self) -> Plan:
        """Iterated staffing where it can be, the lagged formula elsewhere."""
        layout, needs = self.trials.layout, self.needs
        delays = {}
        for p, channels in alone(needs).items():
            pool = layout.pools[p]
            first = layout.first_cell[pool.name]
            heavy = max(channels, key=lambda c: needs.loads[c].work_h)
            skill = self.trials.base.staffing.pools[pool.name].skills[heavy]  # type: ignore[union-attr]
            erlangs = needs.erlangs(heavy, True)
            rows = []
            for i in range(len(pool.slots)):
                g = int(np.flatnonzero(needs.cells[p] == first + i)[0])
                rows.append(
                    delay_of(needs, heavy, float(self.lagged[first + i]), float(erlangs[g]), skill.concurrency, needs.slower(p, heavy))
                )
            delays[p] = np.array(rows)
        found = iterate(needs, self.trials, self.lagged, delays, range(self.seed, self.seed + DEMAND_SEEDS), self.ample)
        self.need = found.people
        self.say(f"iterated staffing: {found.rounds} rounds, last change {found.moved:g}")
        return cheapest_cover(layout, found.people)

    def aim(self, y: Plan, n: int) -> list[float]:
        """By how much each promise is to be exceeded in the search: two standard errors of a proof, one of the days of the search."""
        found = self.judge.scores(y, n)
        proof = min(10 * n, max(n, self.judge.n1))
        out = []
        for part, target in zip(found, self.trials.targets, strict=True):
            sd = max((s.sd for s in part if np.isfinite(s.sd)), default=0.0)
            if part[0].days is not None:  # steered by the level of a day, whose spread is not that of a share
                out.append(0.0)
                continue
            out.append(min(sd * (0.5 / n**0.5 + 2.0 / proof**0.5) / target.scale, MOST_AIM))
        return out

    def search(self, y: Plan) -> Plan:
        """Cutting planes, local search; every vector where there are few columns."""
        few = len(self.trials.layout.columns) <= FEW
        self.found = Search(self.judge, self.say, self.n, self.aim)
        for step in self.steps:  # what is known already is a candidate as well
            self.found.margin(step.y)
        y = self.found.descend(y, ROUNDS) if few else self.found.descend_many(y, 2 * ROUNDS, LEARNED)
        self.step("cutting planes", y, "what a person more or less is worth, simulated", "that worth is not the same everywhere")
        if not few:
            y = self.found.trim(y, TRIMS)
            y = self.found.swap(y, SWAPS)
        else:
            while self.judge.verdict(y) == "no":
                y = self.found.grow(tuple(n + 1 for n in y))
        self.candidates = self.found.frontier(y, self.bound * 0.98, self.trust()) if few else self.cheapest()
        y = self.candidates[0]
        self.step(
            "local search",
            y,
            "one less, one moved" if not few else "every cheaper vector that nothing rules out",
            "the luck of the days it was found on",
        )
        return y

    def trust(self) -> float:
        """By how much a cut may be wrong, in the scale of its promise, before it rules a plan out."""
        return 0.03 if all(t.measure.unit == "share" for t in self.trials.targets) else 0.1

    def cheapest(self) -> list[Plan]:
        """The cheapest plans seen that exceed their aims."""
        good = [y for y, m in self.found.seen.items() if m >= 0.0]
        return sorted(good, key=lambda y: (self.trials.layout.cost(y), y))[:CANDIDATES]

    def prove(self, y: Plan) -> StaffPlan:
        """Selection among the candidates, and fresh days; after a proof that fails the next candidate, and then more people."""
        j = self.judge
        prover = Prover(self.trials, self.seed, 1.0 - self.confidence, j.groups, j.names)
        choice = Choice(j, prover, self.events, self.say)
        proof = None
        waiting = list(self.candidates)
        dearest = 3.0 * max(self.trials.layout.cost(c) for c in waiting)
        luck = np.zeros(len(self.trials.targets))  # of the days of the search, promise by promise
        while prover.looks < PROOFS:
            if (luck < 0.0).any():
                waiting = [c for c in waiting if float((j.slacks(c, self.n) + luck).min()) >= 0.0]
            y = waiting.pop(0) if waiting else self.stronger(y)
            if self.trials.layout.cost(y) > dearest:
                break
            if not choice.confirmed(y):
                self.say(f"cost {self.trials.layout.cost(y):,.6g}: other days do not confirm it")
                luck = np.minimum(luck, choice.other.slacks(y, choice.other.looked(y)) - j.slacks(y, self.n))
                continue
            proof = choice.prove(y)
            if proof.met:
                break
        if proof is None:
            raise ValueError("no plan was confirmed by days that took no part in the search")
        self.step("selection and proof", proof.y, f"{len(proof.seeds)} days never used before", "")
        return self.result(proof.y, proof)

    def stronger(self, y: Plan) -> Plan:
        """One person more in the column where he is worth most for his cost."""
        layout = self.trials.layout
        n = len(self.trials.targets)
        slacks = self.judge.slacks(y, self.n)
        tight = int(np.argmin(slacks))
        cuts = [c for c in self.found.cuts if c.promise == tight][-1:] or self.found.cuts[-n:]
        worth = sum((c.worth for c in cuts), np.zeros(len(layout.cells))) @ layout.cover / np.maximum(layout.costs, 1e-12)
        few = max(1, len(layout.columns) // 60)
        best = np.argsort(-worth, kind="stable")[:few]
        return tuple(n + int(j in best) for j, n in enumerate(y))

    def step(self, name: str, y: Plan, knows: str, leaves: str) -> None:
        """Write a step down, with what simulation says of it."""
        scores = self.judge.scores(y, self.n)
        worst = [min(part, key=lambda s: s.value) for part in scores]
        self.steps.append(
            Step(name, y, self.trials.layout.cost(y), tuple(s.worth for s in worst), tuple(s.value for s in worst), knows, leaves)
        )
        kept = sum(s.value >= 0.0 for s in worst)
        self.say(f"{name}: cost {self.trials.layout.cost(y):,.6g} {self.trials.layout.unit}, {kept} of {len(worst)} promises kept")

    def result(self, y: Plan, proof: object) -> StaffPlan:
        from omnisim.staffing.plan.verify import Proof

        assert proof is None or isinstance(proof, Proof)
        cuts = self.found.cuts if hasattr(self, "found") else []
        return StaffPlan(
            trials=self.trials, needs=self.needs, judge=self.judge, y=y, steps=tuple(self.steps), proof=proof, formula=self.formula,
            lagged=self.lagged, need=self.need if not self.trials.layout.simple else self.trials.layout.duty(y), bound=self.bound,
            confidence=self.confidence, command=self.command, cuts=tuple(cuts), seeds=range(self.seed, self.seed + self.n),
            settings=self.settings, varied=self.varied,
        )  # fmt: skip

"""How many people the retail day needs, and what 900 USD a day more would add.

    ample staff, simulated --> contacts and handling by half hour --formula--> a first plan --simulation--> corrected
                                                                             --fresh seeds--> does it meet its targets?
    plan + money --formula--> one agent more where he answers most contacts in time for his wage --> same spend

Run from the checkout:  python scenarios/retail-day/size.py           prints the plans and the evidence (a few minutes)
The plan is made for the multichannel strategy, and siloed and omnichannel work with the same people.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import omnisim as om
from omnisim.staffing.durations import exponential, weibull
from omnisim.staffing.formulas import ErlangC, PatienceQueue

HERE = Path(__file__).resolve().parent
LIVE = {"call_center": "phone", "chat": "chat", "store": "store"}  # channel: its pool
INBOX = ("email", "social")  # both answered by the pool `inbox`
IN_TIME = 0.95  # target for mail and social media: share answered by the deadline
INBOX_LOAD = 0.90  # planned occupancy of the inbox pool
FLOOR = 0.10  # no half hour may fall further below its target than this
SLOT_H = Fraction(1, 2)
MARGIN = 0.01  # the sizing aims so far above a target, since it will be judged on other seeds
LEAST = 2  # nobody works alone
STAY = 3  # one in so many stays half an hour after the doors shut, for those who still wait
Plan = dict[str, list[int]]  # pool: agents in each of the 48 half hours


def clock_map(agents: Sequence[int]) -> dict[str, int]:
    """Agents by half hour as a clock map, only where the number changes.

    >>> clock_map([0] * 16 + [3] * 28 + [0] * 4)
    {'00:00': 0, '08:00': 3, '22:00': 0}
    """
    return {f"{i // 2:02d}:{i % 2 * 30:02d}": n for i, n in enumerate(agents) if i == 0 or n != agents[i - 1]}


def by_half_hour(scenario: Any, pool: str) -> list[int]:
    """Agents of a pool in each half hour of a day, from the scenario."""
    points = scenario.staffing.pools[pool].agents.points
    return [next((n for start, n in reversed(points) if start <= 1800 * i), points[-1][1]) for i in range(48)]


def staffed(scenario: Any, plan: Plan) -> Any:
    """The scenario with the agents of a plan."""
    return scenario.with_({f"staffing.pools.{pool}.agents": clock_map(agents) for pool, agents in plan.items()})


def slots_of(answer: Any, kpi: str, channel: str) -> list[float]:
    """One KPI of a channel by half hour of the measured day, 0 where it is undefined."""
    slots = [0.0] * 48
    for e in answer.estimates:
        scope = dict(e.scope)
        if e.kpi == kpi and scope.keys() == {"channel", "interval"} and scope["channel"] == channel:
            start = datetime.fromisoformat(scope["interval"])
            slots[2 * start.hour + start.minute // 30] = e.mean
    return slots


def is_open(scenario: Any, channel: str, slot: int) -> bool:
    """Whether a channel is open in a half hour (every day has the same hours here)."""
    hours = scenario.channels[channel].hours
    return hours is None or any(a <= 1800 * slot < b for a, b in hours)


def in_time(scenario: Any, channel: str, per_h: float, handle_s: float, agents: int) -> float:
    """Share of contacts that the steady state of a half hour answers within the promise, by formula."""
    help_ = scenario.channels[channel].help
    places = agents * scenario.staffing.pools[LIVE[channel]].skills[channel].concurrency
    within = help_.service_level.within
    if per_h <= 0.0:
        return 1.0
    if help_.patience is None or help_.patience.law == "never":
        return ErlangC(per_h / 3600.0, handle_s, places).service_level(within) if per_h / 3600.0 * handle_s < places else 0.0
    patience = weibull(help_.patience.mean, help_.patience.cv) if help_.patience.law == "weibull" else exponential(help_.patience.mean)
    return PatienceQueue(per_h / 3600.0, handle_s, places, patience).service_level("answered_in_time_over_offered", within)


def demand(scenario: Any, seeds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Contacts an hour by channel and half hour, and handling time by channel, when nobody has to wait."""
    ample = {pool: [3 * max(n, 10) if n else 0 for n in by_half_hour(scenario, pool)] for pool in (*LIVE.values(), "inbox")}
    answer = om.run(staffed(scenario, ample), seeds=seeds)
    channels = (*LIVE, *INBOX)
    return (
        {c: [2.0 * n for n in slots_of(answer, "contacts_offered", c)] for c in channels},
        {c: answer.kpi("handle_time_s", channel=c).mean for c in channels},
    )


def by_formula(scenario: Any, per_h: Mapping[str, Sequence[float]], handle_s: Mapping[str, float]) -> Plan:
    """The least agents of each half hour that meet the target by formula; the inbox level, at its planned occupancy.

    In the half hour after the doors shut, a third stays for those who still wait.
    """
    plan: Plan = {}
    for channel, pool in LIVE.items():
        target = scenario.channels[channel].help.service_level.target
        plan[pool] = [0] * 48
        for slot in range(48):
            if is_open(scenario, channel, slot):
                n = LEAST
                while in_time(scenario, channel, per_h[channel][slot], handle_s[channel], n) < target:
                    n += 1
                plan[pool][slot] = n
            elif slot and is_open(scenario, channel, slot - 1):
                plan[pool][slot] = max(LEAST, math.ceil(plan[pool][slot - 1] / STAY))
    on = [n > 0 for n in by_half_hour(scenario, "inbox")]
    work_h = sum(sum(per_h[c]) / 2.0 * handle_s[c] / 3600.0 for c in INBOX)
    level = math.ceil(work_h / (sum(on) / 2.0) / INBOX_LOAD)
    plan["inbox"] = [level if here else 0 for here in on]
    return plan


@dataclass(frozen=True)
class Evidence:
    """What a plan reached of one target: mean over seeds, 95 % interval, and the one-sided 95 % lower bound `surely`."""

    kpi: str
    channel: str
    target: float
    mean: float
    low: float
    high: float
    surely: float

    @property
    def met(self) -> bool:
        """Whether the target is reached with 95 % confidence."""
        return self.surely >= self.target


def _evidence(kpi: str, channel: str, target: float, values: Sequence[float]) -> Evidence:
    from scipy import stats

    n = len(values)
    mean = math.fsum(values) / n
    error = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n)
    half = float(stats.t.ppf(0.975, n - 1)) * error
    return Evidence(kpi, channel, target, mean, mean - half, mean + half, mean - float(stats.t.ppf(0.95, n - 1)) * error)


def live_evidence(answer: Any) -> list[Evidence]:
    """Service levels of the day on the live channels."""
    names = [(c.kpi, dict(c.scope)) for c in answer.columns]
    out = []
    for channel in LIVE:
        values = answer.sample().value[:, names.index(("service_level", {"channel": channel}))]
        out.append(_evidence("service_level", channel, answer.scenario.channels[channel].help.service_level.target, values.tolist()))
    return out


def inbox_evidence(scenario: Any, seeds: Sequence[int]) -> list[Evidence]:
    """Share of the measured day's messages that are answered by their deadline.

    The run goes on until the last of these deadlines, since a message of Tuesday evening may be answered on Wednesday morning.
    """
    clock = scenario.clock
    deadline = {c: scenario.channels[c].help.deadline for c in INBOX}
    longer = scenario.with_({"clock.horizon": f"{(clock.horizon + max(deadline.values())) / 3600:g} h"})
    shares: dict[str, list[float]] = {c: [] for c in INBOX}
    for seed in seeds:
        rows = om.simulate(longer, seed).touches
        for channel in INBOX:
            day = (rows["arrived"] >= clock.warmup) & (rows["arrived"] < clock.horizon)
            mine = rows[day & (rows["channel"] == sorted(scenario.channels).index(channel))]
            shares[channel].append(float((mine["ended"] - mine["arrived"] <= deadline[channel]).mean()))
    return [_evidence("answered by the deadline", c, IN_TIME, shares[c]) for c in INBOX]


def evidence(scenario: Any, seeds: range) -> list[Evidence]:
    """What the scenario's staff reaches of every target on these seeds."""
    return live_evidence(om.run(scenario, seeds=seeds)) + inbox_evidence(scenario, seeds[:20])


def corrected(scenario: Any, plan: Plan, seeds: range, rounds: int = 15) -> Plan:
    """The plan with one agent more wherever the simulation falls short: a half hour below its floor, or the day below its target.

    A day below its target gets an agent in the half hours that leave most contacts unanswered in time: in one of them, and in one more
    for each 2 points that are missing.
    """
    plan = {pool: list(agents) for pool, agents in plan.items()}
    for _ in range(rounds):
        if all(e.met for e in inbox_evidence(staffed(scenario, plan), seeds[:10])):
            break
        plan["inbox"] = [n + 1 if n else 0 for n in plan["inbox"]]
    for _ in range(rounds):
        answer = om.run(staffed(scenario, plan), seeds=seeds)
        before = {pool: list(agents) for pool, agents in plan.items()}
        print(
            f"  {float(cost(scenario, plan)):.2f} a day:", *(f"{e.channel} {e.surely:.3f}" for e in live_evidence(answer)), file=sys.stderr
        )
        for found in live_evidence(answer):
            agents = plan[LIVE[found.channel]]
            offered, level = slots_of(answer, "contacts_offered", found.channel), slots_of(answer, "service_level", found.channel)
            opened = [i for i in range(48) if is_open(scenario, found.channel, i)]
            below = {i for i in opened if level[i] < found.target - FLOOR}
            missing = found.target + MARGIN - found.surely
            if missing > 0.0:
                many = 1 + int(50 * missing)
                below.update(sorted(opened, key=lambda i: offered[i] * (level[i] - found.target))[:many])
            for i in below:
                agents[i] += 1
        if plan == before:
            break
    return plan


def half_hour_cost(scenario: Any, pool: str) -> Fraction:
    """What one agent costs in one half hour, exactly."""
    return Fraction(str(scenario.staffing.pools[pool].wage)) * SLOT_H


def cost(scenario: Any, plan: Plan) -> Fraction:
    """What a plan costs a day at the wages, exactly."""
    return sum((half_hour_cost(scenario, pool) * sum(agents) for pool, agents in plan.items()), Fraction(0))


def spend(scenario: Any, plan: Plan, money: Fraction, per_h: Mapping[str, Sequence[float]], handle_s: Mapping[str, float]) -> Plan:
    """The plan with as many more agent half hours as the money buys, each where the formula gains most contacts in time for its price.

    Never more than the money; what is left over buys no further half hour of any live pool.
    """
    plan = {pool: list(agents) for pool, agents in plan.items()}

    def gain(channel: str, slot: int) -> float:
        n, rate = plan[LIVE[channel]][slot], per_h[channel][slot]
        more = in_time(scenario, channel, rate, handle_s[channel], n + 1) - in_time(scenario, channel, rate, handle_s[channel], n)
        return rate / 2.0 * more / float(half_hour_cost(scenario, LIVE[channel]))

    places = [(c, i) for c in LIVE for i in range(48) if is_open(scenario, c, i)]
    gains = {place: gain(*place) for place in places}
    while affordable := [p for p in places if half_hour_cost(scenario, LIVE[p[0]]) <= money]:
        best = max(affordable, key=lambda p: (gains[p], p))
        plan[LIVE[best[0]]][best[1]] += 1
        money -= half_hour_cost(scenario, LIVE[best[0]])
        gains[best] = gain(*best)
    return plan


def main(seeds: int = 80) -> None:
    """Make both plans and print them as blocks to copy, with the evidence."""
    scenario = om.load(HERE / "multichannel.yaml")
    per_h, handle_s = demand(scenario, 20)
    first = by_formula(scenario, per_h, handle_s)
    plan = corrected(scenario, first, range(101, 101 + seeds))
    hub = Fraction(str(om.load(HERE / "omnichannel.yaml").context.hub.cost))
    more = spend(scenario, plan, hub, per_h, handle_s)
    for title, p in (("by formula", first), ("corrected", plan), ("same spend", more)):
        print(f"\n{title}: {float(cost(scenario, p)):.2f} {scenario.currency} a day")
        for pool, agents in p.items():
            entries = ", ".join(f'"{start}": {n}' for start, n in clock_map(agents).items())
            print(f"  {pool}: {sum(agents) / 2:g} h  {{{entries}}}")
    for title, p in (("corrected", plan), ("same spend", more)):
        print(f"\n{title}, on {seeds} fresh seeds")
        for e in evidence(staffed(scenario, p), range(1001, 1001 + seeds)):
            met = "met" if e.met else "NOT MET"
            print(
                f"  {e.channel:12} {e.mean:.3f} ({e.low:.3f} to {e.high:.3f}), surely {e.surely:.3f}; target {e.target:.2f}: {met}  {e.kpi}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 80)

"""How many people Cyber Monday needs, what the hub's money would add, and how many the hub could do without.

    rates, shares, laws --flow balance--> contacts by half hour --formula--> a first plan        (no simulation)
    a plan, simulated --> too few somewhere? one more there --> ... --fresh seeds--> does it meet its targets?
    plan + the hub's money --> same spend (multichannel)          plan - half hours while every target holds --> same service (omnichannel)

Run from the checkout:
    python scenarios/cybermonday/size.py                 the first plan, by formula
    python scenarios/cybermonday/size.py simulate 40     plans and evidence on 40 seeds (minutes)
    python scenarios/cybermonday/size.py check 40        what the shipped plans reach on 40 seeds that sized nothing (seconds)
    python scenarios/cybermonday/size.py conversion 10   orders in 100 visits by channel, to solve journey.shop.buy
An argument `retail-year` does the same for the ordinary days.  The plan is made for the multichannel strategy.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import omnisim as om
from omnisim.words import Mode

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent
INBOX = ("email", "social")
DAY_S = 86400.0
ROUNDS = 20
MARGIN = 0.02  # nobody is spared unless the target is exceeded by this much, since the plan is judged on other seeds
Plan = dict[str, list[int]]  # pool: agents in each of the 48 half hours


def retail_day() -> Any:
    """The sizing of the retail day, whose formulas hold here as well."""
    spec = importlib.util.spec_from_file_location("size_of_retail_day", FOLDER / "retail-day" / "size.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


DAY = retail_day()


def by_hour(scenario: Any, stream: Any) -> list[float]:
    """Customers an hour of a stream in each hour of an average day of the run."""
    days = scenario.clock.horizon / DAY_S
    a_day = stream.volume / days if stream.volume is not None else stream.rate[0][1] * DAY_S
    weights = stream.profile.hourly if stream.profile and stream.profile.hourly else (1.0,) * 24
    return [scenario.scale * a_day * w / math.fsum(weights) for w in weights]


def expected(scenario: Any) -> dict[str, list[float]]:
    """Contacts an hour by channel in each hour of an average day, by balance of flows.

    Visits move on at once, orders raise their questions when they are placed, further attempts come in the hour of the first one.
    """
    shop, issue = scenario.journey.shop, scenario.journey.issue
    channels = sorted(scenario.channels)
    contacts = {c: [0.0] * 24 for c in channels}
    ask = shop.ask
    for hour in range(24):
        visits = dict.fromkeys(channels, 0.0)
        issues = dict.fromkeys(channels, 0.0)
        for stream in scenario.demand.values():
            n = by_hour(scenario, stream)[hour]
            for c, share in stream.enter.items():
                (visits if stream.goal == "shop" else issues)[c] += n * share
        come = dict(visits)
        for _ in range(30):  # who looks elsewhere looks again
            moved = dict.fromkeys(channels, 0.0)
            for c, row in shop.switch.items():
                for to, share in row.items():
                    moved[to] += come[c] * (1.0 - shop.cart.get(c, 0.0)) * share
            come = {c: moved[c] for c in channels}
            for c in channels:
                visits[c] += come[c]
        for c in channels:
            asked = visits[c] * (ask.share.get(c, 0.0) if ask else 0.0)
            for to, share in (ask.channel.get(c, {c: 1.0}) if ask else {}).items():
                contacts[to][hour] += asked * share
            if scenario.channels[c].browse is None:
                contacts[c][hour] += visits[c]  # who shops by asking
            orders = visits[c] * shop.cart.get(c, 0.0) * shop.buy.get(c, 1.0) * 0.5  # about half are lost to fee and delivery time
            if issue and issue.orders and not shop.carry.get(c, False):
                for to, share in issue.orders.enter.items():
                    issues[to] += orders * (issue.orders.question + 0.1 * issue.orders.late) * share
        again = issue.retry.after_unresolved if issue and issue.retry else 0.0
        for c in channels:
            help_ = scenario.channels[c].help
            if help_ is not None:
                contacts[c][hour] += issues[c] / (1.0 - again * (1.0 - help_.resolve))
    return contacts


def handling_s(scenario: Any, channel: str) -> float:
    """Mean handling time; in one contact of two there is a story, told again where it did not follow."""
    help_, context = scenario.channels[channel].help, scenario.context
    links = [share for row in context.link.values() for share in row.values()]
    follows = context.identify[channel] * math.fsum(links) / max(1, len(links))
    return float(help_.handling.mean + (help_.wrap.mean if help_.wrap else 0.0) + context.effects.repeat_time * 0.5 * (1.0 - follows))


def first_plan(scenario: Any) -> Plan:
    """The least agents of each half hour that meet the targets by formula."""
    contacts = expected(scenario)
    per_h = {c: [contacts[c][slot // 2] for slot in range(48)] for c in (*DAY.LIVE, *INBOX)}
    per_h = {c: [n if DAY.is_open(scenario, c, slot) else 0.0 for slot, n in enumerate(row)] for c, row in per_h.items()}
    plan: Plan = DAY.by_formula(scenario, per_h, {c: handling_s(scenario, c) for c in per_h})
    plan["inbox"] = [max(n, DAY.LEAST) if n else 0 for n in plan["inbox"]]
    return plan


def slots_of(answer: Any, kpi: str, channel: str) -> list[float]:
    """One KPI of a channel by half hour, averaged over the days of the window; 0 where it is undefined."""
    from datetime import datetime

    found: list[list[float]] = [[] for _ in range(48)]
    for e in answer.estimates:
        scope = dict(e.scope)
        if e.kpi == kpi and scope.keys() == {"channel", "interval"} and scope["channel"] == channel and math.isfinite(e.mean):
            start = datetime.fromisoformat(scope["interval"])
            found[2 * start.hour + start.minute // 30].append(e.mean)
    return [math.fsum(v) / len(v) if v else 0.0 for v in found]


def inbox_evidence(scenario: Any, seeds: range) -> list[Any]:
    """Share of messages that are answered by their deadline; the run goes on until the last of these deadlines."""
    clock = scenario.clock
    deadline = {c: scenario.channels[c].help.deadline for c in INBOX}
    longer = scenario.with_({"clock.horizon": f"{(clock.horizon + max(deadline.values())) / 3600:g} h"})
    shares: dict[str, list[float]] = {c: [] for c in INBOX}
    for seed in seeds:
        rows = om.simulate(longer, seed).touches
        for channel in INBOX:
            mine = (rows["channel"] == sorted(scenario.channels).index(channel)) & (rows["mode"] == Mode.INBOX)
            mine &= (rows["arrived"] >= clock.warmup) & (rows["arrived"] < clock.horizon)
            in_time = rows[mine]["ended"] - rows[mine]["arrived"] <= deadline[channel]
            shares[channel].append(float(in_time.mean()) if mine.any() else 1.0)
    return [DAY._evidence("answered by the deadline", c, DAY.IN_TIME, shares[c]) for c in INBOX]


def spare(answer: Any, channel: str) -> bool:
    """Whether a live channel exceeds its target by the margin, with 95 % confidence, and no other falls below its own."""
    return all(e.surely >= e.target + (MARGIN if e.channel == channel else 0.0) for e in DAY.live_evidence(answer))


def corrected(scenario: Any, plan: Plan, seeds: range) -> Plan:
    """The plan with one agent more wherever the simulation falls short of its target."""
    plan = {pool: list(agents) for pool, agents in plan.items()}
    for _ in range(ROUNDS):
        if all(e.met for e in inbox_evidence(DAY.staffed(scenario, plan), seeds[:10])):
            break
        plan["inbox"] = [n + 1 if n else 0 for n in plan["inbox"]]
    for _ in range(ROUNDS):
        answer = om.run(DAY.staffed(scenario, plan), seeds=seeds)
        evidence = DAY.live_evidence(answer)
        print(f"  {float(DAY.cost(scenario, plan)):.2f} a day:", *(f"{e.channel} {e.surely:.3f}" for e in evidence), file=sys.stderr)
        before = {pool: list(agents) for pool, agents in plan.items()}
        for e in evidence:
            missing = e.target + DAY.MARGIN - e.surely
            if missing <= 0.0:
                continue
            offered, level = slots_of(answer, "contacts_offered", e.channel), slots_of(answer, "service_level", e.channel)
            # who finds the channel shut cannot be helped by anybody on duty
            short = [i for i in range(48) if DAY.is_open(scenario, e.channel, i) and level[i] < e.target]
            for i in sorted(short, key=lambda i: offered[i] * (level[i] - e.target))[: 1 + int(50 * missing)]:
                plan[DAY.LIVE[e.channel]][i] += 1
        if plan == before:
            break
    return plan


def spend(scenario: Any, plan: Plan, money: Fraction) -> Plan:
    """The plan with as many more agent half hours as the money buys, each where the formula gains most contacts in time."""
    contacts = expected(scenario)
    per_h = {c: [contacts[c][slot // 2] for slot in range(48)] for c in DAY.LIVE}
    more: Plan = DAY.spend(scenario, plan, money, per_h, {c: handling_s(scenario, c) for c in DAY.LIVE})
    return more


def fewest(scenario: Any, plan: Plan, seeds: range) -> Plan:
    """The plan without the half hours it can spare: one agent less where the level is highest, while every target holds."""
    plan = {pool: list(agents) for pool, agents in plan.items()}
    for channel, pool in DAY.LIVE.items():
        level = slots_of(om.run(DAY.staffed(scenario, plan), seeds=seeds), "service_level", channel)
        slots = sorted((i for i in range(48) if DAY.is_open(scenario, channel, i)), key=lambda i: (-level[i], i))
        step = len(slots)
        while step >= 1:  # many at once first, then ever fewer
            fitting = [i for i in slots if plan[pool][i] > DAY.LEAST][:step]
            trial = {p: [n - (p == pool and i in fitting) for i, n in enumerate(agents)] for p, agents in plan.items()}
            if fitting and spare(om.run(DAY.staffed(scenario, trial), seeds=seeds), channel):
                plan = trial
                print(f"  {float(DAY.cost(scenario, plan)):.2f} a day without {len(fitting)} half hours of {pool}", file=sys.stderr)
            else:
                step //= 2
    return plan


def show(title: str, scenario: Any, plan: Plan) -> None:
    """A plan as blocks to copy."""
    print(f"\n{title}: {float(DAY.cost(scenario, plan)):.2f} {scenario.currency} a day")
    for pool, agents in plan.items():
        entries = ", ".join(f'"{start}": {n}' for start, n in DAY.clock_map(agents).items())
        print(f"  {pool}: {sum(agents) / 2:g} h  {{{entries}}}")


def show_evidence(title: str, scenario: Any, seeds: range) -> None:
    """What is reached of every target on these seeds."""
    print(f"\n{title}, on {len(seeds)} fresh seeds")
    for e in DAY.live_evidence(om.run(scenario, seeds=seeds)) + inbox_evidence(scenario, seeds[:10]):
        print(f"  {e.channel:12} {e.mean:.3f} ({e.low:.3f} to {e.high:.3f}), surely {e.surely:.3f}; target {e.target:.2f}: {e.met}")


def money_of(folder: Path) -> Fraction:
    """What the hub and the write-off of its capital cost a day more, in whole cents."""
    omni = om.load(folder / "omnichannel.yaml")
    capital = omni.costs.capital / (omni.costs.life / DAY_S)
    return Fraction(str(omni.context.hub.cost)) + Fraction(round(100 * capital), 100)


def plans(folder: Path, seeds: int) -> list[tuple[str, Any, Plan]]:
    """The three plans, with the scenario each is for, sized on `seeds` seeds."""
    scenario, omni = om.load(folder / "multichannel.yaml"), om.load(folder / "omnichannel.yaml")
    sizing = range(101, 101 + seeds)
    plan = fewest(scenario, corrected(scenario, first_plan(scenario), sizing), sizing)
    more = spend(scenario, plan, money_of(folder))
    less = fewest(omni, plan, sizing)
    return [("multichannel", scenario, plan), ("multichannel, same spend", scenario, more), ("omnichannel, same service", omni, less)]


def simulated(folder: Path, seeds: int) -> None:
    """All three plans and their evidence on fresh seeds."""
    for title, scenario, plan in plans(folder, seeds):
        show(title, scenario, plan)
        show_evidence(title, DAY.staffed(scenario, plan), range(1001, 1001 + seeds))


def checked(folder: Path, seeds: int) -> None:
    """The shipped plans: what they cost, and what they reach of every target on seeds that were not used for sizing."""
    for name in ("multichannel", "multichannel-same-spend", "omnichannel-same-service"):
        scenario = om.load(folder / f"{name}.yaml")
        plan = {pool: DAY.by_half_hour(scenario, pool) for pool in scenario.staffing.pools}
        hours = ", ".join(f"{pool} {sum(agents) / 2:g} h" for pool, agents in plan.items())
        print(f"{scenario.name}: {float(DAY.cost(scenario, plan)):.2f} {scenario.currency} a day ({hours})")
        for e in DAY.live_evidence(om.run(scenario, seeds=range(1001, 1001 + seeds))) + inbox_evidence(scenario, range(1001, 1011)):
            met = "met" if e.met else "NOT MET"
            print(f"  {e.channel:12} {e.mean:.3f} [{e.low:.3f}, {e.high:.3f}], surely {e.surely:.3f}; target {e.target:.2f}: {met}")


def conversion(folder: Path, seeds: int) -> None:
    """Orders in 100 visits by channel."""
    answer = om.run(om.load(folder / "multichannel.yaml"), seeds=seeds)
    for channel in ("web", "app", "store", "call_center"):
        visits, orders = answer.kpi("visits", channel=channel).mean, answer.kpi("orders", channel=channel).mean
        print(f"{channel}: {100 * orders / visits:.2f} orders in 100 visits")


def main(words: Sequence[str]) -> None:
    """What the words on the command line ask for."""
    folder = FOLDER / ("retail-year" if "retail-year" in words else "cybermonday")
    seeds = next((int(w) for w in words if w.isdigit()), 40)
    if "simulate" in words:
        simulated(folder, seeds)
    elif "check" in words:
        checked(folder, seeds)
    elif "conversion" in words:
        conversion(folder, seeds)
    else:
        scenario = om.load(folder / "multichannel.yaml")
        plan = first_plan(scenario)
        show("by formula", scenario, plan)
        money = money_of(folder)
        show(f"by formula, same spend ({float(money):.2f} a day more)", scenario, spend(scenario, plan, money))
        omni = om.load(folder / "omnichannel.yaml")
        show("by formula, same service", omni, first_plan(omni))


if __name__ == "__main__":
    main(sys.argv[1:])

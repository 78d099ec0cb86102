"""How many people before an omnichannel roll-out: each channel sized alone, and the journey sized, with and without one memory.

    python experiments/sizing-before-rollout/sizing.py [--quick] [--out reports/sizing-before-rollout]

One shop, a quarter of the retail day, phone, chat, e-mail and social media; people in blocks of two hours.  Three plans, each found and
proved by `omnisim staff`, and each then lived in both strategies on fresh days:

    alone     what every channel needs by itself: nobody tries again, nobody changes the channel, nothing has to be told twice
    multi     the journey in multichannel: repeats, spill and lost context are in it
    omni      the journey in omnichannel: what follows a customer saves repeats and handling

--quick takes a far smaller shop and stops each plan at the formulas, which proves nothing: for the tests.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import omnisim as om
from omnisim.kpis import columns
from omnisim.planfiles import write
from omnisim.staffing.plan.targets import Target, read_targets
from omnisim.whatif.reached import Reached, Seen, room

ROOT = Path(__file__).resolve().parents[2]
PROMISES = ("call_center.service_level >= 80 %", "chat.service_level >= 80 %", "email.reply_p90_s <= 4 h")
CLOCK = {"start": "2026-03-03 00:00", "horizon": "24 h", "warmup": "0 s", "interval": "2 h"}
AGENTS = {  # a start only: where people may work
    "phone": {"00:00": 0, "08:00": 4, "22:00": 0},
    "chat": {"00:00": 0, "08:00": 3, "22:00": 0},
    "inbox": {"00:00": 0, "08:00": 4, "22:00": 0},
}
ALONE = {
    "journey.issue.retry": None,
    "context": None,
    "channels.email.help.missed": None,
    "channels.social.help.missed": None,
}
# --quick: laws whose formulas are closed
SIMPLE = {
    "channels.call_center.help.patience": {"law": "exponential", "mean": "417 s"},
    "channels.call_center.help.handling": {"law": "exponential", "mean": "5.5 min"},
    "channels.chat.help.handling": {"law": "exponential", "mean": "8.8 min"},
}
FRESH, DAYS = 7_000_001, 60


@dataclass(frozen=True)
class Lived:
    """A plan lived in a strategy: what each promise came to, and the share of days on which all were kept."""

    plan: str
    strategy: str
    reached: tuple[Reached, ...]
    kept: float
    days: int

    def interval(self) -> tuple[float, float]:
        """95 % interval of the share of days (Wilson 1927, J. Am. Stat. Assoc. 22)."""
        z, n, p = 1.959964, self.days, self.kept
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def shop(name: str, scale: float = 0.25) -> om.Scenario:
    """A part of the retail day under a strategy, without the store."""
    base = om.load(ROOT / "scenarios" / "retail-day" / f"{name}.yaml")
    agents = {f"staffing.pools.{pool}.agents": at for pool, at in AGENTS.items()}
    gone = {"demand.store_questions": None, "staffing.pools.store": None, "channels.store": None}
    habit = {"customers.segments.everybody.habit": {"call_center": 0, "chat": -0.13, "email": -0.56, "social": -1.19}}
    return base.with_({"scale": scale, "clock": CLOCK, **agents, **gone, **habit})


def lived(plan: str, strategy: str, scenario: om.Scenario, days: int) -> Lived:
    """Some people in some strategy on fresh days."""
    targets = read_targets(PROMISES, scenario)
    answer = om.run(scenario, days, FRESH)
    seen = Seen(columns(answer.tables), answer.num, answer.den)
    kept = np.all([_each_day(seen, t) for t in targets], axis=0)
    found = tuple(r for t in targets if (r := seen.reach(t)) is not None)
    return Lived(plan, strategy, found, float(kept.mean()), days)


def _each_day(seen: Seen, target: Target) -> np.ndarray:
    """Whether each day keeps a promise."""
    j = seen.places[target.kpi, frozenset(target.scope)]
    return np.array([d > 0 and room(target, n / d) >= 0.0 for n, d in zip(seen.num[:, j], seen.den[:, j], strict=True)])


def study(quick: bool, say: bool = True) -> tuple[dict[str, om.StaffPlan], list[Lived], dict[str, om.Scenario]]:
    """All three plans, and all of them lived in both strategies."""
    worlds = {name: shop(name, 0.03).with_(SIMPLE) if quick else shop(name) for name in ("multichannel", "omnichannel")}
    asked = {"alone": worlds["multichannel"].with_(ALONE), "multi": worlds["multichannel"], "omni": worlds["omnichannel"]}
    plans = {}
    for name, scenario in asked.items():

        def tell(line: str, name: str = name) -> None:
            print(f"{name}: {line}", file=sys.stderr, flush=True)

        until = "formulas" if quick else "proof"
        plans[name] = om.staff(scenario, PROMISES, seeds=4 if quick else 24, until=until, say=tell if say else None)
    days = 6 if quick else DAYS
    rows = [lived(p, w, world.with_(plans[p].changes), days) for p in plans for w, world in worlds.items()]
    return plans, rows, worlds


def text(plans: dict[str, om.StaffPlan], rows: list[Lived], worlds: dict[str, om.Scenario]) -> str:
    """People, cost and risk side by side, at most 80 columns."""
    hub = worlds["omnichannel"].context.hub.cost if worlds["omnichannel"].context else 0.0
    head = f"{'Plan':<8}{'hours':>7}{'USD/day':>9}  {'lived in':<13}{'phone SL':>9}{'chat SL':>9}{'mail p90':>9}"
    lines = [f"{head}  days all kept"]
    for row in rows:
        plan = plans[row.plan]
        low, high = row.interval()
        phone, chat, mail = (r.value for r in row.reached)
        first = f"{row.plan:<8}{plan.paid_hours:>7.0f}{plan.cost:>9,.0f}" if row.strategy == "multichannel" else " " * 24
        levels = f"{100 * phone:>7.1f} %{100 * chat:>7.1f} %{mail / 3600:>7.2f} h"
        lines.append(f"{first}  {row.strategy:<13}{levels}  {row.kept:.2f} ({low:.2f}-{high:.2f})")
    more = plans["multi"].paid_hours - plans["alone"].paid_hours
    saved = plans["multi"].paid_hours - plans["omni"].paid_hours
    money = plans["multi"].cost - plans["omni"].cost
    proved = all(p.met for p in plans.values())
    lines += [
        "",
        f"The journey takes {more:+.0f} paid hours a day on top of the channels sized alone (multichannel).",
        f"Memory saves {saved:+.0f} of them, {money:+,.0f} USD a day in wages; the hub costs {hub:,.0f} USD a day at any size.",
        "Every plan is proved on fresh seeds for the world it was made for." if proved else "Not every plan is proved.",
        f"Lived: {rows[0].days} fresh days from seed {FRESH}; SL: answered in time of all offered; 95 % intervals of the share of days.",
    ]
    return "\n".join(lines) + "\n"


def numbers(plans: dict[str, om.StaffPlan], rows: list[Lived], path: Path) -> None:
    """The same as CSV, with the intervals of each number."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["plan", "paid_hours", "cost_usd", "proved", "lived_in", "promise", "value", "low", "high", "days_all_kept", "days"])
        for row in rows:
            plan = plans[row.plan]
            for promise, r in zip(PROMISES, row.reached, strict=True):
                told = [plan.paid_hours, plan.cost, plan.met, row.strategy, promise, r.value, *r.interval(), row.kept, row.days]
                table.writerow([row.plan, *told])


def main(arguments: list[str] | None = None) -> str:
    """The whole study; returns what it prints."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--quick", action="store_true")
    asked.add_argument("--out", type=Path, default=ROOT / "reports" / "sizing-before-rollout")
    o = asked.parse_args(arguments)
    plans, rows, worlds = study(o.quick)
    said = text(plans, rows, worlds)
    o.out.mkdir(parents=True, exist_ok=True)
    (o.out / "sizing.txt").write_text(said, encoding="utf-8")
    numbers(plans, rows, o.out / "numbers.csv")
    for name, plan in plans.items():
        write(plan, o.out / name)
    print(said, end="")
    return said


if __name__ == "__main__":
    main()

"""Which channel earned an order: one path, several rules, and what each rule says.

    touches, journeys, orders of a run --paths--> (channels in order, bought or not, margin) --rules--> credits [rule, channel]

    order_channel   all to the channel that sold          first, last   all to the first or the last channel of the path
    linear          equal parts to all steps of the path  markov        by removal effect, below

A path holds every channel a shopper touched, in order; neighbours that are equal are one step.  A campaign by which he came, and a
message that brought him back to his cart, are steps of their own.  The credits of every rule add up to all orders, and to all margin.

Removal effect of a channel: from all paths the chances to go from each step to the next, to an order or to nothing are counted
(first-order Markov chain); the effect is the share of the chance of an order that is lost if whoever would come to that channel is
lost.  Credits are orders in proportion to the effects.  Source: Anderl, Becker, von Wangenheim, Schumann, Mapping the customer
journey: lessons learned from graph-based online attribution modeling, Int. J. of Research in Marketing 33 (2016) 457-474.
None of the rules says what a channel causes: for that, run the scenario without it (`compare`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.answers import simulate
from omnisim.budget import Budget
from omnisim.currencies import exponent
from omnisim.estimate import Spread, spread
from omnisim.ledger import order_margin_2
from omnisim.tables import Tables
from omnisim.text import shown
from omnisim.words import End, Goal, Message

if TYPE_CHECKING:
    from omnisim.records import Records
    from omnisim.scenario import Scenario

RULES = ("order_channel", "first", "last", "linear", "markov")
LETTER = "cart message"
CAMPAIGN = "campaign."


@dataclass(frozen=True)
class Path:
    """One journey: its steps, whether it ended in an order, the channel that sold, contribution margin 2 in minor units."""

    steps: tuple[str, ...]
    bought: bool
    sold_on: str = ""
    margin: int = 0


def paths(tables: Tables, records: Records) -> list[Path]:
    """The paths of all shoppers who arrived in [warm-up, horizon) and whose journey has ended."""
    j = records.journeys
    mine = j[(j["goal"] == Goal.SHOP) & (j["end"] != End.OPEN) & (j["arrived"] >= tables.warmup_s) & (j["arrived"] < tables.horizon_s)]
    t = records.touches[records.touches["goal"] == Goal.SHOP]
    t = t[np.lexsort((t["serial"], t["customer"]))]
    first = np.searchsorted(t["customer"], mine["customer"], "left")
    last = np.searchsorted(t["customer"], mine["customer"], "right")
    orders = {int(o["customer"]): o for o in records.orders}
    channel, letter = t["channel"].tolist(), np.isin(t["messaged"], (Message.CLICKED, Message.ANYWAY)).tolist()
    stream, end, number = mine["stream"].tolist(), mine["end"].tolist(), mine["customer"].tolist()
    out = []
    for n, (a, b) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        steps = [tables.streams[stream[n]]] if tables.streams[stream[n]].startswith(CAMPAIGN) else []
        for i in range(a, b):
            steps.append(tables.channels[channel[i]])
            if letter[i]:
                steps.append(LETTER)
        order = orders.get(number[n]) if end[n] == End.CONVERTED else None
        if order is None:
            out.append(Path(joined(steps), False))
        else:
            out.append(Path(joined(steps), True, tables.channels[order["channel"]], order_margin_2(order)))
    return out


def joined(steps: Sequence[str]) -> tuple[str, ...]:
    """Steps without equal neighbours.

    >>> joined(["web", "web", "store", "web"])
    ('web', 'store', 'web')
    """
    return tuple(s for i, s in enumerate(steps) if i == 0 or steps[i - 1] != s)


def removal_effects(found: Sequence[Path]) -> dict[str, float]:
    """Share of the chance of an order that is lost with each channel, by name.

    >>> ways = [Path(("a", "b"), True), Path(("a",), False), Path(("b",), True), Path(("c",), False)]
    >>> removal_effects(ways)    # worked by hand: chance 1/2; without a: 1/4; without b: 0; without c: 1/2
    {'a': 0.5, 'b': 1.0, 'c': 0.0}
    """
    names = sorted({s for p in found for s in p.steps})
    n = len(names)
    index = {name: i + 1 for i, name in enumerate(names)}
    moves = np.zeros((n + 1, n + 3))  # from start, channels; to start (never), channels, order, nothing
    for p in found:
        at = 0
        for s in p.steps:
            moves[at, index[s]] += 1.0
            at = index[s]
        moves[at, n + 1 if p.bought else n + 2] += 1.0
    with np.errstate(invalid="ignore"):
        chance = np.nan_to_num(moves / moves.sum(axis=1, keepdims=True))
    whole = _bought(chance, [])
    if whole <= 0.0:
        return dict.fromkeys(names, 0.0)
    return {name: 1.0 - _bought(chance, [index[name]]) / whole for name in names}


def _bought(chance: np.ndarray, removed: Sequence[int]) -> float:
    """Chance to end in an order from the start, where whoever comes to a removed channel is lost."""
    n = chance.shape[0]
    among = chance[:, :n].copy()
    among[:, list(removed)] = 0.0
    return float(np.linalg.solve(np.eye(n) - among, chance[:, n])[0])


def credit(found: Sequence[Path], rule: str, effects: dict[str, float] | None = None) -> dict[str, tuple[float, float]]:
    """(orders, margin in minor units) that a rule gives to each channel; together they are all orders and all margin.

    >>> way = Path(("web", "store"), True, "store", 900)
    >>> credit([way], "linear"), credit([way], "first")
    ({'store': (0.5, 450.0), 'web': (0.5, 450.0)}, {'store': (0.0, 0.0), 'web': (1.0, 900.0)})
    """
    names = sorted({s for p in found for s in p.steps} | {p.sold_on for p in found if p.bought})
    out = {name: [0.0, 0.0] for name in names}

    def give(name: str, share: float, p: Path) -> None:
        out[name][0] += share
        out[name][1] += share * p.margin

    if rule == "markov":
        weight = removal_effects(found) if effects is None else effects
        total = sum(weight.values())
        orders, margin = float(sum(p.bought for p in found)), float(sum(p.margin for p in found if p.bought))
        for name, w in weight.items() if total > 0.0 else ():
            out[name] = [w / total * orders, w / total * margin]
        return {name: (a, b) for name, (a, b) in out.items()}
    for p in found:
        if not p.bought:
            continue
        shares = {"order_channel": [p.sold_on], "first": p.steps[:1], "last": p.steps[-1:], "linear": p.steps}[rule]
        for s in shares:
            give(s, 1.0 / len(shares), p)
    return {name: (a, b) for name, (a, b) in out.items()}


@dataclass(frozen=True)
class Attributed:
    """What the rules say: `orders`, `margin` by (rule, channel), currency units, a mean a seed with its spread."""

    scenario: str
    currency: str
    seeds: tuple[int, ...]
    channels: tuple[str, ...]
    orders: dict[tuple[str, str], Spread]
    margin: dict[tuple[str, str], Spread]
    total_orders: float
    total_margin: float

    def text(self) -> str:
        """A table of at most 80 columns: the share of orders that each rule gives to each channel, then margins."""
        head = f"{'':<22}" + "".join(f"{rule.replace('_', ' '):>11}"[:14].rjust(11) for rule in ("order ch.", *RULES[1:]))
        lines = [f"Share of {shown(self.total_orders, 'orders')} orders a seed, %", head]
        for c in self.channels:
            cells = [shown(self.orders[r, c].mean / self.total_orders if self.total_orders else 0.0, "share") for r in RULES]
            lines.append(f"{c[:22]:<22}" + "".join(f"{x:>11}" for x in cells))
        lines += ["", f"Contribution margin 2, {self.currency} a seed, of {shown(self.total_margin, self.currency)}", head]
        for c in self.channels:
            lines.append(f"{c[:22]:<22}" + "".join(f"{shown(self.margin[r, c].mean, self.currency):>11}" for r in RULES))
        lines += [
            "",
            "95 % intervals over seeds: --json.  Rules share out what was sold; none says",
            "what a channel causes: compare with a run without it.",
        ]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """{"command", "scenario", "seeds", "rows": [{"rule", "channel", "measure", "unit", "mean", "low", "high", "n"}]}."""
        rows = []
        for measure, unit, found in (("orders", "orders", self.orders), ("cm2", self.currency, self.margin)):
            for (rule, channel), s in found.items():
                low, high = s.interval(0.05) or (None, None)
                rows.append(
                    {"rule": rule, "channel": channel, "measure": measure, "unit": unit, "mean": s.mean, "low": low, "high": high, "n": s.n}
                )
        return {"command": "attribute", "scenario": self.scenario, "seeds": list(self.seeds), "rows": rows}


def attribute(
    scenario: Scenario,
    seeds: int = 10,
    seed: int = 1,
    engine: str = "auto",
    budget: Budget | None = None,
    progress: Callable[[float, int], None] | None = None,
) -> Attributed:
    """Credits by every rule, from the paths of every seed; ValueError where nobody comes to buy."""
    tables = Tables.build(scenario)
    if not tables.has_shop:
        raise ValueError("nobody comes to buy here: attribution needs a stream of goal shop")
    which = tuple(range(seed, seed + seeds))
    by_seed = []
    for n, s in enumerate(which):
        found = paths(tables, simulate(scenario, s, budget, engine=engine))
        by_seed.append({rule: credit(found, rule) for rule in RULES})
        if progress is not None:
            progress(n + 1, seeds)
    channels = tuple(sorted({c for rules in by_seed for c in rules["linear"]}))
    unit = 10.0 ** exponent(tables.currency)
    orders, margin = ({(r, c): _over(by_seed, r, c, k, (1.0, unit)[k]) for r in RULES for c in channels} for k in (0, 1))
    totals = [sum(orders_margin[k] for orders_margin in rules["order_channel"].values()) for rules in by_seed for k in (0, 1)]
    return Attributed(
        scenario.name, tables.currency, which, channels, orders, margin,
        float(np.mean(totals[::2])), float(np.mean(totals[1::2])) / unit,
    )  # fmt: skip


def _over(by_seed: list[dict[str, dict[str, tuple[float, float]]]], rule: str, channel: str, k: int, unit: float) -> Spread:
    return spread(np.array([rules[rule].get(channel, (0.0, 0.0))[k] / unit for rules in by_seed]))

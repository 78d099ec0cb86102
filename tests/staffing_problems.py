"""Small staffing problems whose cheapest answer is certified by exact enumeration of Markov chains.

Each problem: a scenario, promises in text, prices, the exact KPIs of a vector, and the box that is enumerated.  Nothing of the planner is
used here.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import omnisim as om
from omnisim.scenario import from_plain
from omnisim.staffing import exact

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Problem:
    """`worth(v)`: the KPI of each promise, exactly; `levels`, `signs`: kept when sign * (worth - level) >= 0; `prices` of a column."""

    name: str
    scenario: om.Scenario
    targets: tuple[str, ...]
    worth: Callable[[Vector], tuple[float, ...]]
    levels: tuple[float, ...]
    signs: tuple[int, ...]
    prices: tuple[float, ...]
    box: tuple[range, ...]
    costs: dict[str, float] | None = None
    vary: tuple[str, ...] = ()

    def cost(self, v: Vector) -> float:
        return sum(p * n for p, n in zip(self.prices, v, strict=True))

    def slack(self, v: Vector) -> float:
        """The least kept promise, as a share of its level; below 0: broken."""
        return min(s * (w - x) / x for s, w, x in zip(self.signs, self.worth(v), self.levels, strict=True))

    def best(self) -> Vector:
        """The cheapest vector of the box that keeps every promise: dearer ones are not looked at, and none below one that fails."""
        bad: list[Vector] = []
        for v in sorted(itertools.product(*self.box), key=lambda v: (round(self.cost(v), 9), v)):
            if not self.vary and any(all(a >= b for a, b in zip(w, v, strict=True)) for w in bad):
                continue
            if self.slack(v) >= 0.0:
                return v
            bad.append(v)
        raise AssertionError("the box holds no answer")


def _live(handling_s: float, patience_s: float | None, within_s: float | None = None, **more: object) -> dict[str, object]:
    help_: dict[str, object] = {"mode": "live", "handling": {"law": "exponential", "mean": f"{handling_s} s"}, **more}
    if patience_s is not None:
        help_["patience"] = {"law": "exponential", "mean": f"{patience_s} s"}
    if within_s is not None:
        help_["service_level"] = {"within": f"{within_s} s", "target": 0.8}
    return {"help": help_}


def _scenario(name: str, rates: dict[str, float], channels: dict[str, object], pools: dict[str, object], **clock: object) -> om.Scenario:
    """rates: per minute, by channel."""
    return from_plain(
        {
            "omnisim": 1, "name": name, "clock": {"horizon": "26 h", "warmup": "2 h", **clock},
            "demand": {c: {"goal": "issue", "rate": f"{r} /min", "enter": {c: 1}} for c, r in rates.items()},
            "channels": channels, "staffing": {"pools": pools},
        }
    )  # fmt: skip


def n_problem(
    name: str, rates: tuple[float, float], means: tuple[float, float, float], patience: tuple[float, float], levels: tuple[float, float],
    price: float, box: tuple[range, range],
) -> Problem:  # fmt: skip
    """Specialists for the first class, flexible people for both: delay of the first, abandonment of the second.  Times in minutes."""
    also = {"priority": 1, "preference": 2, "speed": means[0] / means[1]}
    pools = {
        "a": {"agents": 3, "skills": {"first": {"priority": 1, "preference": 1}}},
        "b": {
            "agents": 3,
            "skills": {"first": also, "second": {"priority": 2, "preference": 1}},
        },
    }
    scenario = _scenario(
        name, {"first": rates[0], "second": rates[1]},
        {"first": _live(60 * means[0], 60 * patience[0]), "second": _live(60 * means[2], 60 * patience[1])}, pools,
    )  # fmt: skip

    @cache
    def worth(v: Vector) -> tuple[float, ...]:
        r = exact.n_model(rates, v, means, patience)  # type: ignore[arg-type]
        return r.first.p_wait, r.second.p_abandon

    targets = (f"first.delay_rate <= {levels[0]}", f"second.abandon_rate <= {levels[1]}")
    return Problem(name, scenario, targets, worth, levels, (-1, -1), (1.0, price), box, {"a": 1.0, "b": price})


def chat_problem(name: str, rate: float, means: tuple[float, ...], patience: float, levels: tuple[float, float], box: range) -> Problem:
    """Chats that slow each other down: delay and abandonment.  Times in minutes."""
    pool = {"agents": 3, "skills": {"chat": {"concurrency": len(means), "slowdown": [m / means[0] for m in means]}}}
    scenario = _scenario(name, {"chat": rate}, {"chat": _live(60 * means[0], 60 * patience)}, {"desk": pool})

    @cache
    def worth(v: Vector) -> tuple[float, ...]:
        r = exact.chats(rate, means, v[0], patience)
        return r.callers.p_wait, r.callers.p_abandon

    targets = (f"chat.delay_rate <= {levels[0]}", f"chat.abandon_rate <= {levels[1]}")
    return Problem(name, scenario, targets, worth, levels, (-1, -1), (1.0,), (box,), {"desk": 1.0})


def moving_problem(
    name: str, rates: tuple[float, ...], mean: float, patience: float, within: float, level: float, box: tuple[range, ...]
) -> Problem:
    """A day in hours, empty at first, drained at the end: service level of the day.  Times in minutes, rates per minute."""
    clock = {"start": "2001-01-01 08:00", "horizon": f"{len(rates)} h", "interval": "1 h", "at_end": "drain"}
    by_hour = {f"{8 + i:02d}:00": f"{r} /min" for i, r in enumerate(rates)}
    scenario = from_plain(
        {
            "omnisim": 1, "name": name, "clock": clock,
            "demand": {"calls": {"goal": "issue", "rate": by_hour, "enter": {"call": 1}}},
            "channels": {"call": _live(60 * mean, 60 * patience, 60 * within)},
            "staffing": {"pools": {"phone": {"agents": [5] * len(rates), "skills": {"call": {}}}}},
        }
    )  # fmt: skip

    @cache
    def worth(v: Vector) -> tuple[float, ...]:
        day = exact.moving([exact.Piece(60, r, n) for r, n in zip(rates, v, strict=True)], mean, patience, within=within, drain=True)
        return (day.service_level,)

    prices = (1.0,) * len(rates)
    return Problem(name, scenario, (f"call.service_level >= {level}",), worth, (level,), (1,), prices, box, {"phone": 1.0})


def chats_by_concurrency(name: str, rate: float, means: tuple[float, ...], patience: float, level: float, box: range) -> Problem:
    """How many people, and how many chats each: abandonment.  A vector is (agents, chats at once)."""
    one = chat_problem(name, rate, means, patience, (1.0, level), box)

    @cache
    def worth(v: Vector) -> tuple[float, ...]:
        return (exact.chats(rate, means[: v[1]], v[0], patience).callers.p_abandon,)

    vary = f"staffing.pools.desk.skills.chat.concurrency=1..{len(means)}"
    return Problem(
        name, one.scenario, (f"chat.abandon_rate <= {level}",), worth, (level,), (-1,), (1.0, 0.0), (box, range(1, len(means) + 1)),
        one.costs, (vary,),
    )  # fmt: skip


def each_problem(
    name: str, rates: tuple[float, ...], mean: float, patience: float, within: float, level: float, box: tuple[range, ...]
) -> Problem:
    """The same day as `moving_problem`, with the service level kept in each hour."""
    one = moving_problem(name, rates, mean, patience, within, level, box)

    @cache
    def worth(v: Vector) -> tuple[float, ...]:
        day = exact.moving([exact.Piece(60, r, n) for r, n in zip(rates, v, strict=True)], mean, patience, within=within, drain=True)
        return (min(float(a / b) for a, b in zip(day.in_time, day.offered, strict=True) if b > 0),)

    return Problem(
        name, one.scenario, (f"call.service_level >= {level} in each interval",), worth, (level,), (1,), one.prices, box, one.costs
    )

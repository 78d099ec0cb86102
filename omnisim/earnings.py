"""The money side of a verdict: what a strategy earns more, at which price of the hub it stops paying, over the run and over a year.

    EBIT [seed] of both --paired--> difference, break-even of the hub, gain in conversion that the hub needs
    with ordinary weeks: the same over a year (see `annual`)

Everything here is empty for scenarios without prices.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.annual import by_seed, days, weights_of, yearly
from omnisim.currencies import exponent
from omnisim.estimate import Spread, spread
from omnisim.text import in_words, interval, shown

if TYPE_CHECKING:
    from omnisim.answers import Answer, Comparison
    from omnisim.ignorance import Ignorance, Input

TOLD = ("orders", "cm2", "cm4", "ebit")
YEARLY = ("ebit", "cm4", "cm2", "orders")
SLACK = 0.005  # by how much the lower end of a service level may miss its target


def earnings(c: "Comparison") -> list[dict[str, Any]]:
    """What each strategy sells and earns more than the baseline in the measured time, paired, each with its own interval."""
    rows = []
    for i, name in enumerate(c.names[1:], 1):
        for kpi in TOLD:
            pair = _pair(by_seed(c.baseline, kpi), by_seed(c.answers[i], kpi))
            if pair is not None and _has_money(c, i):
                rows.append({"kpi": kpi, "strategy": name, "unit": _unit(c, kpi), **_told(pair)})
    return rows


def annual_rows(c: "Comparison") -> list[dict[str, Any]]:
    """The same over a year, where ordinary weeks were given; three years are three times as much."""
    rows = []
    for i, name in enumerate(c.names[1:], 1):
        for kpi in YEARLY if c.week else ():
            pair = _pair(yearly(c, kpi, 0), yearly(c, kpi, i))
            if pair is not None and _has_money(c, i):
                w = weights_of(c)
                rows.append(
                    {
                        "kpi": kpi,
                        "strategy": name,
                        **_told(pair),
                        "three_years": 3.0 * pair.mean,
                        "unit": _unit(c, kpi),
                        "weights": {"peak": w.peak, "week": w.week},
                    }
                )
    return rows


def _has_money(c: "Comparison", i: int) -> bool:
    return by_seed(c.baseline, "ebit") is not None and by_seed(c.answers[i], "ebit") is not None


def _unit(c: "Comparison", kpi: str) -> str:
    return kpi if kpi == "orders" else c.baseline.tables.currency


def _pair(a: np.ndarray | None, b: np.ndarray | None) -> Spread | None:
    """Spread of the paired differences; None where a side is not there."""
    if a is None or b is None:
        return None
    both = np.isfinite(a) & np.isfinite(b)
    if not both.any():
        return None
    return spread(b[both] - a[both], float(max(np.abs(a[both]).max(), np.abs(b[both]).max())))


def _told(s: Spread) -> dict[str, float | None]:
    low, high = s.interval(0.05) or (None, None)
    return {"difference": s.mean, "low": low, "high": high}


def gain(c: "Comparison", i: int) -> tuple[Spread, str] | None:
    """How much more EBIT strategy `i` makes, and over what: a year where weeks were given, else the measured time."""
    over_a_year = _pair(yearly(c, "ebit", 0), yearly(c, "ebit", i))
    if over_a_year is not None:
        return over_a_year, "a year"
    run = _pair(by_seed(c.baseline, "ebit"), by_seed(c.answers[i], "ebit"))
    return None if run is None else (run, f"in {_days(days(c.baseline))}")


def _days(n: float) -> str:
    return f"{n:g} day{'' if n == 1.0 else 's'}"


def clause(c: "Comparison", i: int) -> tuple[int, str] | None:
    """(sign, words) of what strategy `i` earns: 0 where the seeds do not settle it; None without prices."""
    found = gain(c, i)
    if found is None:
        return None
    s, over = found
    money = c.baseline.tables.currency
    low, high = s.interval(0.05) or (None, None)
    sign = 0 if low is None or high is None else 1 if low > 0.0 else -1 if high < 0.0 else 0
    if sign == 0:
        return (
            0,
            f"these seeds do not settle which earns more {over} ({shown(s.mean, money, True)} {money} {interval(low, high, money, True)})",
        )
    return sign, (
        f"earns {shown(abs(s.mean), money)} {money} {'more' if sign > 0 else 'less'} {over} (EBIT {interval(low, high, money, True)})"
    )


def break_even(c: "Comparison", i: int, grade: str | None) -> list[dict[str, Any]]:
    """What the hub may cost a day before EBIT falls below the baseline's, and how many more visitors it must turn into buyers."""
    base, a, name, money = c.baseline, c.answers[i], c.names[i], c.baseline.tables.currency
    extra = a.tables.hub_per_day - base.tables.hub_per_day
    ebit0, ebit1 = by_seed(base, "ebit"), by_seed(a, "ebit")
    if extra <= 0.0 or ebit0 is None or ebit1 is None:
        return []
    span, over = days(base), "in the days measured"
    year0, year1 = yearly(c, "ebit", 0), yearly(c, "ebit", i)
    if year0 is not None and year1 is not None:
        w = weights_of(c)
        ebit0, ebit1, span, over = year0, year1, w.peak * days(base) + w.week * days(c.week[0]), "over a year"
    s = spread((ebit1 - ebit0) / span + extra)
    low, high = s.interval(0.05) or (None, None)
    given = f" (grade {grade})" if grade else ""
    if s.mean > 0.0:
        start = f"{name} pays {over} only if its hub costs less than {shown(s.mean, money)} {money} a day {interval(low, high, money)}"
    else:
        start = f"{name} would not pay {over} even if its hub cost nothing: without it EBIT is {shown(s.mean, money, True)} {money} a day"
        start += f" {interval(low, high, money, True)}"
    out = [
        {
            "kind": "hub_ebit",
            "strategy": name,
            "text": f"Counting all that it sells and saves, {start}; yours costs {shown(extra, money)} {money} a day{given}.",
            "threshold": s.mean,
            "low": low,
            "high": high,
            "yours": extra,
            "unit": f"{money}/day",
            "grade": grade,
        }
    ]
    return out + _conversion(c, i)


def _conversion(c: "Comparison", i: int) -> list[dict[str, Any]]:
    """By how much conversion must rise to pay for hub and capital.

    It is asked of visitors, not of carts: who comes back to a cart fills it twice.
    """
    base, a, name = c.baseline, c.answers[i], c.names[i]
    cost = [_sum(x, "hub_cost", "capital_cost") for x in (base, a)]
    cm2, orders, visitors = (by_seed(base, k) for k in ("cm2", "orders", "visitors"))
    rates = [by_seed(x, "conversion") for x in (base, a)]
    if cost[0] is None or cost[1] is None or cm2 is None or orders is None or visitors is None or rates[0] is None or rates[1] is None:
        return []
    if not (cm2 > 0.0).all() or not (orders * visitors > 0.0).all():
        return []
    need, yours = spread((cost[1] - cost[0]) * orders / (cm2 * visitors)), spread(rates[1] - rates[0])
    low, high = need.interval(0.05) or (None, None)
    ends = yours.interval(0.05) or (None, None)
    own = f"{shown(yours.mean, 'share', True)} {interval(ends[0], ends[1], 'share', True)}"
    return [
        {
            "kind": "conversion",
            "strategy": name,
            "text": f"On sales alone, at the contribution margin 2 of an order today, {name} must turn at least "
            f"{shown(need.mean, 'share')} {interval(low, high, 'share')} of 100 visitors more into buyers; it turns {own} more.",
            "threshold": need.mean,
            "low": low,
            "high": high,
            "yours": yours.mean,
            "unit": "share",
            "grade": None,
        }
    ]


def _sum(a: "Answer", *kpis: str) -> np.ndarray | None:
    found = [by_seed(a, k) for k in kpis]
    return None if any(f is None for f in found) else np.sum([f for f in found if f is not None], axis=0)


def capital_spent(a: "Answer") -> float:
    """Capital written off in the measured time, in currency units."""
    costs = a.tables.shop.costs
    if not a.tables.has_money:
        return 0.0
    return float(costs.capital * days(a) * 86400.0 / costs.life_s / 10.0 ** exponent(a.tables.currency))


def meets_targets(a: "Answer") -> bool:
    """Whether every channel with a target meets it: the lower end of its interval is not more than half a point below."""
    aimed = [(c, float(t)) for c, t in zip(a.tables.channels, a.tables.sl_target, strict=True) if np.isfinite(t)]
    found = {
        dict(e.scope)["channel"]: e for e in a.estimates if e.kpi == "service_level" and len(e.scope) == 1 and e.scope[0][0] == "channel"
    }
    met = [c in found and (found[c].mean if found[c].low is None else found[c].low) >= t - SLACK for c, t in aimed]  # type: ignore[operator]
    return bool(met) and all(met)


def two_intervals(only_if: list[dict[str, Any]], ignorance: "Ignorance | None", name: str) -> str:
    """Both intervals in one sentence: chance is in the break-even, ignorance in the share of points; empty where there is neither."""
    lines = [x for x in only_if if x["strategy"] == name]
    line = next((x for kind in ("hub_ebit", "hub") for x in lines if x["kind"] == kind), None)
    parts = []
    if line is not None:
        money = line["unit"].removesuffix("/day")
        grade = f", grade {line['grade']}" if line["grade"] else ""
        yours = f"yours is {shown(line['yours'], money)}{grade}"
        limit = f"{shown(line['threshold'], money)} {money} a day {interval(line['low'], line['high'], money)}"
        alone = " on labour alone" if line["kind"] == "hub" else ""
        parts.append(
            f"{name} pays{alone} only if its hub costs less than {limit} (chance); {yours}"
            if line["threshold"] > 0.0
            else f"{name} would not pay{alone} even with a hub for nothing: its limit is {limit} (chance); {yours}"
        )
    if ignorance is None:
        if not parts:
            return ""
        parts.append("how probable that is, given what is not known of the inputs, was not asked (--ignorance N)")
    else:
        n = len(ignorance.differences)
        subject = "it" if parts else name
        by = "EBIT" if ignorance.kpi == "ebit" else "the cost of a resolved issue"
        parts.append(
            f"by {by} {subject} pays with probability {ignorance.pays / n:.2f} under the stated ranges "
            f"({ignorance.pays} of {n} points: ignorance)"
        )
        if ignorance.inputs:
            parts.append(f"the next measurement worth making is {ignorance.inputs[0].path}")
    return "; ".join(parts) + "."


def ignorance_text(found: "Ignorance") -> list[str]:
    """What the ranges of the inputs leave open, in a few lines."""
    low, high = found.range
    n, unit = len(found.differences), found.unit
    what = "EBIT" if found.kpi == "ebit" else f"{in_words(found.kpi)} saved"
    lines = [
        f"Not known: with {len(found.inputs)} inputs drawn together from their ranges ({n} points, one seed each), {found.strategy} is "
        f"better in {found.pays}; 90 % of the differences in {what} lie in {interval(low, high, unit, True)} {unit}. "
        f"{len(found.not_varied)} graded inputs have no range of numbers and stay."
    ]
    tried = [x for x in found.inputs if x.at_low is not None]
    lines += [one_line(x, unit) for x in tried[:3]]
    return lines


def one_line(x: "Input", unit: str) -> str:
    """What one input does alone."""
    ends = (
        f"{shown(x.at_low, unit, True)} {unit} at {x.low:g} {x.unit}".rstrip()
        + f", {shown(x.at_high, unit, True)} at {x.high:g} {x.unit}".rstrip()
    )
    turn = "never 0 in between" if x.break_even is None else f"0 at about {x.break_even:.3g} {x.unit}".rstrip()
    return f"{x.path} alone (yours {x.value}, grade {x.grade}): {ends}; {turn}."

"""What a comparison says, and on what it depends: never "omnichannel wins" alone.

    headline     who serves better, who costs more, and what decides
    only_if      the break-even of the hub, beside the user's own value and its grade
    fair         against the same staff, the same spend, and at the same service
    earnings     what is sold and earned more, where orders have prices; annual: the same over a year
    ignorance    what the stated ranges of the inputs leave open, where it was asked
    sentence     both intervals, chance and ignorance, in one sentence
    self_service the saving with self-service touches counted as channel switches and not
    scorecard    the firm's view (queues met their targets) beside the customer's (my journey succeeded)
    rests_on     how many inputs of which grade
    seeds        whether the seeds suffice

Intervals here are chance alone (over seeds); ignorance of the inputs is not in them: the grades say what is not known, and
`ignorance` what follows from it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim import earnings
from omnisim.estimate import Difference, Spread, differences, seeds_to_settle, spread
from omnisim.kpis import define
from omnisim.questions import QUESTIONS
from omnisim.text import in_words, interval, shown

if TYPE_CHECKING:
    from omnisim.answers import Answer, Comparison
    from omnisim.tables import Tables

SUCCESS = "journey_success"
COST = "cost_per_resolved"


def verdict(c: Comparison) -> dict[str, Any]:
    """The verdict of a comparison as plain data."""
    base = c.baseline
    money = base.tables.currency
    only_if = [line for name, a in zip(c.names[1:], c.answers[1:], strict=True) for line in _break_even(c.names[0], base, name, a)]
    only_if += [line for i, a in enumerate(c.answers) if i for line in earnings.break_even(c, i, _grade(a, "context.hub.cost"))]
    fair = _fair(c)
    lines = [_line(c, name) for name in c.names[1:]]
    # an input that several strategies share is one input
    inputs = {row["path"]: row["grade"] for a in reversed(c.answers) for row in _assumptions(a)}
    grades = Counter(inputs.values())
    return {
        "headline": _headline(c, only_if, money),
        "paragraphs": lines,
        "only_if": only_if,
        "fair": fair,
        "self_service": _self_service(c),
        "scorecard": _scorecard(c),
        "rests_on": {g: grades.get(g, 0) for g in ("A", "B", "C", "own")},
        "seeds": _seeds(c),
        "chance": "Intervals are 95 % over seeds (chance). What is not known of the inputs is not in them: see the grades.",
        "earnings": earnings.earnings(c),
        "annual": earnings.annual_rows(c),
        "ignorance": None if c.ignorance is None else c.ignorance.to_json() | {"text": earnings.ignorance_text(c.ignorance)},
        "sentence": earnings.two_intervals(only_if, c.ignorance, focus(c.names, c.answers)),
    }


def focus(names: Sequence[str], answers: Sequence[Answer]) -> str:
    """The strategy that differs most in kind from the first: one with a dearer hub if there is one, else the second."""
    hub = answers[0].tables.hub_per_day
    return next((n for n, a in zip(names[1:], answers[1:], strict=True) if a.tables.hub_per_day > hub), names[1])


def _grade(a: Answer, path: str) -> str | None:
    return next((row["grade"] for row in _assumptions(a) if row["path"] == path), None)


def _assumptions(a: Answer) -> list[dict[str, Any]]:
    """Graded inputs of a strategy, each as a mapping."""
    return [asdict(row) for row in a.scenario.provenance()]


def _settled(c: Comparison, kpi: str, strategy: str) -> int | None:
    """Sign of a difference whose interval leaves out 0; 0 if it does not; None if the KPI is not there."""
    try:
        d = c.difference(kpi, strategy)
    except KeyError:
        return None
    return _sign(d)


def _promised(d: Difference) -> tuple[float | None, float | None]:
    """The interval that the table shows: adjusted for all questions asked, where it is one of them."""
    return (d.low, d.high) if d.low_holm is None else (d.low_holm, d.high_holm)


def _headline(c: Comparison, only_if: list[dict[str, Any]], money: str) -> str:
    """One sentence on the strategy that differs most in kind: one with a hub if there is one, else the first."""
    name = focus(c.names, c.answers)
    base = c.names[0]
    success, cost = _settled(c, SUCCESS, name), _settled(c, COST, name)
    if success is None or success == 0:
        serve = f"{name} and {base} serve customers equally well as far as these seeds can tell"
    else:
        serve = f"{name} serves customers {'better' if success > 0 else 'worse'} than {base}"
        other = [k for k in ("service_level", "resolution_rate") if (_settled(c, k, name) or 0) * success < 0]
        if other:
            how = ("more", "worse") if success > 0 else ("fewer", "better")
            serve = f"{name} has {how[0]} journeys without a hitch than {base}, with {how[1]} {_list([in_words(k) for k in other])},"
    earned = earnings.clause(c, c.names.index(name))
    if earned is not None:
        joined = "but" if earned[0] * (success or 0) < 0 else "and"
        if earned[0] and not success:
            joined = f"and {name}"
        return f"{serve} {joined} {earned[1]}{_hub_limit(only_if, name, money)}."
    if cost is None:
        return serve + "."
    pay = {
        1: "and costs more for each issue resolved" if (success or 0) < 0 else "but costs more for each issue resolved",
        -1: "but costs less for each issue resolved" if (success or 0) < 0 else "and costs less for each issue resolved",
        0: "and these seeds do not settle which costs less for each issue resolved",
    }[cost]
    text = f"{serve} {pay}"
    mine = [line for line in only_if if line["strategy"] == name and line["kind"] == "hub"]
    if mine:
        yours = f"(yours: {shown(mine[0]['yours'], money)})"
        if mine[0]["threshold"] <= 0.0:
            text += f"; it frees no agent time that could pay for the hub {yours}"
        else:
            text += f"; on labour alone it pays only if the hub costs less than {shown(mine[0]['threshold'], money)} {money} a day"
            text += f" {yours} and the time it frees is really saved"
    return text + "."


def _hub_limit(only_if: list[dict[str, Any]], name: str, money: str) -> str:
    """At which cost of the hub the strategy stops paying, as the end of a sentence."""
    mine = [line for line in only_if if line["strategy"] == name and line["kind"] == "hub_ebit"]
    if not mine:
        return ""
    if mine[0]["threshold"] <= 0.0:
        return "; it would not pay even if its hub cost nothing"
    limit, yours = shown(mine[0]["threshold"], money), shown(mine[0]["yours"], money)
    return f"; it pays only if its hub costs less than {limit} {money} a day (yours: {yours})"


def _line(c: Comparison, name: str) -> str:
    """One strategy in one or two plain sentences: what moved for sure, and what did not."""
    better: list[str] = []
    worse: list[str] = []
    same: list[str] = []
    for kpi in QUESTIONS:
        try:
            d = c.difference(kpi, name)
        except KeyError:
            continue
        sign = _sign(d) * (1 if define(kpi).better == "higher" else -1)
        (better if sign > 0 else worse if sign < 0 else same).append(in_words(kpi))
    parts = [f"{name} against {c.names[0]}:"]
    if better:
        parts.append(f"better in {_list(better)};" if worse or same else f"better in {_list(better)}.")
    if worse:
        parts.append(f"worse in {_list(worse)};" if same else f"worse in {_list(worse)}.")
    if same:
        parts.append(f"no settled difference in {_list(same)}.")
    return " ".join(parts)


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _totals(a: Answer, kpi: str) -> np.ndarray | None:
    """Numerator of a total [seed] of a KPI, or None."""
    for j, column in enumerate(a.columns):
        if column.kpi == kpi and column.scope == ():
            return a.num[:, j]
    return None


def _days(a: Answer) -> float:
    return (a.tables.horizon_s - a.tables.warmup_s) / 86400.0


def _break_even(base_name: str, base: Answer, name: str, a: Answer) -> list[dict[str, Any]]:
    """What the hub may cost a day, and what one more resolved issue must be worth."""
    extra = a.tables.hub_per_day - base.tables.hub_per_day
    minutes0, minutes1 = _totals(base, "agent_minutes"), _totals(a, "agent_minutes")
    labour0, hours0 = _totals(base, "labour_cost"), _totals(base, "staffed_hours")
    if extra <= 0.0 or minutes0 is None or minutes1 is None or labour0 is None or hours0 is None or not hours0.all():
        return []
    money = base.tables.currency
    worth = (minutes0 - minutes1) / 60.0 * labour0 / hours0 / _days(base)
    s = spread(worth)
    low, high = s.interval(0.05) or (None, None)
    grade = _grade(a, "context.hub.cost")
    out = [
        {
            "kind": "hub",
            "strategy": name,
            "text": f"{name} pays on labour alone only if its hub costs less than {shown(s.mean, money)} {money} a day "
            f"{interval(low, high, money)}: that is what the agent time it frees against {base_name} is worth at the wages paid, "
            "once staff is fewer or busy with other work by as much. "
            f"Yours costs {shown(extra, money)} {money} a day" + (f" (grade {grade})" if grade else "") + ".",
            "threshold": s.mean,
            "low": low,
            "high": high,
            "yours": extra,
            "unit": f"{money}/day",
            "grade": grade,
        }
    ]
    solved0, solved1 = _totals(base, "resolution_rate"), _totals(a, "resolution_rate")
    labour1 = _totals(a, "labour_cost")
    if solved0 is None or solved1 is None or labour1 is None:
        return out
    cost = labour1 - labour0 + extra * _days(base)
    price = _ratio(cost, solved1 - solved0)
    if price is not None:
        value, low, high = price
        out.append(
            {
                "kind": "resolved",
                "strategy": name,
                "text": f"Counting resolved issues instead, it pays only if one more issue resolved is worth more than "
                f"{shown(value, money)} {money} {interval(low, high, money)}; your value of one is not stated.",
                "threshold": value,
                "low": low,
                "high": high,
                "yours": None,
                "unit": f"{money}/issue",
                "grade": None,
            }
        )
    return out


def _ratio(top: np.ndarray, low: np.ndarray) -> tuple[float, float | None, float | None] | None:
    """Ratio of means with a jackknife 95 % interval; None unless the denominator is settled above 0.

    Source: Miller, The jackknife: a review, Biometrika 61 (1974).
    """
    s = spread(low)
    bounds = s.interval(0.05)
    if bounds is None or bounds[0] <= 0.0:
        return None
    n = len(top)
    whole = top.sum() / low.sum()
    left_out = np.array([(top.sum() - top[i]) / (low.sum() - low[i]) for i in range(n)])
    pseudo = n * whole - (n - 1) * left_out
    ends = Spread(float(pseudo.mean()), float(pseudo.std(ddof=1)), n).interval(0.05)
    assert ends is not None
    return float(whole), ends[0], ends[1]


def planned_labour(t: Tables) -> float:
    """What the planned shifts cost from warm-up to horizon, in currency units (overtime, which chance decides, left out)."""
    total = 0.0
    for p in range(len(t.pools)):
        if t.team["rostered"][p]:
            for s in t.roster[t.roster["pool"] == p]:
                breaks = t.rests[s["first"] : s["upto"]]
                for sign, start, end in [(1.0, s["start"], s["end"]), *((-1.0, b["start"], b["end"]) for b in breaks if not b["paid"])]:
                    seconds = max(0.0, min(end, t.horizon_s) - max(start, t.warmup_s))
                    total += sign * seconds / 3600.0 * float(t.wage_per_h[p])
            continue
        now, at = int(t.staff0[p]), 0.0
        changes = [(float(c["time"]), int(c["value"])) for c in t.calendar if c["who"] == len(t.channels) + p]
        for time, value in [*changes, (t.horizon_s, 0)]:
            total += now * max(0.0, time - max(at, t.warmup_s)) / 3600.0 * float(t.wage_per_h[p])
            now, at = value, time
    return total


def _fair(c: Comparison) -> list[dict[str, str]]:
    """Opponents of a strategy with a hub: the same staff without it, its money spent on staff instead, its service with more staff."""
    out = []
    labour = [planned_labour(a.tables) for a in c.answers]
    served = [earnings.meets_targets(a) for a in c.answers]
    for i, a in enumerate(c.answers):
        money = a.tables.hub_per_day * _days(a) + earnings.capital_spent(a)
        for j, b in enumerate(c.answers):
            if money <= 0.0 or b.tables.hub_per_day > 0.0:
                continue
            if abs(labour[j] - labour[i]) <= 1e-9 * labour[i]:
                kind = "same staff"
            elif abs(labour[j] - labour[i] - money) <= 0.05 * money:
                kind = "same spend"
            elif served[i] and served[j] and labour[i] < labour[j] and _matched(c, labour, j) is None:
                kind = "same service"
            else:
                continue
            out.append({"name": kind, "strategy": c.names[i], "opponent": c.names[j], "text": _against(c, i, j, kind)})
    return out


def _matched(c: Comparison, labour: Sequence[float], j: int) -> int | None:
    """Which strategy with a hub the money of opponent `j` was made to match, if any."""
    for i, a in enumerate(c.answers):
        money = a.tables.hub_per_day * _days(a) + earnings.capital_spent(a)
        if money > 0.0 and abs(labour[j] - labour[i] - money) <= 0.05 * money:
            return i
    return None


def _against(c: Comparison, i: int, j: int, kind: str) -> str:
    """Strategy i against strategy j, paired."""
    found = {
        d.kpi: d for d in differences(c.answers[j].sample(c.names[j]), [c.answers[i].sample(c.names[i])], lambda _: False) if d.scope == ()
    }
    parts = []
    for kpi, words in (
        ("service_level", "service level"),
        (SUCCESS, "journeys that succeed"),
        ("first_contact_resolution", "first contact resolution"),
    ):
        d = found.get(kpi)
        if d is not None:
            parts.append(f"{words} {shown(d.difference, d.unit, True)} points {interval(d.low, d.high, d.unit, True)}")
    money = [("labour_cost", "labour")] if kind == "same service" else []
    for kpi, words in (*money, ("cm4", "contribution margin 4"), ("ebit", "EBIT")):
        d = found.get(kpi)
        if d is not None:
            parts.append(f"{words} {shown(d.difference, d.unit, True)} {d.unit} {interval(d.low, d.high, d.unit, True)}")
    how = {
        "same staff": "the same people",
        "same spend": "the same money, spent on agents instead of a hub",
        "same service": "every service target met by both, with fewer people",
    }[kind]
    return f"{c.names[i]} against {c.names[j]} ({how}): " + "; ".join(parts) + "."


def _self_service(c: Comparison) -> list[dict[str, Any]]:
    """Saving in agent minutes per issue, in percent of the baseline, with self-service touches counted and not."""
    if not c.self_service_off:
        return []
    out = []
    for k, name in enumerate(c.names[1:], 1):
        pairs = {}
        for key, answers in (("counted", c.answers), ("not_counted", c.self_service_off)):
            m0, m1 = _totals(answers[0], "agent_minutes"), _totals(answers[k], "agent_minutes")
            if m0 is None or m1 is None or not m0.all():
                break
            s = spread(100.0 * (m1 - m0) / m0)
            low, high = s.interval(0.05) or (None, None)
            pairs[key] = {"difference": s.mean, "low": low, "high": high}
        else:
            out.append({"strategy": name, "kpi": "agent_minutes", "unit": "% of the baseline's agent minutes", **pairs})
    return out


def _scorecard(c: Comparison) -> list[dict[str, Any]]:
    rows = []
    for name, a in zip(c.names, c.answers, strict=True):
        found = {e.kpi: e.mean for e in a.estimates if e.scope == ()}
        rows.append({"strategy": name, **{k: found.get(k) for k in ("service_level", SUCCESS, "perception_gap")}})
    return rows


def _seeds(c: Comparison) -> dict[str, Any]:
    """Do the seeds settle the signs of the questions asked, and about how many would?"""
    n = len(c.baseline.seeds)
    asked = [d for d in c.differences if d.low_holm is not None and d.difference != 0.0]
    if n == 1:
        return {"n": n, "text": "One seed gives no interval: run at least 10."}
    unsettled = [d for d in asked if not _sign(d)]
    text = f"{n} seeds settle the sign of {len(asked) - len(unsettled)} of {len(asked)} differences asked for."
    far = 0
    for d in unsettled:
        needed = _needed(c, d)
        if needed is not None and needed <= 100 * n:
            far = max(far, needed)
    names = sorted({f"{in_words(d.kpi)} ({d.strategy})" for d in unsettled})
    if unsettled:
        text += f" Not settled: {', '.join(names[:4])}" + (f" and {len(names) - 4} more" if len(names) > 4 else "") + "."
        text += (
            f" About {far:,} seeds would settle those that are no mere noise."
            if far
            else " More seeds of this size would hardly settle them."
        )
    return {"n": n, "text": text}


def _sign(d: Difference) -> int:
    low, high = _promised(d)
    return 0 if low is None or high is None else 1 if low > 0.0 else -1 if high < 0.0 else 0


def _needed(c: Comparison, d: Difference) -> int | None:
    """About how many seeds would settle one difference among all questions asked; None where no number would."""
    a = c.answers[c.names.index(d.strategy)]
    i = next(i for i, x in enumerate(a.columns) if (x.kpi, x.scope) == (d.kpi, d.scope))
    j = next(j for j, x in enumerate(c.baseline.columns) if (x.kpi, x.scope) == (d.kpi, d.scope))
    alone = seeds_to_settle(a.sample().value[:, i] - c.baseline.sample().value[:, j])
    if alone is None or d.low is None or d.high is None or d.low_holm is None or d.high_holm is None:
        return alone
    wider = (d.high_holm - d.low_holm) / (d.high - d.low)  # the adjusted interval is so many times wider
    return max(len(c.baseline.seeds) + 1, math.ceil(alone * wider * wider))

"""A decision in words: the headline, a table of at most 80 columns, plain data."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from omnisim.decisions.decided import interval_of
from omnisim.text import fitted, in_words, interval, shown

if TYPE_CHECKING:
    from omnisim.decisions.decided import Decision, Option, Turn
    from omnisim.decisions.steps import Order

MOST = 8  # inputs in the table of a terminal


def headline(d: Decision) -> str:
    """What to do, and on what it depends: never "omnichannel wins" alone."""
    best, focus = d.chosen, d.looked_at
    over = "a year" if d.yearly else f"in {d.days:.3g} days"
    if best.kind == "today":
        start = f"Keep {best.name}: on the mean over the stated ranges nothing else is worth more"
    else:
        start = f"{best.name} is worth most on the mean over the stated ranges ({_money(best.mean, d)} {over} against {d.options[0].name})"
    pays = f"{focus.name} pays with probability {focus.pays:.2f}" if focus.pays is not None else ""
    turn = next((t for t in d.inputs if t.turns is not None), None)
    only = ""
    if turn is not None and pays:
        side = "above" if turn.pays_above else "below"
        only = f", and, all else as it stands, only with {turn.path} {side} {turn.turns} (yours: {turn.yours}, grade {turn.grade})"
    elif pays:
        only = f"; no single input tried turns that within its range{_hub(d)}"
    return f"{start}. {pays}{only}."


def _hub(d: Decision) -> str:
    """What the hub would have to cost, where that lies outside its range: net value is linear in it."""
    t = next((t for t in d.inputs if t.path == "context.hub.cost" and t.at_low is not None and t.at_high is not None), None)
    if t is None or t.at_low is None or t.at_high is None or t.at_low == t.at_high:
        return ""
    low, high = (float(end.split()[0].replace(",", "")) for end in (t.low, t.high))
    limit = low + (high - low) * t.at_low / (t.at_low - t.at_high)
    unit = t.low.split()[-1]
    if limit <= 0.0:
        return ", and it would not pay even if its hub cost nothing"
    return f"; its hub would have to cost less than {limit:,.0f} {unit} (yours: {t.yours}, grade {t.grade})"


def learn(d: Decision) -> str:
    """What to measure next."""
    first = next((t for t in d.inputs if t.learned.value > 0.0), None)
    if d.know_all <= 0.0:
        return "Nothing needs to be learned first: one option is the best at every point."
    if first is None:
        none = f"no single one was found to be worth learning with {d.points} points"
        return f"To know every input would be worth {_money(d.know_all, d)}; {none}."
    return (
        f"Learn {first.path} first: worth {_money(first.learned.value, d)} (standard error {shown(first.learned.error, d.unit)}); "
        f"to know every input would be worth {_money(d.know_all, d)}."
    )


def chance_and_ignorance(d: Decision) -> str:
    """Both spreads of the focus, apart."""
    o = d.looked_at
    low, high = interval_of(o.chance)
    return (
        f"{o.name}: {_money(o.chance.mean, d, True)} as the inputs stand, 95 % {interval(low, high, d.unit, True)} (chance, "
        f"{len(d.seeds)} seeds); over the ranges of {len(d.inputs)} inputs 90 % lie in {interval(o.low, o.high, d.unit, True)} (ignorance, "
        f"{d.points} points)."
    )


def steps_sentences(d: Decision) -> list[str]:
    """The order of least regret."""
    s = d.steps
    if s is None:
        return []

    def regret(o: Order) -> str:
        return f"at worst {shown(o.worst, d.unit)}, on the mean {shown(o.mean, d.unit)} {d.unit}"

    order = ", then ".join(s.best.steps) or "no step at all"
    left = [n for n in s.names if n not in s.best.steps]
    out = [f"Order of least regret: {order}{'; leave ' + ', '.join(left) if left and s.best.steps else ''} (regret {regret(s.best)})."]
    out.append(f"To take none: {regret(s.none)}. All in the order of the file: {regret(s.all)}.")
    begins = ", ".join(f"{n or 'with none'} {100 * share:.0f} %" for n, share in sorted(s.first, key=lambda x: -x[1]) if share)
    out.append(f"Best to begin with, share of the points: {begins}.")
    return out


def lines(d: Decision) -> list[str]:
    """At most 80 columns."""
    out = [*_wrapped(headline(d)), ""]
    over = "a year" if d.yearly else f"{d.days:.3g} days"
    out.append(f"{in_words(d.kpi)}, {d.unit} over {over}, against {d.options[0].name}"[:80])
    out.append(f"{'':<22}{'as it stands':>27}{'over the ranges':>21}{'P':>5}{'P':>5}")
    out.append(f"{'':<22}{'mean':>8}{'95 % (chance)':>19}{'90 % (ignorance)':>21}{'pays':>5}{'best':>5}")
    out += [_row(o, d) for o in d.options]
    out.append("")
    for line in (*(f"{k}: {w}." for k, _, w in d.fair), chance_and_ignorance(d)):
        out += _wrapped("- " + line)
    out += ["", f"{'what turns it':<30}{'yours':>12}{'turns at':>18}{'grade':>6}{'learning it':>13}"]
    out += [_input(t, d) for t in d.inputs[:MOST]]
    out += _wrapped(f"and {len(d.inputs) - MOST} more inputs.") if len(d.inputs) > MOST else []
    out.append("")
    for line in (learn(d), *steps_sentences(d)):
        out += _wrapped("- " + line)
    r = d.rests_on
    out += _wrapped(
        f"- Rests on {r['own']} of your numbers, {r['A']} measured (A), {r['B']} quoted (B), {r['C']} assumed (C); {len(d.not_varied)} "
        f"graded inputs have no range and stay. {d.runs:,} replications."
    )
    return out


def _row(o: Option, d: Decision) -> str:
    name = o.name if len(o.name) <= 21 else o.name[:9] + "…" + o.name[-11:]
    if o.pays is None:
        return f"{name:<22}{'-':>8}{'':>19}{'':>21}{'':>5}{o.best:>5.2f}"
    low, high = interval_of(o.chance)
    return (
        f"{name:<22}{fitted(o.chance.mean, d.unit, 7, True):>8}{_span(low, high, d.unit, 19):>19}{_span(o.low, o.high, d.unit, 21):>21}"
        f"{o.pays:>5.2f}{o.best:>5.2f}"
    )


def _input(t: Turn, d: Decision) -> str:
    turns = "-" if t.at_low is None else "never" if t.turns is None else f"{'>' if t.pays_above else '<'} {t.turns}"
    value = "0" if t.learned.value == 0.0 else fitted(t.learned.value, d.unit, 11)
    name = t.path if len(t.path) <= 29 else "…" + t.path[len(t.path) - 28 :]
    return f"{name:<30}{t.yours[:11]:>12}{turns[:17]:>18}{t.grade:>6}{value:>13}"


def _span(low: float | None, high: float | None, unit: str, width: int) -> str:
    text = interval(low, high, unit, True)
    if len(text) < width:
        return text
    room = (width - 5) // 2
    return f"[{fitted(low, unit, room, True)}, {fitted(high, unit, room, True)}]"


def _money(value: float, d: Decision, sign: bool = False) -> str:
    return f"{shown(value, d.unit, sign)} {d.unit}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 80, subsequent_indent="  ", break_on_hyphens=False)


def plain(d: Decision) -> dict[str, Any]:
    """As plain data."""

    def order(o: Order) -> dict[str, Any]:
        return {"steps": list(o.steps), "worst_regret": o.worst, "mean_regret": o.mean}

    options = []
    for o in d.options:
        low, high = interval_of(o.chance)
        chance = {"difference": o.chance.mean, "low": low, "high": high, "sd_within_a_point": o.chance_sd}
        ignorance = {"mean": o.mean, "low_90": o.low, "high_90": o.high, "sd": o.ignorance_sd}
        options.append({"name": o.name, "kind": o.kind, "chance": chance, "ignorance": ignorance, "p_pays": o.pays, "p_best": o.best})
    inputs = [
        {
            "path": t.path, "grade": t.grade, "yours": t.yours, "low": t.low, "high": t.high, "at_low": t.at_low, "at_high": t.at_high,
            "turns_at": t.turns, "pays_above": t.pays_above, "evppi": t.learned.value, "evppi_se": t.learned.error,
        }
        for t in d.inputs
    ]  # fmt: skip
    steps = None
    if d.steps is not None:
        begins = [{"step": n, "share": share} for n, share in d.steps.first]
        steps = {"best": order(d.steps.best), "none": order(d.steps.none), "all": order(d.steps.all), "begin_with": begins}
    return {
        "command": "decide", "reproduce": d.command, "experiment": d.name, "question": d.question, "kpi": d.kpi, "unit": d.unit,
        "days": d.days, "year": d.yearly, "focus": d.focus, "seeds": list(d.seeds), "points": d.points,
        "points_left_out": d.points_left_out, "seeds_a_point": d.point_seeds, "headline": headline(d), "chosen": d.chosen.name,
        "options": options, "fair": [{"kind": k, "opponent": n or None, "how": w} for k, n, w in d.fair], "inputs": inputs,
        "not_varied": list(d.not_varied), "evpi": d.know_all, "learn": learn(d), "steps": steps, "rests_on": d.rests_on,
        "replications": d.runs, "engine": d.engine,
    }  # fmt: skip

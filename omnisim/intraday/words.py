"""The rest of a day in words: what to do first, then what it rests on, in at most 80 columns."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import TYPE_CHECKING, Any

from omnisim.kpis import service_levels
from omnisim.tables import Tables
from omnisim.text import shown
from omnisim.whatif.reached import Reached, room
from omnisim.whatif.words import name_of

if TYPE_CHECKING:
    from omnisim.intraday import Today

WIDTH = 80
ODD = 3.0


def text(found: Today) -> str:
    """The whole answer."""
    return "\n".join([*_answer(found), "", *_channels(found), "", *_targets(found), *_levels(found), "", *_notes(found)])


def _fill(words: str, first: str = "", rest: str = "  ") -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _answer(found: Today) -> list[str]:
    f = found.forecast
    head = f"{found.scenario.name}, {found.actuals.now:%Y-%m-%d %H:%M}: {f.came:,.0f} contacts came where {f.expected:,.0f} were expected; "
    head += f"the day's factor is {f.factor:.2f} [{f.low:.2f}, {f.high:.2f}]."
    lines = _fill(head, rest="")
    for m in found.moves.chosen:
        who = "1 agent" if m.agents == 1 else f"{m.agents} agents"
        lines.append(f"MOVE      {m.begin:%H:%M}-{_end(m.begin, m.end)}  {who} from {m.source} to {m.target}")
    if found.moves.chosen:
        return lines
    if not found.moves.allowed:
        words = "no pool's skills cover all that another serves, so nobody may move; allow it with --move FROM:TO"
    elif found.moves.before == 0.0:
        words = "the rest of the day keeps its targets with the people where they are"
    else:
        words = f"none of {found.moves.tried} moves would help"
    return lines + _fill(words, "NO MOVE   ", " " * 10)


def _end(begin: datetime, end: datetime) -> str:
    return "24:00" if end.date() != begin.date() and end.hour + end.minute == 0 else f"{end:%H:%M}"


def _channels(found: Today) -> list[str]:
    lines = [f"{'Contacts':<22}{'came':>10}{'expected':>10}{'ratio':>8}{'rest, plan':>12}{'rest, now':>11}"]
    odd = []
    for c in found.forecast.channels:
        ratio = f"{c.came / c.expected:.2f}" if c.expected > 0.0 else "-"
        mark = " *" if abs(c.odd) > ODD else ""
        lines.append(f"{c.channel[:21]:<22}{c.came:>10,.0f}{c.expected:>10,.0f}{ratio:>8}{c.rest_planned:>12,.0f}{c.rest:>11,.0f}{mark}")
        odd += [f"{c.channel} ({c.odd:+.1f} standard deviations)"] if mark else []
    if odd:
        lines += _fill(f"* not explained by a busy day: {', '.join(odd)}. One factor is for all channels: look there for a cause.")
    return lines


def _targets(found: Today) -> list[str]:
    lines = [f"{'Rest of the day':<42}{'plan':>8}{'now':>8}{'moved':>8}{'95 % of diff.':>14}"]
    for t, p, n, m in zip(found.targets, found.planned, found.now, found.moved, strict=True):
        unit = t.measure.unit
        cells = "".join(f"{'-' if r is None else shown(r.value, unit):>8}" for r in (p, n, m))
        between = "-"
        if n is not None and m is not None and found.moves.chosen and len(m.parts) > 1:
            low, high = m.less(n).interval()
            between = f"[{shown(low, unit, True)}, {shown(high, unit, True)}]"
        clipped = t.text if len(t.text) <= 41 else t.text[:40] + "…"
        lines.append(f"{clipped:<42}{cells}{between:>14}")
    return lines


def _levels(found: Today) -> list[str]:
    """Levels by interval; marked where they miss the target."""
    shown_targets = [t for t in found.targets if found.levels.get(t.text)][:4]
    if not shown_targets:
        return []
    width = min(30, 73 // len(shown_targets))
    lines = ["", f"{'From':<7}" + "".join(f"{_short(name_of(t), width - 1):>{width}}" for t in shown_targets)]
    for s in found.rest:
        cells = ""
        for t in shown_targets:
            pair = found.levels[t.text].get(s)
            unit = t.measure.unit
            value = "-" if pair is None else shown(pair[0], unit) + ("!" if room(t, pair[0]) < 0.0 else " ")
            if pair is not None and found.moves.chosen:
                value += f" > {shown(pair[1], unit)}" + ("!" if room(t, pair[1]) < 0.0 else " ")
            cells += f"{value:>{width}}"
        lines.append(f"{datetime.fromisoformat(s):%H:%M}  {cells}".rstrip())
    return [*lines, "! misses the target in the mean" + ("; now > with the moves" if found.moves.chosen else "")]


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def _notes(found: Today) -> list[str]:
    f = found.forecast
    n = len(found.seeds)
    prior = (
        f"spread {100 * f.prior_cv:.1f} %" if f.prior_cv > 0.0 else "no spread between days: nothing is learnt from what came (--spread)"
    )
    several = [
        f"Factor: gamma, {prior}, updated by what came; 95 % interval. The day is played from its start with the contacts that came, "
        f"{n} times, on seeds that searched no move ({found.seeds[0]} to {found.seeds[-1]}).",
        "Levels and differences: all contacts of the rest of the day together; what is not counted by interval, of the whole day.",
    ]
    if levels := service_levels(Tables.build(found.scenario)):
        several.append(f"Service level: {levels}.")
    if found.command:
        several.append(f"Again: {found.command}")
    return [line for words in several for line in _fill(words)]


def number(reached: Reached | None) -> dict[str, Any] | None:
    """A value with its two-sided 95 % interval, for JSON."""
    if reached is None:
        return None
    low, high = reached.interval() if len(reached.parts) > 1 else (None, None)
    return {"value": reached.value, "low": low, "high": high}

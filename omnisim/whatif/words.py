"""A what-if in words: the answer first, then each case, in at most 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from omnisim.kpis import service_levels
from omnisim.staffing.plan.targets import Over
from omnisim.tables import Tables
from omnisim.text import shown, unit_of
from omnisim.whatif.reached import Reached, room, unit_of_value

if TYPE_CHECKING:
    from omnisim.staffing.plan.targets import Target
    from omnisim.whatif import Case, WhatIf
    from omnisim.whatif.judged import Effect, Span

WIDTH = 80
LOUD = {
    "breaks": "BREAKS",
    "may break": "MAY BREAK",
    "open": "open as planned",
    "missed already": "missed already",
    "holds": "holds",
    "not counted": "not counted",
}
MOST_SPANS = 6


def text(found: WhatIf) -> str:
    """The whole answer."""
    lines = [*_answer(found), "", *_planned(found)]
    for case in found.cases:
        lines += ["", *_case(found, case)]
    lines += ["", *_notes(found)]
    return "\n".join(lines)


def _fill(words: str, first: str = "", rest: str = "  ") -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _answer(found: WhatIf) -> list[str]:
    """What breaks it, and what does not."""
    lines = [f"{found.scenario.name}: what breaks the plan"[:WIDTH]]
    for verdict, head in (("breaks", "BREAKS"), ("may break", "MAY BREAK")):
        for case in found.cases:
            hit = [_label(e.target) for e in case.effects if e.verdict == verdict]
            if hit:
                lines += _fill(f"{case.impulse.words}: {', '.join(hit)}", f"{head:<10}", " " * 10)
    for case in found.cases:
        if all(e.verdict in ("holds", "open", "missed already", "not counted") for e in case.effects):
            lines += _fill(case.impulse.words, f"{'HOLDS':<10}", " " * 10)
    for skipped in found.skipped:
        lines += _fill(f"{skipped.name}: {skipped.why}", f"{'NOT TRIED':<10}", " " * 10)
    return lines


def _planned(found: WhatIf) -> list[str]:
    lines = [f"{'As planned':<46}{'reached':>9}{'95 % interval':>17}{'':>2}target"]
    words = {"met": "met", "missed": "MISSED", "open": "open", None: "-"}
    for target, reached, state in zip(found.targets, found.planned, found.states(), strict=True):
        lines.append(f"{_clip(target.text, 46):<46}{_value(target, reached):>9}{_interval(target, reached):>17}{'':>2}{words[state]}")
    return lines


def _case(found: WhatIf, case: Case) -> list[str]:
    """One case: a line a target, what does not change in one line, and when the rest breaks."""
    lines = _fill(case.impulse.words[:1].upper() + case.impulse.words[1:])
    changed = [e for e in case.effects if e.difference is None or e.difference.value != 0.0 or e.difference.error != 0.0]
    if changed:
        lines.append(f"  {'':<28}{'planned':>8}{'then':>8}{'diff.':>8}{'95 % interval':>18}")
    for effect in changed:
        t = effect.target
        left = f"  {_clip(_label(t), 28):<28}{_value(t, effect.before):>8}{_value(t, effect.then):>8}"
        right = f"{_value(t, effect.difference, True):>8}{_interval(t, effect.difference, True):>18}"
        lines.append((left + right + ("  holds" if effect.verdict == "holds" else "")).rstrip())
        if effect.verdict != "holds" or effect.spans:
            lines += _fill(_when(found, effect), "    ", "      ")
    same = [_label(e.target) for e in case.effects if e not in changed]
    return lines + (_fill(f"exactly unchanged: {', '.join(same)}", "  ", "    ") if same else [])


def _label(target: Target) -> str:
    """A target in few words: its number, and what it is put to where that is not the mean."""
    over = {Over.MEAN: "", Over.EACH: " (each)", Over.WORST: " (worst)", Over.DAYS: " (days)"}
    return name_of(target) + over[target.over]


def _when(found: WhatIf, effect: Effect) -> str:
    """The verdict, and the intervals in which it breaks."""
    words = LOUD[effect.verdict]
    if effect.verdict == "not counted":
        return words
    minutes = (found.scenario.clock.interval or 1800.0) / 60.0
    what = "half hours" if minutes == 30.0 else f"intervals of {minutes:g} min"
    if not effect.when:
        return f"{words} (counted for whole days only)"
    if not effect.spans:
        words += f"; no further {what} {'fall below' if effect.target.at_least else 'rise above'}"
    else:
        worst = min(effect.spans, key=lambda s: room(effect.target, s.worst))
        more = len(effect.spans) - MOST_SPANS
        spans = ", ".join(_span(found, s) for s in effect.spans[:MOST_SPANS]) + (f" and {more} more" if more > 0 else "")
        unit = effect.target.measure.unit
        words = "the day holds, but not" if effect.verdict == "holds" else words + "; in"
        words += f" {spans}; worst {shown(worst.worst, unit)} {unit_of(unit)} at {_clock(found, worst.worst_at)}"
    return words + (f"; {effect.already} {what} miss it as planned" if effect.already else "")


def _span(found: WhatIf, span: Span) -> str:
    end = f"{span.end:%H:%M}" if span.end.date() == span.begin.date() or span.end.hour + span.end.minute else "24:00"
    return f"{_clock(found, span.begin)}-{end}"


def _clock(found: WhatIf, moment: object) -> str:
    """A time of day; with its date where more than one day is measured."""
    several = found.scenario.clock.horizon - found.scenario.clock.warmup > 86400.0
    return f"{moment:%m-%d %H:%M}" if several else f"{moment:%H:%M}"


def _notes(found: WhatIf) -> list[str]:
    n = len(found.seeds)
    tables = Tables.build(found.scenario)
    several = [
        f"{n} replications of the plan and of each case with the same seeds ({found.seeds[0]} to {found.seeds[-1]}): differences are "
        f"paired, intervals 95 %. About {found.contacts:,.0f} contacts each.",
        f"Met and missed: one-sided at {100 * found.confidence:g} %; open: more seeds would tell. A ratio is that of all contacts "
        "together. Intervals of a day are judged one by one.",
    ]
    if levels := service_levels(tables):
        several.append(f"Service level: {levels}.")
    if found.command:
        several.append(f"Again: {found.command}")
    return [line for words in several for line in _fill(words)]


def _value(target: Target, reached: Reached | None, sign: bool = False) -> str:
    return "-" if reached is None else _shown(reached.value, unit_of_value(target, ""), sign)


def _shown(value: float, unit: str, sign: bool) -> str:
    """As `shown`, but whole seconds from ten on: a fraction of a second decides nothing."""
    if unit == "s" and abs(value) >= 10.0:
        return f"{value:+,.0f}" if sign else f"{value:,.0f}"
    return shown(value, unit, sign)


def _interval(target: Target, reached: Reached | None, sign: bool = False) -> str:
    if reached is None or len(reached.parts) < 2:
        return "-"
    unit = unit_of_value(target, "")
    low, high = reached.interval()
    if unit == "share" and not sign:
        low, high = max(low, 0.0), min(high, 1.0)
    return f"[{_shown(low, unit, sign)}, {_shown(high, unit, sign)}]"


def name_of(target: Target) -> str:
    """The number that is promised, such as call_center.service_level."""
    return f"{target.who}.{target.kpi}" if target.who else target.kpi


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

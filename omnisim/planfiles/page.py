"""The page of a staffing plan: the answer in plain words, then evidence, figure, half hours, shifts, and how to repeat it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnisim.planfiles.figure import Drawn
from omnisim.planfiles.tables import Table, half_hours, shift_list
from omnisim.report.page import TEMPLATES
from omnisim.staffing.plan.targets import Over
from omnisim.text import shown, unit_of

if TYPE_CHECKING:
    from omnisim.staffing.plan.result import StaffPlan
    from omnisim.staffing.plan.table import Row

OWN = Path(__file__).parent / "templates"
# what stands in the column "why", in more words; the first word decides
REASONS = {
    "lag": "lag: the load of the interval before is still there, which no formula of one interval sees",
    "again": "again: people who were not served or not helped try again on the same channel",
    "bot": "bot: a bot keeps the easy ones, what is left takes longer",
    "backlog": "backlog: so many messages already lie there when the interval begins",
    "picking": "picking: so many orders of a day are made ready by the same people",
    "breaks": "breaks: shifts, breaks and shrinkage take people off",
    "least": "least crew: the fewest that there may be",
    "spill": "spill: so many contacts of a day come from another channel where they were not served or not settled",
}


def html(plan: StaffPlan, drawn: Drawn | None) -> str:
    """The page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(OWN), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["drawn"] = Markup  # style sheet and drawing only: their text was escaped where they were made
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return environment.get_template("plan.html").render(
        style=style, title=headline(plan), words=words(plan), promises=_promises(plan), steps=_steps(plan), drawn=drawn,
        hours=_hours(half_hours(plan)), shifts=shift_list(plan), level=plan.table.level_means, command=plan.command, reasons=_reasons(plan),
        seeds=len(plan.table.seeds), name=plan.trials.layout.scenario.name,
    )  # fmt: skip


def money(value: float, unit: str) -> str:
    """A cost with its unit."""
    return f"{value:,.1f} h" if unit == "h" else f"{value:,.0f} {unit}"


def headline(plan: StaffPlan) -> str:
    """The answer in one sentence."""
    spent = f"{plan.paid_hours:,.1f} paid hours" + ("" if plan.unit == "h" else f", {money(plan.cost, plan.unit)}")
    if plan.proof is None:
        return f"{spent} by formula; nothing is proved"
    return f"{spent} keep every promise" if plan.met else f"{spent} are not proved to keep every promise"


def words(plan: StaffPlan) -> list[str]:
    """What a planner tells his manager, a sentence or two each."""
    said = [_sure(plan), _change(plan)]
    for pool in plan.trials.layout.pools:
        said += _busiest(pool.name, plan.table.of(pool.name))
    if plan.move is not None:
        where, cost, k, gain = plan.move
        target = plan.trials.targets[k]
        by = f"{100 * gain:.2f} points" if target.measure.unit == "share" else f"{abs(gain):.3g} {target.measure.unit}"
        said.append(
            f"If there is one more person to place, put them at {where}: {money(cost, plan.unit)} for {by} of {target.text.strip()}."
        )
    return [s for s in said if s]


def _sure(plan: StaffPlan) -> str:
    if plan.proof is None:
        return "These are the numbers of formulas. No simulation has shown that they keep what is promised."
    n, sure = len(plan.proof.seeds), f"{100 * plan.confidence:g} %"
    if plan.met:
        return (
            f"Shown on {n} simulated days that no search has seen, each promise with a one-sided bound; together they err with at most "
            f"{100 * (1 - plan.confidence):g} % (confidence {sure})."
        )
    broken = "; ".join(e.target.text.strip() for e in plan.evidence if not e.met)
    return f"On {n} fresh simulated days it could not be shown at {sure} that this is kept: {broken}."


def _change(plan: StaffPlan) -> str:
    from omnisim.staffing.plan.table import totals

    t = totals(plan)
    more = t["paid_hours"] - t["today"]["paid_hours"]
    if abs(more) < 0.05 and not t["more"] and not t["fewer"]:
        return "It is the roster there is today."
    change = "the same number of" if abs(more) < 0.05 else f"{abs(more):,.1f} {'more' if more > 0 else 'fewer'}"
    cost = "" if plan.unit == "h" else f" ({t['cost'] - t['today']['cost']:+,.0f} {plan.unit})"
    return (
        f"Against the roster of today it takes {change} paid hours{cost}: "
        f"{t['more']} people to add and {t['fewer']} to spare, slot by slot."
    )


def _busiest(name: str, rows: tuple[Row, ...]) -> list[str]:
    """Where most people are needed, why, and where it is tight."""
    known = [r for r in rows if math.isfinite(r.need)]
    if len(known) < 2:
        return []
    top = max(known, key=lambda r: (r.need, r.erlangs))
    why = "" if top.why == "-" else f" ({top.why})"
    text = f"{name}: most people are needed at {top.start}: {top.need:.0f}, where a formula would say {top.formula:.0f}{why}."
    short = [r for r in known if r.gap < -0.5]
    if short:
        worst = min(short, key=lambda r: r.gap)
        text += f" {len(short)} intervals have fewer than they need by themselves, most at {worst.start} ({worst.gap:+.0f})."
    return [text]


def _promises(plan: StaffPlan) -> list[dict[str, str]]:
    out = []
    for e in plan.evidence:
        unit = "share" if e.target.over is Over.DAYS else e.target.measure.unit
        sign = ">=" if e.target.at_least or e.target.over is Over.DAYS else "<="
        surely = f"{sign} {shown(e.low, unit)} {unit_of(unit)}" if math.isfinite(e.low) and plan.proof is not None else "-"
        kept = "not shown" if plan.proof is None else "yes" if e.met else "no"
        seen = f"{shown(e.worth, unit)} {unit_of(unit)}" if math.isfinite(e.worth) else "-"
        out.append({"text": e.target.text.strip(), "seen": seen, "surely": surely, "kept": kept, "seeds": str(e.n), "kpi": e.target.kpi})
    return out


def _steps(plan: StaffPlan) -> list[dict[str, str]]:
    return [
        {"name": s.name, "cost": money(s.cost, plan.unit), "kept": f"{sum(v >= 0 for v in s.value)} of {len(s.value)}", "leaves": s.leaves}
        for s in plan.steps
    ]


def _hours(table: Table) -> list[dict[str, Any]]:
    """Rows of the half hours as they are shown."""
    out = []
    for row in table.rows:
        r = dict(zip(table.head, row, strict=True))
        level = "-" if r["service_level"] is None else f"{_two(r['service_level'])} ({_two(r['low'])}-{_two(r['high'])})"
        numbers = {n: "-" if r[n] is None else f"{r[n]:,.{d}f}" for n, d in _DIGITS.items()}
        out.append({**numbers, "pool": r["pool"], "start": r["start"], "level": level, "day_met": _two(r["day_met"]), "why": r["why"]})
        out[-1]["occupancy"] = _two(r["occupancy"])
    return out


_DIGITS = {"contacts": 0, "handling_s": 0, "erlangs": 1, "formula": 1, "required": 0, "scheduled": 0, "net": 1, "gap": 1}


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _reasons(plan: StaffPlan) -> list[str]:
    """Explanations of the words that occur."""
    said = {word for r in plan.table.rows for word in r.why.replace(",", " ").split()}
    return [text for key, text in REASONS.items() if key in said]

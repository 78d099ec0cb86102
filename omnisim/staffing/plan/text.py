"""A plan in words, tables of at most 80 columns, and JSON."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from omnisim.staffing.plan.settings import in_words
from omnisim.staffing.plan.targets import Over
from omnisim.text import shown, unit_of

if TYPE_CHECKING:
    from omnisim.staffing.plan.result import StaffPlan, Step
    from omnisim.staffing.plan.table import Row, Table
    from omnisim.staffing.plan.targets import Target
    from omnisim.staffing.plan.verify import Evidence

WIDTH = 80
HEAD = f"{'Start':<7}{'In':>5}{'AHT':>5}{'Erl':>6}{'Form':>6}{'Sim':>4}{'Ros':>4}{'Net':>5}{'Gap':>5} SL   95 %    P(d)  Occ Why"
MOST_SHIFTS = 12  # of a list on a terminal; all of them are in the table and the files


def money(value: float, unit: str) -> str:
    """A cost with its unit.

    >>> money(3310.4, "USD"), money(19.2, "USD"), money(182.0, "h")
    ('3,310.40 USD', '19.20 USD', '182.0 h')
    """
    return f"{value:,.1f} h" if unit == "h" else f"{value:,.2f} {unit}"


def plan_text(plan: StaffPlan) -> str:
    """The whole answer."""
    parts = [headline(plan), promises_text(plan), steps_text(plan), totals_text(plan), str(plan.table)]
    return "\n\n".join(p for p in parts if p)


def headline(plan: StaffPlan) -> str:
    """The answer in one sentence or two."""
    n = f"{plan.paid_hours:,.6g} paid hours" + ("" if plan.unit == "h" else f", {money(plan.cost, plan.unit)}")
    if plan.proof is None:
        return _wrap(f"{plan.trials.layout.scenario.name}: {n} by formula. Nothing is proved: the search was not asked for.")
    if plan.met:
        seeds = plan.proof.seeds
        sure = f"surely ({100 * plan.confidence:g} %, one-sided, {len(seeds)} seeds from {seeds[0]} that no search has seen)"
        return _wrap(f"{plan.trials.layout.scenario.name}: {n} keep every promise, {sure}.")
    broken = [e.target.text.strip() for e in plan.evidence if not e.met]
    return _wrap(f"{plan.trials.layout.scenario.name}: NOT SHOWN. {n} are not proved to keep: {'; '.join(broken)}.")


def promises_text(plan: StaffPlan) -> str:
    """One line a promise: what was seen on fresh days."""
    lines = [f"{'Promise':<46}{'seen':>9}{'surely':>11}  kept"]
    for e in plan.evidence:
        unit = "share" if e.target.over is Over.DAYS else e.target.measure.unit
        sign = ">=" if e.target.at_least or e.target.over is Over.DAYS else "<="
        sure = "-" if not math.isfinite(e.low) else f"{sign} {_number(e.low, unit)}"
        name = e.target.text.strip() + (f" ({e.worst})" if e.worst else "")
        for k, part in enumerate(textwrap.wrap(name, 45)):
            lines.append(f"{part:<46}{_number(e.worth, unit):>9}{sure:>11}  {'yes' if e.met else 'NO'}" if k == 0 else f"  {part}")
    means = plan.table.level_means
    return "\n".join([*lines, *([_wrap(f"Service level: {means}.")] if means else [])])


def _number(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return "-"
    if unit == "s" and value >= 7200:
        return f"{value / 3600:.2f} h"
    return f"{shown(value, unit)} {unit_of(unit)}".strip()


def steps_text(plan: StaffPlan) -> str:
    """What each step of the ladder answers, and what the next corrects."""
    lines = [f"{'Step':<21}{'cost, ' + plan.unit:>14}  {'kept on the days of the search':<36}"]
    for s in plan.steps:
        lines += _step_lines(s, plan)
    for settings, cost in plan.varied:
        lines.append(f"  {in_words(settings)}: {money(cost, plan.unit) if math.isfinite(cost) else 'no number of people will do'}")
    days = f"Kept: on {len(plan.seeds)} days on which the search was made, which proves nothing."
    lines.append(_wrap(f"The work alone costs {money(plan.bound, plan.unit)}. {days}"))
    return "\n".join(lines)


def _step_lines(s: Step, plan: StaffPlan) -> list[str]:
    kept = sum(v >= 0.0 for v in s.value)
    worst = min(range(len(s.value)), key=lambda k: s.value[k] / plan.trials.targets[k].scale)
    t = plan.trials.targets[worst]
    unit = "share" if t.over is Over.DAYS else t.measure.unit
    seen = f"{kept} of {len(s.value)}; least: {t.who or 'all'} {_number(s.worth[worst], unit)}"
    lines = [f"{s.name:<21}{s.cost:>14,.2f}  {seen[:43]}"]
    return [*lines, *([f"  next: {s.leaves}"] if s.leaves else [])]


def totals_text(plan: StaffPlan) -> str:
    """Paid hours, cost, what changes, and the cheapest move."""
    from omnisim.staffing.plan.table import totals

    t = totals(plan)
    what = "shifts" if any(pool.form == "shifts" for pool in plan.trials.layout.pools) else "people, slot by slot,"
    lines = [f"Paid hours {t['paid_hours']:,.1f} (today {t['today']['paid_hours']:,.1f})"]
    if plan.unit != "h":
        lines[0] += f", cost {money(plan.cost, plan.unit)} (today {money(t['today']['cost'], plan.unit)})"
    lines[0] += f"; {what} to add {t['more']}, to spare {t['fewer']}."
    if plan.move is not None:
        where, cost, k, gain = plan.move
        target = plan.trials.targets[k]
        gain *= target.sign
        value = f"{100 * gain:+.2f} points" if target.measure.unit == "share" else f"{gain:+.3g} {target.measure.unit}"
        lines.append(f"Cheapest move: one more on {where} ({money(cost, plan.unit)}) brings {value} of {target.text.strip()}.")
    return "\n".join(_wrap(x) for x in lines)


def table_text(table: Table) -> str:
    """The planner's table, one block a pool."""
    lines = []
    for pool in dict.fromkeys(r.pool for r in table.rows):
        lines += [pool, HEAD]
        lines += [line for r in table.of(pool) for line in _row(r)]
    notes = (
        "In: contacts of a day; AHT: s, with wrap-up; Form: people by formula; Sim: people on duty who keep the promises, by simulation; "
        f"Ros: on the roster; Net: after breaks and shrinkage; P(d): share of days the target is met; {len(table.seeds)} seeds."
    )
    return "\n".join([*lines, _wrap(notes)])


def _row(r: Row) -> list[str]:
    level = "-" if math.isnan(r.level) else f"{_two(r.level)} {_two(r.low)}-{_two(r.high)}"
    aht = "-" if math.isnan(r.aht_s) else f"{r.aht_s:.0f}"
    people = f"{_short(r.need):>4}{_short(r.rostered):>4}{_short(r.net):>5}{_short(r.gap):>5}"
    numbers = f"{r.start:<7}{r.contacts:>5.0f}{aht:>5}{r.erlangs:>6.1f}{r.formula:>6.1f}{people}"
    head = f"{numbers} {level:<12}{_two(r.p_day):>4}{_two(r.occupancy):>5} "
    said = textwrap.wrap(r.why, WIDTH - len(head)) or [""]
    return [(head + said[0]).rstrip(), *(" " * len(head) + more for more in said[1:])]


def _short(x: float) -> str:
    return f"{x:.0f}" if abs(x - round(x)) < 0.05 else f"{x:.1f}"


def _two(x: float) -> str:
    return "-" if math.isnan(x) else "1.0" if x >= 0.995 else f"{x:.2f}".lstrip("0")


def _wrap(text: str) -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent="  ")


def plan_json(plan: StaffPlan) -> dict[str, Any]:
    """Everything, for machines; a number that is not known is null."""
    from omnisim.staffing.plan.table import totals

    layout = plan.trials.layout
    return {
        "command": "staff",
        "reproduce": plan.command,
        "scenario": layout.scenario.name,
        "met": plan.met,
        "confidence": plan.confidence,
        "cost": plan.cost,
        "unit": plan.unit,
        "bound": _null(plan.bound),
        "paid_hours": plan.paid_hours,
        "totals": totals(plan),
        "targets": [_target_json(t) for t in plan.trials.targets],
        "evidence": [_evidence_json(e) for e in plan.evidence],
        "proof": _proof_json(plan),
        "steps": [
            {
                "name": s.name, "cost": s.cost, "people": sum(s.y), "kept": s.kept, "seen": [_null(w) for w in s.worth],
                "above": [_null(v) for v in s.value], "knows": s.knows, "leaves": s.leaves,
            }
            for s in plan.steps
        ],
        "shifts": [{"pool": s.pool, "label": s.label, "people": s.people, "today": s.today, "cost": s.cost} for s in plan.shifts],
        "table": [_row_json(r) for r in plan.table.rows],
        "service_level": plan.table.level_means,
        "settings": plan.settings,
        "varied": [{"settings": s, "cost": _null(c)} for s, c in plan.varied],
        "changes": plan.changes,
        "work": {"runs": plan.trials.runs, "contacts": plan.trials.contacts, "events": plan.trials.events},
    }  # fmt: skip


def _proof_json(plan: StaffPlan) -> dict[str, Any] | None:
    p = plan.proof
    return None if p is None else {"first_seed": p.seeds[0], "seeds": len(p.seeds), "error": p.error}


def _null(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


def _target_json(t: Target) -> dict[str, Any]:
    return {
        "text": t.text.strip(), "kpi": t.kpi, "who": t.who, "at_least": t.at_least, "level": t.level, "over": t.over.value,
        "share": t.share, "formula": t.formula, "within_s": t.within_s,
    }  # fmt: skip


def _evidence_json(e: Evidence) -> dict[str, Any]:
    return {
        "target": e.target.text.strip(), "seen": _null(e.worth), "surely": _null(e.low), "error": e.error, "seeds": e.n, "met": e.met,
        "interval": e.worst or None,
    }  # fmt: skip


def _row_json(r: Row) -> dict[str, Any]:
    names = ("contacts", "aht_s", "erlangs", "formula", "need", "rostered", "net", "gap", "level", "low", "high", "p_day", "occupancy")
    return {"pool": r.pool, "start": r.start, **{n: _null(getattr(r, n)) for n in names}, "why": r.why}

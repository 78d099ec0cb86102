"""The pages of `explain` and `who`: facts in, a `Study` out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisim.estimate import CONFIDENCE
from omnisim.figures import shares
from omnisim.figures.numbers import half_width, interval, number, places, shown_unit, signed
from omnisim.figures.panel import Table
from omnisim.report.study import Section, Sheet, Study, picture
from omnisim.report.words import WORDS

if TYPE_CHECKING:
    from omnisim.reasons.explained import Explanation
    from omnisim.reasons.people import Who


def explained(e: Explanation) -> Study:
    """Why B differs from A."""
    low, high = e.total.interval(1.0 - CONFIDENCE) or (None, None)
    facts = shares.rows(e.names, e.kpi, e.unit, [(s.lever.name, s.mean, s.low, s.high) for s in e.shares], (e.total.mean, low, high))
    drawing = picture(shares, facts)
    unit = WORDS["points"] if e.unit == "share" else shown_unit(e.unit)
    n = places([half_width(s.low, s.high) for s in e.shares], e.unit)
    rows = tuple(
        (
            s.lever.name,
            signed(s.mean, n, e.unit),
            interval(s.low, s.high, n, e.unit, sign=True),
            signed(s.alone, n, e.unit),
            signed(s.last, n, e.unit),
            number(s.p_holm, 3),
        )
        for s in e.shares
    )
    heads = ("Lever", f"Share, {unit}", "95 % interval", f"Alone, {unit}", f"Last, {unit}", "p (Holm)")
    note = "Alone: only this lever moved. Last: every other lever moved before. p: of no share at all, adjusted for all levers."
    changes = tuple(
        (s.lever.name, path, s.lever.before[path], s.lever.after[path]) for s in e.shares for path in s.lever.changes
    )  # fmt: skip
    pairs = tuple(
        (f"{i.first} with {i.second}", signed(i.mean, n, e.unit), interval(i.low, i.high, n, e.unit, sign=True)) for i in e.interactions
    )
    how = (
        f"every one of the {1 << len(e.shares)} mixtures was run"
        if e.exact
        else "orders of moving the levers were sampled, others in each seed"
    )
    sections = [
        Section("The share of each lever", (), (Sheet("", Table(heads, rows), note),), (drawing,)),
        Section("What is changed", (), (Sheet("", Table(("Lever", "Value", e.names[0], e.names[1]), changes, 4)),)),
    ]
    if pairs:
        words = "What two levers do more (less, where negative) together than each for itself, averaged over what else is moved."
        sections.append(
            Section("Levers that work together", (words,), (Sheet("", Table(("Levers", f"More, {unit}", "95 % interval"), pairs)),))
        )
    return Study(
        f"Why {e.names[1]} differs from {e.names[0]} · {len(e.seeds)} seeds", drawing.told.title,
        (f"Shares add up to the difference exactly; {how}, {e.runs} replications in all, with common luck. Chance is in the intervals; "
         "what is not known of the inputs is not.",),
        tuple(sections), e.command, e.engine, e.seeds, tuple(zip(e.names, e.scenarios, strict=True)), e.to_json(),
    )  # fmt: skip


def told_apart(w: Who) -> Study:
    """Who ends differently in two worlds."""
    a, b = w.names
    sheets = []
    for title, lines in (("By what differs first", w.lines), ("By how it ended in the world with fewer", w.endings)):
        rows = [(x.cause, number(x.gained, 0), number(x.lost, 0), signed(x.net, 0), ", ".join(x.people[:2])) for x in lines]
        gained, lost = sum(x.gained for x in lines), sum(x.lost for x in lines)
        rows.append(("together", number(gained, 0), number(lost, 0), signed(gained - lost, 0), ""))
        sheets.append(Sheet(title, Table(("Cause", f"Only in {b}", f"Only in {a}", "Net", "For example"), tuple(rows))))
    story = w.trace(w.people[0].person) if w.people else ""
    words = (
        f"Both worlds are lived through by the same people with the same luck, so each of the {len(w.people)} people who end "
        f"differently can be followed from the first moment at which anything differs. {w.same} people end with as many in both.",
    )
    stories = (Section("One of them", (f"Customer {w.people[0].person} in both worlds.",), pre=story),) if w.people else ()
    counted = w.counted[:1].upper() + w.counted[1:]
    return Study(
        f"{b} and {a}, one seed, person by person",
        f"{counted}: {number(w.after, 0)} with {b}, {number(w.before, 0)} with {a}, a difference of {signed(w.difference, 0)}",
        words, (Section("Two tables that add up to the difference", (), tuple(sheets)), *stories), w.command, w.engine, [w.seed],
        tuple(zip(w.names, w.scenarios, strict=True)), {k: v for k, v in w.to_json().items() if k != "people"},
    )  # fmt: skip

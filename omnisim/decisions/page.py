"""The pages of `decide`, `hostile` and `phases`: facts in, a `Study` out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisim.decisions.decided import interval_of
from omnisim.decisions.phasemap import sentence as mapped_sentence
from omnisim.decisions.turned import sentence as turned_sentence
from omnisim.decisions.words import chance_and_ignorance, headline, learn, steps_sentences
from omnisim.figures import phases as phase_figure
from omnisim.figures import tornado
from omnisim.figures.numbers import interval, number, signed
from omnisim.figures.panel import Table
from omnisim.report.study import Section, Sheet, Study, picture
from omnisim.report.words import WORDS
from omnisim.text import in_words

if TYPE_CHECKING:
    from omnisim.decisions.decided import Decision
    from omnisim.decisions.phasemap import PhaseMap
    from omnisim.decisions.turned import Hostile, Reversal
    from omnisim.report.pictures import Picture


def decided(d: Decision) -> Study:
    """What to do, how sure, and what to learn first."""
    over = "a year" if d.yearly else f"{d.days:.3g} days"
    return Study(
        f"{d.question or d.name} · {in_words(d.kpi)} over {over}, {d.unit}", headline(d), (chance_and_ignorance(d), learn(d)),
        (_options(d), _inputs(d), *_steps(d), _rests(d)), d.command, d.engine, d.seeds, d.scenarios, d.to_json(),
    )  # fmt: skip


def _options(d: Decision) -> Section:
    heads = ("Option", "As it stands", "95 % (chance)", "Mean over ranges", "90 % (ignorance)", "P(pays)", "P(best)")
    rows = []
    for o in d.options:
        if o.pays is None:
            rows.append((o.name, "–", "", "–", "", "", number(o.best, 2)))
            continue
        low, high = interval_of(o.chance)
        rows.append((
            o.name, signed(o.chance.mean, 0), interval(low, high, 0, sign=True), signed(o.mean, 0), interval(o.low, o.high, 0, sign=True),
            number(o.pays, 2), number(o.best, 2),
        ))  # fmt: skip
    each = "one seed" if d.point_seeds == 1 else f"{d.point_seeds} seeds"
    note = (
        f"{in_words(d.kpi)} against {d.options[0].name}, {d.unit}. Chance: {len(d.seeds)} seeds, inputs as they stand. Ignorance: "
        f"{d.points} points of all inputs drawn together, {each} each. P(pays): share of points in which it beats "
        f"{d.options[0].name}; P(best): in which it beats every other option."
    )
    fair = Sheet("Fair opponents", Table(("Opponent", "Option", "How it was made"), tuple((k, n or "–", w) for k, n, w in d.fair), 3))
    return Section("What each option is worth", (), (Sheet("", Table(heads, tuple(rows)), note), fair))


def _inputs(d: Decision) -> Section:
    tried = [t for t in d.inputs if t.at_low is not None and t.at_high is not None]
    bars = [(t.path, t.yours, t.low, t.high, t.at_low or 0.0, t.at_high or 0.0, t.turns) for t in tried]
    drawn: tuple[Picture, ...] = ()
    if bars:
        names = (d.options[0].name, d.focus)
        what = f"{in_words(d.kpi)} more than {names[0]}"
        drawn = (picture(tornado, tornado.rows(names, what, d.unit, d.stand, bars)),)
    rows = []
    for t in d.inputs:
        turns = "–" if t.at_low is None else "not in its range" if t.turns is None else f"{'above' if t.pays_above else 'below'} {t.turns}"
        worth = number(t.learned.value, 0) + (f" ± {number(t.learned.error, 0)}" if t.learned.value > 0.0 else "")
        rows.append((t.path, t.yours, t.grade, f"{t.low} to {t.high}", turns, worth))
    heads = ("Input", "Yours", "Grade", "Range", f"{d.focus} pays", f"Learning it, {d.unit}")
    words = (
        f"Where {d.focus} turns from better to worse than {d.options[0].name} when one input moves alone, and what it is worth to learn an "
        "input before deciding (expected value of perfect partial information; 0: no sign that it matters to the choice).",
    )
    first = Sheet("", Table(heads, tuple(rows[:12])), "± one standard error. Break-evens by straight lines between three runs.")
    rest = (Sheet(f"The other {len(rows) - 12} inputs", Table(heads, tuple(rows[12:])), open=False),) if len(rows) > 12 else ()
    return Section("What it depends on", words, (first, *rest), drawn)


def _steps(d: Decision) -> tuple[Section, ...]:
    if d.steps is None:
        return ()
    rows = [
        (title, ", ".join(o.steps) or "none", number(o.worst, 0), number(o.mean, 0))
        for title, o in (("least regret", d.steps.best), ("take none", d.steps.none), ("all, as in the file", d.steps.all))
    ]
    table = Table(("Plan", "Steps in order", f"Regret at worst, {d.unit}", "Regret on the mean"), tuple(rows), 2)
    note = "Each step takes an equal part of the time. Regret: what the plan that is best at a point earns more there."
    return (Section("In which order", tuple(steps_sentences(d)), (Sheet("", table, note),)),)


def _rests(d: Decision) -> Section:
    r = d.rests_on
    words = (
        f"{r['own']} of your numbers, {r['A']} measured (A), {r['B']} quoted with a source (B), {r['C']} assumed (C). "
        f"{len(d.not_varied)} graded inputs have no range of numbers and stay as they are.",
    )
    return Section("What it rests on", words)


def turned(h: Hostile) -> Study:
    """The smallest change that turns a verdict."""
    sections = []
    for title, r in (
        ("The smallest change that turns it", h.found),
        ("All inputs together", h.nearest if h.nearest is not h.found else None),
    ):
        if r is not None:
            sections.append(Section(title, (_there(r, h),), (Sheet("", _moves(r)),)))
    if h.single:
        rows = tuple((r.moves[0].path, r.moves[0].before, r.moves[0].after, f"{number(100 * r.size, 0)} %") for r in h.single if r.moves)
        sections.append(Section("By one input alone", (), (Sheet("", Table(("Input", "Yours", "Turns at", "Of its range"), rows)),)))
    if h.trace:
        sections.append(Section("One person in the turned world", pre=h.trace))
    words = (
        f"{h.tried} graded inputs were moved within their stated ranges; {len(h.left_out)} have none that can be moved. Turned means: the "
        f"95 % interval over {len(h.seeds)} seeds lies on the other side of 0. What is found is the nearest on the ways that were tried.",
    )
    return Study(
        f"What would turn the verdict · {len(h.seeds)} seeds", turned_sentence(h), words, tuple(sections), h.command, h.engine, h.seeds,
        tuple(zip(h.names, h.scenarios, strict=True)), h.to_json(),
    )  # fmt: skip


def _moves(r: Reversal) -> Table:
    rows = tuple((m.path, m.before, m.after, f"{number(100 * m.size, 0)} %", m.grade) for m in r.moves)
    return Table(("Input", "From", "To", "Of its range", "Grade"), rows)


def _there(r: Reversal, h: Hostile) -> str:
    low, high = interval_of(r.spread)
    return f"There the difference is {signed(r.spread.mean, 0)} {h.unit} {interval(low, high, 0, sign=True)}."


def mapped(m: PhaseMap) -> Study:
    """A phase map."""
    cells = [(c.x, c.y, c.may_cost, None if c.low is None or c.high is None else (c.high - c.low) / 2.0) for c in m.cells]
    drawing = picture(phase_figure, phase_figure.rows(m.names, m.axes, m.unit, m.yours, cells), say=WORDS)
    words = (
        f"{m.question} What the hub costs changes nothing but EBIT, so in each cell its break-even is what {m.names[1]} earns more before "
        "hub and capital. Chance is in the intervals; what is not known of the other inputs is not.",
    )
    parts = (Section("The map", pictures=(drawing,)), *((Section("Left out", m.left_out),) if m.left_out else ()))
    return Study(
        f"Phase map · {m.axes[0]} × {m.axes[1]} × cost of the hub", mapped_sentence(m), words, parts,
        m.command, m.engine, m.seeds, m.scenarios, m.to_json(),
    )  # fmt: skip

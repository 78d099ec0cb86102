"""The page: facts in, one HTML text out.

comparison, pictures, words --> what each section shows --> templates/page.html (all text escaped) + templates/page.css
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnisim.figures.looks import glyph, looks_of
from omnisim.figures.lookup import total
from omnisim.figures.numbers import number
from omnisim.kpis import MEASURES, define, service_level_formula, service_levels
from omnisim.report import again, assumed, deciding, money, settled
from omnisim.report.judged import judged
from omnisim.report.pictures import Picture

if TYPE_CHECKING:
    from omnisim.answers import Comparison

TEMPLATES = Path(__file__).parent / "templates"


def html(comparison: "Comparison", pictures: Sequence[Picture], say: Mapping[str, str]) -> str:
    """The page of a comparison."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # only what is made here of numbers and of text that was escaped there is trusted: style sheet, glyphs, drawings
    environment.filters["drawn"] = Markup
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return environment.get_template("page.html").render(say=say, style=style, **_shown(comparison, pictures, say))


def _shown(comparison: "Comparison", pictures: Sequence[Picture], say: Mapping[str, str]) -> dict[str, Any]:
    """Everything the template names."""
    names, base = comparison.names, comparison.names[0]
    looks = looks_of(comparison)
    found = judged(comparison.verdict)
    lines = deciding.lines(comparison)
    earned = money.money(comparison, say, _days(comparison, say))
    rows = assumed.assumed(comparison)
    sure = settled.settled(comparison, say)
    cells = [cell for line in sure for cell in line.cells if cell]
    seeds = len(comparison.baseline.seeds)
    seeds_text = say["page.seeds" if seeds > 1 else "page.seed"].format(n=seeds)
    others = ", ".join(names[1:])
    return {
        "names": names,
        "base": base,
        "glyphs": {n: glyph(look) for n, look in looks.items()},
        "eyebrow": say["page.eyebrow"].format(n=len(names), base=base, seeds=seeds_text),
        "headline": found.headline or say["page.no_verdict"].format(others=others, base=base),
        "verdict": found,
        "lines": lines,
        "note": _note(lines, seeds, service_levels(comparison.baseline.tables), say),
        "spent": deciding.spent(comparison, say),
        "spent_note": say["spent.note"].format(days=_days(comparison, say)),
        "pictures": {p.name: p for p in pictures},
        "money": earned,
        "assumed": rows,
        "counts": _counts(rows, say),
        "grades": [(g, [r for r in rows if r.grade == g]) for g in dict.fromkeys([*assumed.GRADES, *(r.grade for r in rows)])],
        "warnings": assumed.warnings(comparison),
        "settled": sure,
        "settled_count": say["seeds.count"].format(n=seeds, done=sum(cell.done for cell in cells), of=len(cells)),
        "again": again.facts(comparison) | {"range": again.seeds(comparison)},
        "definitions": _definitions(comparison, lines, found.self_service, earned),
    }


def _days(comparison: "Comparison", say: Mapping[str, str]) -> str:
    """The measured time in words."""
    tables = comparison.baseline.tables
    days = (tables.horizon_s - tables.warmup_s) / 86400.0
    return say["day"] if days == 1.0 else say["days"].format(n=number(days, 0 if days == int(days) else 2))


def _note(lines: Sequence[deciding.Line], seeds: int, formulas: str, say: Mapping[str, str]) -> str:
    """What the intervals of the deciding table are, and what its service level is."""
    levels = say["deciding.note.level"].format(formulas=formulas) if formulas and any(line.kpi == "service_level" for line in lines) else ""
    if seeds == 1:
        return say["deciding.note.one"] + levels
    own = say["deciding.note.own"] if any(line.own for line in lines) else ""
    return say["deciding.note"].format(seeds=say["page.seeds"].format(n=seeds), own=own) + levels


def _counts(rows: Sequence[assumed.Assumed], say: Mapping[str, str]) -> str:
    """How many inputs of which grade, in words, what is least sure first."""
    counts = assumed.counts(list(rows))
    return ", ".join(say[f"assumed.{g}"].format(n=counts[g]) for g in assumed.GRADES if counts.get(g))


def _definitions(
    comparison: "Comparison", lines: Sequence[deciding.Line], more: Sequence[Any], earned: money.Money | None
) -> list[dict[str, Any]]:
    """Every measure the page shows, in the order in which it shows them."""
    shown = [line.kpi for line in lines] + ["journey_success", "perception_gap", "abandon_rate", "staffed_hours", "labour_cost", "hub_cost"]
    shown += [s.kpi for s in more if s.kpi in MEASURES]
    if earned is not None:
        shown += money.SHOWN
    out = []
    for kpi in dict.fromkeys(shown):
        if any(total(a, kpi) for a in comparison.answers):
            measure = define(kpi)
            formulas = _formulas(comparison) if kpi == "service_level" else []
            unit = comparison.baseline.tables.currency if measure.unit == "money" else measure.unit
            out.append({"kpi": kpi, "measure": measure, "unit": unit, "formulas": formulas})
    return out


def _formulas(comparison: "Comparison") -> list[tuple[str, str]]:
    """(channel, service-level formula) of the baseline's channels that name one; contested, so printed."""
    tables = comparison.baseline.tables
    found = []
    for channel in tables.channels:
        try:
            found.append((channel, service_level_formula(tables, channel)))
        except ValueError:  # it names no service level
            continue
    return found

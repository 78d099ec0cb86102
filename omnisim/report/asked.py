"""The page of an experiment, and beside it what machines read.

    write(table, folder, command) -> folder/report.html    question, answer, every finding with its figure and table; no script
                                     folder/figures/*.svg  each figure by itself
                                     folder/points.csv     every point and KPI: mean, 95 % interval, seeds
                                     folder/answer.json    the whole answer: points, findings, facts of the figures

The same numbers give the same bytes.
"""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from omnisim.estimate import CONFIDENCE
from omnisim.experiment.differences import headline
from omnisim.experiment.finding import Finding, settings_text
from omnisim.experiment.table import SHOWN, behind, in_order
from omnisim.figures.asked import BY_FINDING
from omnisim.figures.asked.table import table as facts_of
from omnisim.figures.panel import Facts, Panel, Say, Told, alone, together
from omnisim.figures.panel import Table as Told_table
from omnisim.figures.svg import drawn, file, page
from omnisim.kpis import define
from omnisim.report.pictures import Picture
from omnisim.text import fitted, interval, label, shown, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison
    from omnisim.experiment.table import Table
    from omnisim.figures.looks import Looks

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class _Figure:
    """A finding and the module that draws it, as the panels want a figure."""

    finding: Finding
    module: ModuleType
    KEYED: bool = False

    @property
    def NAME(self) -> str:
        return self.finding.name

    def facts(self, comparison: "Comparison") -> Facts:
        return list(self.finding.facts)

    def panels(self, facts: Facts) -> list[Panel]:
        made: list[Panel] = self.module.panels(self.finding)
        return made

    def draw(self, facts: Facts, key: str, ax: "Axes", looks: "Looks", say: Say) -> None:
        self.module.draw(self.finding, key, ax)

    def told(self, facts: Facts, say: Say) -> Told:
        return Told(self.finding.title, f"{self.finding.title}. {self.finding.sentence}", self.module.CAPTION)

    def table(self, facts: Facts, say: Say) -> Told_table:
        return facts_of(self.finding)


def picture(finding: Finding) -> Picture | None:
    """The figure of a finding; None where it has none, or nothing to show."""
    module = BY_FINDING.get(finding.name)
    if module is None or not finding.facts:
        return None
    figure = _Figure(finding, module)
    told = figure.told([], {})
    panels = []
    for i, panel in enumerate(figure.panels([])):
        raw = drawn(panel.width, panel.height, alone(figure, [], panel, {}, {}))
        panels.append((round(panel.width), page(raw, f"{figure.NAME}{i}", told.alt if i == 0 else f"{told.title} ({i + 1})")))
    width, height, everything = together(figure, [], {}, {})
    whole = file(drawn(width, height, everything), figure.NAME, told.title, told.alt)
    return Picture(figure.NAME, told, tuple(panels), whole, figure.table([], {}), False)


def write(table: "Table", folder: Path, command: str) -> Path:
    """Write the report of an experiment into a folder; returns the path of report.html.  Raises OSError where that cannot be."""
    from omnisim.report import files

    pictures = {f.name: p for f in table.findings if (p := picture(f)) is not None}
    texts = {f"figures/{name}.svg": p.file for name, p in pictures.items()}
    texts["points.csv"] = points_csv(table)
    texts["answer.json"] = json.dumps(table.to_json(), indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    texts["report.html"] = html(table, pictures, command)  # last: who sees a new page finds new figures
    for name, text in texts.items():
        files.write(folder / name, text)
    for name in BY_FINDING:
        if f"figures/{name}.svg" not in texts:
            (folder / f"figures/{name}.svg").unlink(missing_ok=True)
    return folder / "report.html"


def points_csv(table: "Table") -> str:
    """One row a point and KPI; empty where nothing is defined."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["point", "strategy", "settings", "kpi", "unit", "mean", "low", "high", "sd", "seeds"])
    for row in table.rows:
        for i, kpi in enumerate(table.kpis):
            s = row.spread(i)
            low, high = (s.interval(1.0 - CONFIDENCE) or ("", "")) if s else ("", "")
            words = [row.n, _cell(row.strategy), _cell(settings_text(row.settings)), kpi, table.units.get(kpi, "")]
            rows.writerow([*words, *((s.mean, low, high, "" if s.sd is None else s.sd, s.n) if s else ("", "", "", "", 0))])
    return out.getvalue()


def _cell(text: str) -> str:
    """A spreadsheet takes text that begins so for a formula."""
    return "'" + text if text[:1] in "=+-@\t\r" else text


def html(table: "Table", pictures: dict[str, Picture], command: str) -> str:
    """The page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["drawn"] = Markup  # style sheet and drawings are made here; all other text is escaped
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return environment.get_template("experiment.html").render(style=style, **_shown(table, pictures, command))


def _shown(table: "Table", pictures: dict[str, Picture], command: str) -> dict[str, Any]:
    """Everything the template names."""
    kpi = table.kpis[0]
    seeds = sorted({len(r.seeds) for r in table.rows if r.seeds})
    many = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}" if seeds else "no"
    defined = dict.fromkeys([*table.kpis, *(k for f in table.findings for k in f.more.get("kpis", ()))])
    return {
        "question": table.question or table.name,
        "headline": headline(table),
        "eyebrow": f"{table.name}: {len(table.rows)} points, {many} seeds each",
        "over": table.over,
        "kpi": f"{label(kpi)}, {unit_of(table.units.get(kpi, '')) or '1'}",
        "order": in_order(kpi),
        "factors": list(table.asks.asked.factors) if table.asks else [],
        "leaders": _leaders(table),
        "rest": max(0, len(table.ranked) - SHOWN),
        "findings": [(f, pictures.get(f.name)) for f in table.findings],
        "command": command,
        "facts_again": _facts(table),
        "definitions": [(k, define(k), table.units.get(k, "")) for k in defined],
    }


def _leaders(table: "Table") -> list[dict[str, Any]]:
    """The best points with every KPI that was asked for."""
    gaps = behind(table)
    out: list[dict[str, Any]] = []
    for row in table.ranked[:SHOWN]:
        cells = []
        for i, kpi in enumerate(table.kpis):
            s, unit = row.spread(i), table.units.get(kpi, "")
            low, high = (s.interval(1.0 - CONFIDENCE) or (None, None)) if s else (None, None)
            cells.append((shown(s.mean if s else None, unit), interval(low, high, unit) if low is not None else ""))
        gap = "" if row.n not in gaps else fitted(abs(gaps[row.n][0].mean), table.units.get(table.kpis[0], ""), 8)
        told = row.n in gaps and gaps[row.n][1]
        out.append({"strategy": row.strategy, "settings": settings_text(row.settings), "seeds": len(row.seeds), "cells": cells,
                    "gap": gap, "told": told, "first": not out})  # fmt: skip
    return out


def _facts(table: "Table") -> list[tuple[str, str]]:
    """How to get the numbers again: engine, scenarios, versions."""
    import hashlib
    import importlib.metadata
    import platform

    from omnisim.store import engine_version

    found = [("engine", engine_version()[:16])]
    for name, scenario in (table.asks.strategies if table.asks else {}).items():
        found.append((f"scenario of {name}, SHA-256", hashlib.sha256(scenario.canonical().encode()).hexdigest()))
    names = ("omnisim", "numpy", "scipy", "numba", "matplotlib")
    versions = ", ".join(f"{n} {importlib.metadata.version(n)}" for n in names)
    return [*found, ("versions", f"Python {platform.python_version()}, {versions}")]

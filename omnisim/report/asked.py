"""The page of an experiment: question, answer, every finding with its figure and its table of facts (see `study`).

write(table, folder, command) -> folder/report.html, figures/*.svg, facts.json, run.json as of every study
                                 folder/points.csv     every point and KPI: mean, 95 % interval, seeds
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from omnisim.estimate import CONFIDENCE
from omnisim.experiment.differences import headline
from omnisim.experiment.finding import Finding, settings_text
from omnisim.experiment.table import SHOWN, behind, in_order, point_text
from omnisim.figures.asked import BY_FINDING
from omnisim.figures.asked.table import table as facts_of
from omnisim.figures.panel import Facts, Panel, Say, Told
from omnisim.figures.panel import Table as Cells
from omnisim.kpis import define
from omnisim.report import files, study
from omnisim.report.pictures import Picture
from omnisim.text import fitted, interval, label, shown, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from omnisim.answers import Comparison
    from omnisim.experiment.table import Table
    from omnisim.figures.looks import Looks


HEADS = {
    "selection": "The best one",
    "differences": "Against the baseline",
    "effects": "What each level does",
    "steps": "One step at a time",
    "indices": "Which factors matter",
    "screening": "Which factors matter",
    "surface": "The surface between the points",
    "pareto": "Two aims at once",
    "convergence": "Do the seeds suffice?",
}


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

    def table(self, facts: Facts, say: Say) -> Cells:
        return facts_of(self.finding)


def picture(finding: Finding) -> Picture | None:
    """The figure of a finding; None where it has none, or nothing to show."""
    module = BY_FINDING.get(finding.name)
    return study.picture(_Figure(finding, module), []) if module is not None and finding.facts else None


def write(table: "Table", folder: Path, command: str, engine: str = "compiled") -> Path:
    """Write the report of an experiment into a folder; returns the path of report.html.  Raises OSError where that cannot be."""
    made = page(table, command, engine)
    files.write(folder / "points.csv", points_csv(table))
    drawn = {p.name for s in made.sections for p in s.pictures}
    for name in BY_FINDING.keys() - drawn:  # of an earlier report, about something this one has not
        (folder / f"figures/{name}.svg").unlink(missing_ok=True)
    return study.write(made, folder)


def page(table: "Table", command: str, engine: str = "compiled") -> study.Study:
    """What the page says."""
    counts = sorted({len(r.seeds) for r in table.rows if r.seeds})
    many = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}" if counts else "no"
    said = [headline(table)] + ([f"Stopped before its time: {table.over}. This is what is known so far."] if table.over else [])
    seeds = sorted({s for r in table.rows for s in r.seeds}) or [1]
    asks = table.asks
    return study.Study(
        eyebrow=f"{table.name}: {len(table.rows)} points, {many} seeds each",
        headline=table.question or table.name,
        paragraphs=tuple(said),
        sections=(_points(table), *(_section(f) for f in table.findings), _definitions(table)),
        command=command,
        engine=engine,
        seeds=seeds,
        scenarios=tuple(asks.strategies.items()) if asks else (),
        facts=table.to_json(),
    )


def _section(finding: Finding) -> study.Section:
    """Sentence, figure with its facts, notes; the table alone where there is no figure."""
    drawn = picture(finding)
    sheets = (study.Sheet(finding.title, facts_of(finding), open=len(finding.rows) <= SHOWN),) if drawn is None and finding.rows else ()
    return study.Section(HEADS[finding.name], (finding.sentence, *finding.notes), sheets, (drawn,) if drawn else ())


def _points(table: "Table") -> study.Section:
    """The best points with every KPI that was asked for."""
    gaps, kpis = behind(table), table.kpis
    rows = []
    for row in table.ranked[:SHOWN]:
        cells = [point_text(row), str(len(row.seeds))]
        for i, kpi in enumerate(kpis):
            s, unit = row.spread(i), table.units.get(kpi, "")
            low, high = (s.interval(1.0 - CONFIDENCE) or (None, None)) if s else (None, None)
            cells.append(f"{shown(s.mean if s else None, unit)} {interval(low, high, unit) if low is not None else ''}".strip())
        gap = "" if row.n not in gaps else fitted(abs(gaps[row.n][0].mean), table.units.get(kpis[0], ""), 8)
        rows.append((*cells, gap + (" *" if row.n in gaps and gaps[row.n][1] else "")))
    heads = ("Point", "Seeds", *(f"{label(k)}, {unit_of(table.units.get(k, '')) or '1'}" for k in kpis), "Behind")
    rest = f" {len(table.ranked) - SHOWN} more points: points.csv." if len(table.ranked) > SHOWN else ""
    note = (
        "Means with 95 % intervals over seeds. Behind: paired difference to the first row on the same seeds; *: another than the first "
        f"(adjusted for all rows, Holm).{rest} Only chance is in the intervals; what is not known of the inputs is not."
    )
    return study.Section(f"{label(kpis[0])}: {in_order(kpis[0])}", (), (study.Sheet("", Cells(heads, tuple(rows)), note),))


def _definitions(table: "Table") -> study.Section:
    """What each KPI means."""
    rows = []
    for kpi in table.kpis:
        d, unit = define(kpi), table.units.get(kpi, "")
        better = f"{d.better} is better" if d.better else "neither end is better"
        rows.append((label(kpi), d.definition, d.formula, unit_of(unit) or "1", better, f"omnisim define {kpi}"))
    heads = ("KPI", "Definition", "Formula", "Unit", "", "Command")
    return study.Section("Definitions", (), (study.Sheet("", Cells(heads, tuple(rows), len(heads))),))


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

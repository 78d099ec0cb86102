"""All figures of a comparison, drawn: panels for the page, a file for those who want one.

comparison -> facts -> Picture(name, told, panels as SVG, file as SVG, table)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisim.figures import FIGURES
from omnisim.figures.looks import looks_of
from omnisim.figures.panel import Table, Told, alone, together
from omnisim.figures.svg import drawn, file, page

if TYPE_CHECKING:
    from omnisim.answers import Comparison


@dataclass(frozen=True)
class Picture:
    """One figure: `panels` are (natural width in px, SVG element); `keyed`: whether the page puts a key of strategies above it."""

    name: str
    told: Told
    panels: tuple[tuple[int, str], ...]
    file: str
    table: Table
    keyed: bool


def draw(comparison: "Comparison", say: Mapping[str, str]) -> list[Picture]:
    """Every figure that has something to show, in the order in which people read them."""
    looks = looks_of(comparison)
    out = []
    for figure in FIGURES:
        facts = figure.facts(comparison)
        if not facts:
            continue
        told = figure.told(facts, say)
        panels = []
        for i, panel in enumerate(figure.panels(facts)):
            raw = drawn(panel.width, panel.height, alone(figure, facts, panel, looks, say))
            alt = told.alt if i == 0 else f"{told.title} ({i + 1})"
            panels.append((round(panel.width), page(raw, f"{figure.NAME}{i}", alt)))
        width, height, all_ = together(figure, facts, looks, say)
        whole = file(drawn(width, height, all_), figure.NAME, told.title, told.alt)
        out.append(Picture(figure.NAME, told, tuple(panels), whole, figure.table(facts, say), figure.KEYED))
    return out

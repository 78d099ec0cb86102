"""The page of a study that is no plain comparison: sections of words, tables and figures; and beside it what machines read.

    write(study, folder) -> folder/report.html    one file, no script, no request to anywhere; prints on A4
                            folder/figures/*.svg  each figure by itself
                            folder/facts.json     every number
                            folder/run.json       hashes, seeds, versions, command

The same input gives the same bytes.  A reader of the folder sees each file whole, old or new, never half (see `files`).
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnisim.figures.looks import Looks
from omnisim.figures.panel import Facts, Figured, Table, alone, together
from omnisim.figures.svg import drawn, file, page
from omnisim.report import files
from omnisim.report.again import LIBRARIES
from omnisim.report.again import file as file_of
from omnisim.report.pictures import Picture
from omnisim.report.words import WORDS

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Sheet:
    """A table under a heading; `note` stands below it.  `open`: shown at once, else behind a line to click."""

    title: str
    table: Table
    note: str = ""
    open: bool = True


@dataclass(frozen=True)
class Section:
    """One part of a page."""

    title: str
    paragraphs: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    pictures: tuple[Picture, ...] = ()
    pre: str = ""  # text as a terminal shows it


@dataclass(frozen=True)
class Study:
    """What a page says.  `facts`: every number, for facts.json."""

    eyebrow: str
    headline: str
    paragraphs: tuple[str, ...]
    sections: tuple[Section, ...]
    command: str
    engine: str
    seeds: Sequence[int]
    scenarios: tuple[tuple[str, Scenario], ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


def picture(figure: Figured, facts: Facts, looks: Looks | None = None, say: Mapping[str, str] = WORDS) -> Picture:
    """A figure drawn from its facts: panels for the page, a file, its table."""
    told = figure.told(facts, say)
    shown: Looks = looks or {}
    panels = []
    for i, panel in enumerate(figure.panels(facts)):
        raw = drawn(panel.width, panel.height, alone(figure, facts, panel, shown, say))
        panels.append((round(panel.width), page(raw, f"{figure.NAME}{i}", told.alt if i == 0 else f"{told.title} ({i + 1})")))
    width, height, all_ = together(figure, facts, shown, say)
    whole = file(drawn(width, height, all_), figure.NAME, told.title, told.alt)
    return Picture(figure.NAME, told, tuple(panels), whole, figure.table(facts, say), figure.KEYED)


def html(study: Study, say: Mapping[str, str] = WORDS) -> str:
    """The page."""
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
    # only what is made here of numbers and of text that was escaped there is trusted: style sheet and drawings
    environment.filters["drawn"] = Markup
    style = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    return environment.get_template("study.html").render(say=say, style=style, study=study, again=run_facts(study))


def run_facts(study: Study) -> dict[str, Any]:
    """What run.json holds, and the page says of how to get its numbers again."""
    import importlib.metadata

    numbers = list(study.seeds)
    ranged = len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1))
    return {
        "command": study.command,
        "engine": study.engine,
        "seeds": numbers,
        "range": f"{numbers[0]} to {numbers[-1]}" if ranged else ", ".join(map(str, numbers)),
        "scenarios": [{"name": name, "file": file_of(s), "hash": s.hash()} for name, s in study.scenarios],
        "versions": {"python": platform.python_version()} | {n: importlib.metadata.version(n) for n in ("omnisim", *LIBRARIES)},
    }


def write(study: Study, folder: Path) -> Path:
    """Write the page and what belongs to it into a folder, made if need be; returns the path of report.html."""
    folder = Path(folder)
    drawings = {p.name: p for s in study.sections for p in s.pictures}
    texts = {f"figures/{name}.svg": p.file for name, p in drawings.items()}
    texts["facts.json"] = json.dumps(study.facts, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"
    texts["run.json"] = json.dumps(run_facts(study), indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False) + "\n"
    texts["report.html"] = html(study)  # last: who sees a new page finds new figures
    for name, text in texts.items():
        files.write(folder / name, text)
    return folder / "report.html"

"""The measures as a table of 80 columns, as JSON, and the facts of the machine that matter."""

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import textwrap
from collections.abc import Sequence

from omnisim.bench.measures import Line

COLUMNS = 80
WIDTHS = (37, 19, 6, 5)
HEADS = ("what", "measured (low-high)", "reach", "aim")
SAYS = (
    "Ratios of what was measured in turn in this one run: the median and, in brackets, the lowest and the highest round. "
    "CPU time of one core, KPIs included unless the line says otherwise; two threads by wall time; "
    "the whole of Cyber Monday in seconds and gigabytes of this machine."
)


def table(measures: Sequence[Line]) -> str:
    """A markdown table, and what it was measured on below it."""
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(WIDTHS)) + "|"
    facts = ", ".join(f"{name} {value}".strip() for name, value in machine().items()) + "."
    below = " ".join([SAYS, *(m.note for m in measures if m.note), facts])
    return "\n".join([_padded(HEADS), rule, *map(row, measures), "", *textwrap.wrap(below, COLUMNS)])


def row(m: Line) -> str:
    """One line: the ratio, or why there is none."""
    if m.spread is None:
        return f"| {m.what} | {m.missing} | {m.reach} | {m.aim} |"
    return _padded((m.what, m.spread.text(m.unit), m.reach, m.aim))


def _padded(cells: Sequence[str]) -> str:
    first, *others = (cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(cells, WIDTHS, strict=True)))
    return "| " + " | ".join([first, *others]) + " |"


def machine() -> dict[str, str]:
    """What of the machine matters to the figures."""
    facts = {"": f"{os.cpu_count()} cores ({platform.machine()})", "Python": platform.python_version()}
    for name, package in (("Numba", "numba"), ("SimPy", "simpy"), ("Ciw", "ciw")):
        try:
            facts[name] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    if shutil.which("gcc") is not None:
        facts["gcc"] = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return facts


def dumps(measures: Sequence[Line]) -> str:
    """Everything measured, as JSON."""
    rows = [
        {
            "what": m.what,
            "reach": m.reach,
            "aim": m.aim,
            "missing": m.missing,
            "means": m.means,
            "note": m.note,
            **({} if m.spread is None else {"median": m.spread.median, "low": m.spread.low, "high": m.spread.high}),
            "rounds": [] if m.spread is None else list(m.spread.ratios),
            "behind": m.behind,
        }
        for m in measures
    ]
    facts = {name or "machine": value for name, value in machine().items()}
    return json.dumps({"machine": facts, "measures": rows}, indent=2) + "\n"

"""What the numbers rest on: one row an input and value, with its grade, range and source; the same row in every strategy once.

grade C first (assumptions), then B (quoted), A (measured), then the user's own numbers
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisim.figures.looks import clip, short_names
from omnisim.figures.numbers import number

if TYPE_CHECKING:
    from omnisim.answers import Comparison

GRADES = ("C", "B", "A", "own")
NO_UNIT = ("1", "share")
LONG = 72  # characters of a value that are shown: a profile by hour is told whole by `omnisim show`


@dataclass(frozen=True)
class Assumed:
    """One input: texts as they are shown; `strategies`: names of those that rest on it, empty for all."""

    path: str
    value: str
    range: str
    grade: str
    source: str
    note: str
    strategies: str


def assumed(comparison: "Comparison") -> list[Assumed]:
    """All rows, by grade; what differs between the strategies first; then by path."""
    short = short_names(comparison.names)
    seen: dict[tuple[str, ...], list[str]] = {}
    for name, answer in zip(comparison.names, comparison.answers, strict=True):
        for row in answer.scenario.provenance():
            seen.setdefault(_key(row), []).append(short[name])
    rows = []
    for (path, value, low, high, unit, grade, source, year, note), names in seen.items():
        where = "" if len(names) == len(comparison.names) else ", ".join(names)
        dated = f"{source}, {year}" if source and year and year not in source else source
        money = comparison.baseline.tables.currency
        rows.append(Assumed(path, clip(value, LONG), _range(low, high, unit.replace("currency", money)), grade, dated, note, where))
    rank = {grade: i for i, grade in enumerate(GRADES)}
    return sorted(rows, key=lambda r: (rank.get(r.grade, len(GRADES)), not r.strategies, r.path, r.strategies))


def _range(low: str, high: str, unit: str) -> str:
    """Both ends with their unit, said once.

    >>> _range("4 min", "6 min", "min"), _range(".6", ".8", "share"), _range("300", "3000", "USD/day"), _range("", "", "h")
    ('4 – 6 min', '.6 – .8', '300 – 3000 USD/day', '')
    """
    if not low and not high:
        return ""
    if unit in NO_UNIT:
        unit = ""
    ends = [end.removesuffix(unit).strip() if unit else end for end in (low, high)]
    said = any(c.isalpha() for end in ends for c in end)  # another unit stands there already
    return f"{ends[0]} – {ends[1]}" + (f" {unit}" if unit and not said else "")


def counts(rows: list[Assumed]) -> dict[str, int]:
    """How many inputs (paths) of each grade."""
    return dict(Counter(grade for grade, _ in {(r.grade, r.path) for r in rows}))


def _key(row: Any) -> tuple[str, ...]:
    """The fields of a provenance row as text."""
    return tuple(_text(_field(row, name)) for name in ("path", "value", "low", "high", "unit", "grade", "source", "year", "note"))


def _field(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else getattr(row, name, None)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return number(value, 0 if value == int(value) else 2) if isinstance(value, float) else str(value)


def warnings(comparison: "Comparison") -> list[tuple[str, str]]:
    """(strategy, warning); what every strategy is warned of is said once, for all."""
    said: dict[str, list[str]] = {}
    for name, answer in zip(comparison.names, comparison.answers, strict=True):
        for warning in answer.scenario.warnings:
            said.setdefault(str(warning), []).append(name)
    return [("" if len(names) == len(comparison.names) else ", ".join(names), text) for text, names in said.items()]

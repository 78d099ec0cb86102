"""What the verdict says, as the page shows it.  The verdict is plain data; what it leaves out is left out here.

{"headline", "paragraphs", "only_if": [...], "fair": [...], "self_service": [...], "seeds": {...}} -> Judged
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omnisim.figures.numbers import half_width, interval, number, places, shown_unit, signed


@dataclass(frozen=True)
class OnlyIf:
    """A break-even: `threshold`, `interval` and `yours` as text in `unit`; empty where there is none."""

    text: str
    threshold: str
    interval: str
    yours: str
    unit: str
    grade: str


@dataclass(frozen=True)
class SelfService:
    """A difference with self-service touches counted as switches and not."""

    strategy: str
    kpi: str
    unit: str
    counted: str
    counted_interval: str
    not_counted: str
    not_counted_interval: str


@dataclass(frozen=True)
class Judged:
    """The parts of a verdict."""

    headline: str
    paragraphs: tuple[str, ...]
    only_if: tuple[OnlyIf, ...]
    fair: tuple[tuple[str, str], ...]  # name, text
    self_service: tuple[SelfService, ...]
    seeds: str
    chance: str


def judged(verdict: Mapping[str, Any]) -> Judged:
    """The parts that are there and of the kind that is expected."""
    return Judged(
        headline=_text(verdict, "headline"),
        paragraphs=tuple(str(p) for p in _list(verdict, "paragraphs")),
        only_if=tuple(_only_if(line) for line in _maps(verdict, "only_if")),
        fair=tuple((_text(line, "name"), _text(line, "text")) for line in _maps(verdict, "fair") if line.get("text")),
        self_service=tuple(_self_service(line) for line in _maps(verdict, "self_service")),
        seeds=_text(_map(verdict, "seeds"), "text"),
        chance=_text(verdict, "chance"),
    )


def _only_if(line: Mapping[str, Any]) -> OnlyIf:
    unit = _text(line, "unit")
    threshold, low, high, yours = (_number(line, key) for key in ("threshold", "low", "high", "yours"))
    n = places([half_width(low, high)], unit)
    return OnlyIf(
        text=_text(line, "text"),
        threshold="" if threshold is None else number(threshold, n, unit),
        interval=interval(low, high, n, unit),
        yours="" if yours is None else number(yours, 0 if yours >= 100.0 and yours == int(yours) else n, unit),
        unit=shown_unit(unit),
        grade=_text(line, "grade"),
    )


def _self_service(line: Mapping[str, Any]) -> SelfService:
    unit = _text(line, "unit")
    sides = [_map(line, key) for key in ("counted", "not_counted")]
    n = places([half_width(_number(s, "low"), _number(s, "high")) for s in sides], unit)
    texts = []
    for side in sides:
        texts += [signed(_number(side, "difference"), n, unit), interval(_number(side, "low"), _number(side, "high"), n, unit, sign=True)]
    shown = "points" if unit == "share" else unit
    return SelfService(_text(line, "strategy"), _text(line, "kpi"), shown, *texts)


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return "" if value is None else str(value)


def _number(data: Mapping[str, Any], key: str) -> float | None:
    value = data.get(key)
    return float(value) if isinstance(value, int | float) else None


def _map(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _list(data: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = data.get(key)
    return value if isinstance(value, list | tuple) else ()


def _maps(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [line for line in _list(data, key) if isinstance(line, Mapping)]

"""Cells of a planner's sheet as values: what stands there, what is needed, the nearest word.

Each function takes a cell and gives its value, or raises Unreadable with what is wrong with it; `Rows` turns that into a place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from omnisim.scenario import hours as opening
from omnisim.scenario import times
from omnisim.scenario.hours import Spans
from omnisim.scenario.problem import Notes, listing, near, nearest, short
from omnisim.scenario.units import DAY, DURATIONS, Unreadable, split
from omnisim.sheets.grid import Grid

Read = Callable[[Any], Any]


def a_date(cell: Any) -> date:
    """A calendar day."""
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise Unreadable("has a time of day; a date is needed, such as 2026-11-30")
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return times.moment(f"{cell} 00:00").date()
    except Unreadable:
        raise Unreadable("is no date; write it as 2026-11-30") from None


def a_clock(cell: Any) -> float:
    """Seconds after midnight."""
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return cell.hour * 3600.0 + cell.minute * 60.0 + cell.second
    if isinstance(cell, timedelta):
        return cell.total_seconds() % DAY
    if isinstance(cell, str) and re.fullmatch(r"[0-9]:[0-9]{2}", cell):
        cell = f"0{cell}"
    try:
        return times.second_of_day(str(cell))
    except Unreadable:
        raise Unreadable("is no time of day; write it as 08:30") from None


def a_moment(cell: Any) -> datetime:
    """A day and a time of day."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    try:
        return times.moment(str(cell))
    except Unreadable:
        raise Unreadable("is no moment; write it as 2026-11-30 20:00") from None


def a_number(low: float = 0.0, high: float = 1e9) -> Read:
    """A number within bounds."""

    def read(cell: Any) -> float:
        value = _number(cell)
        if not low <= value <= high:
            raise Unreadable(f"must be {low:g} to {high:g}")
        return value

    return read


def _number(cell: Any) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise Unreadable("is no number")
    if isinstance(cell, str):
        value, unit = split(cell)
        if unit:
            raise Unreadable(f"has {unit!r} behind the number")
        return float(value)
    if cell != cell or cell in (float("inf"), float("-inf")):
        raise Unreadable("is no number")
    return float(cell)


def a_whole(cell: Any) -> int:
    """A whole number from 0 on."""
    value = a_number(0.0, 100_000.0)(cell)
    if value != int(value):
        raise Unreadable("is no whole number")
    return int(value)


def a_share(cell: Any) -> float:
    """0 to 1, or a percentage."""
    if isinstance(cell, str) and cell.rstrip().endswith("%"):
        return float(a_number(0.0, 100.0)(cell.rstrip()[:-1].strip())) / 100.0
    value = _number(cell)
    if not 0.0 <= value < 1.0:
        raise Unreadable("must be at least 0 and less than 1; for a percentage write 30 %")
    return value


def a_time(cell: Any) -> float:
    """A duration in seconds; a number alone is seconds."""
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, str):
        value, unit = split(cell)
        if unit and unit not in DURATIONS:
            raise Unreadable(f"has the unit {unit!r}; allowed are: {listing(DURATIONS)}")
        seconds = float(value * (DURATIONS[unit] if unit else 1))
    else:
        seconds = _number(cell)
    if seconds <= 0.0:
        raise Unreadable("must be more than 0 s")
    return seconds


def a_name(known: Sequence[str]) -> Read:
    """One of some names."""

    def read(cell: Any) -> str:
        if str(cell) not in known:
            raise Unreadable(f"is not one of: {listing(known)}{nearest(str(cell), known)}")
        return str(cell)

    return read


def a_text(cell: Any) -> str:
    """Any line of text."""
    return str(cell)[:200]


def opening_hours(cell: Any) -> Spans | None:
    """Spans of the week, s from Monday 00:00; None: always open."""
    return opening.parse([str(cell)])


def day_hours(cell: Any) -> tuple[float, float] | None:
    """Opening hours of one day in s after midnight, or None for `closed`."""
    text = str(cell).strip().lower()
    if text == "closed":
        return None
    first, dash, last = (part.strip() for part in text.partition("-"))
    try:
        begin, end = times.second_of_day(first), times.second_of_day(last, end=True)
    except Unreadable:
        raise Unreadable("must be 'closed' or hours such as 10:00-16:00") from None
    if not dash or begin >= end:
        raise Unreadable("must be 'closed' or hours such as 10:00-16:00")
    return begin, end


def weekdays(cell: Any) -> tuple[int, ...]:
    """Days of the week, Monday 0."""
    return opening.days(str(cell))


@dataclass(frozen=True)
class Break:
    """A break of a shift, s: from its start, how long, and whether it is paid."""

    after: float
    length: float
    paid: bool


_BREAK = re.compile(r"(?P<after>[^+]+?)\s*\+\s*(?P<length>[0-9.]+\s*[a-z]+)\s*(?P<paid>paid|unpaid)?\Z")


def breaks(cell: Any) -> tuple[Break, ...]:
    """Breaks such as `2 h + 15 min paid; 4 h + 30 min`.

    >>> breaks("2 h + 15 min paid; 4 h + 30 min")[1]
    Break(after=14400.0, length=1800.0, paid=False)
    """
    found = []
    for part in str(cell).split(";"):
        match = _BREAK.match(part.strip())
        if not match:
            raise Unreadable("must be breaks such as '2 h + 15 min paid; 4 h + 30 min': after how long + for how long")
        found.append(Break(a_time(match["after"]), a_time(match["length"]), match["paid"] == "paid"))
    return tuple(found)


@dataclass(frozen=True)
class Column:
    """One column: how it is read, and its value where the cell is empty (`required`: it must not be)."""

    read: Read
    required: bool = True
    absent: Any = None


class Rows:
    """Reads a grid by its columns; what is wrong is written down in `notes` and the row left out."""

    def __init__(self, grid: Grid, columns: dict[str, Column], outputs: Sequence[str], notes: Notes) -> None:
        self.grid, self.columns, self.notes = grid, columns, notes
        self.good = True
        for i, head in enumerate(grid.head):
            if head and head not in columns and head not in outputs and (hint := near(head, columns)):
                self._problem(grid.pos(1, i), head, f"found the column {short(head)}; did you mean {hint!r}?")
        for name, column in columns.items():
            if column.required and name not in grid.head:
                there = listing(h for h in grid.head if h)
                self._problem(grid.pos(1, 0), name, f"the column is missing; there are: {there}; needed are: {listing(_needed(columns))}")
        for name in set(columns) & set(grid.head):
            if grid.head.count(name) > 1:
                self._problem(grid.pos(1, grid.head.index(name)), name, "the column stands here twice")

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """(row in the file, values) of each row that is right."""
        if not self.good:
            return
        for row, cells in self.grid.rows:
            values = {}
            for name, column in self.columns.items():
                i = self.grid.head.index(name) if name in self.grid.head else -1
                cell = cells[i] if i >= 0 else None
                if cell is None and not column.required:
                    values[name] = column.absent
                    continue
                try:
                    if cell is None:
                        raise Unreadable("is empty")
                    values[name] = column.read(cell)
                except Unreadable as e:
                    what = "found an empty cell" if cell is None else f"found {short(str(cell))}, which {e}"
                    self._problem(self.grid.pos(row, i), name, what)
            if len(values) == len(self.columns):
                yield row, values

    def _problem(self, pos: Any, name: str, message: str) -> None:
        self.good = False if pos.line == 1 else self.good
        self.notes.problem(pos, name, message)


def _needed(columns: dict[str, Column]) -> list[str]:
    return [name for name, column in columns.items() if column.required]

"""Reading two public logs as arrays.

    Anonymous Bank call log (tab-separated, one row a call)  -> CallLog      patience, handling, arrivals
    counts by five minutes (DateTime,Calls)                  -> Counts       busyness, profiles

A row that does not read is an error that names the file and the line, never skipped.
"""

import csv
import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MONDAY = datetime.date(1999, 1, 4)
_COLUMNS = ("date", "vru_entry", "q_start", "q_time", "outcome", "ser_time")


@dataclass(frozen=True)
class CallLog:
    """One call a place in each array [call].

    `arrived_s`: entry into the voice menu, seconds from a Monday 00:00; `queued`: went through the waiting line; `wait_s`:
    time in it; `service_s`: time with an agent; `gave_up`: hung up while waiting; `answered`: spoke to an agent.  Calls that
    ended in the voice menu are neither queued nor answered; "phantom" calls, made by the switch itself, are left out of the
    arrays and counted in `phantom`.
    """

    arrived_s: NDArray[np.float64]
    queued: NDArray[np.bool_]
    wait_s: NDArray[np.float64]
    service_s: NDArray[np.float64]
    gave_up: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    days: int
    phantom: int


@dataclass(frozen=True)
class Counts:
    """Arrivals by day: `date`, `weekday` (Monday 0), `total`: arrays [day]; `by_hour`: array [day, hour]."""

    date: tuple[datetime.date, ...]
    weekday: NDArray[np.int64]
    total: NDArray[np.float64]
    by_hour: NDArray[np.float64]


def _clock_s(text: str) -> float:
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return 3600.0 * hours + 60.0 * minutes + seconds


def read_call_log(path: str | Path) -> CallLog:
    """Read a call log in the format of the Technion's "Anonymous Bank" data (guide: Mandelbaum, Sakov & Zeltyn 2000).

    A caller who was answered at once has `q_start` 0:00:00 and no wait: he says nothing about patience.  Waits recorded as 0 of people who
    hung up on entering the line are counted at half a second, the log's resolution.  Priority is not read: the switch writes 0 for whoever
    did not queue, so that it would sort calls by their luck.  Raises ValueError with file and line for a row that does not read.
    """
    rows: list[tuple[float, bool, float, float, bool, bool]] = []
    days: set[str] = set()
    phantom = 0
    with open(path, encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, delimiter="\t")
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{path}:1: no column {', '.join(missing)}: not a call log of this format")
        for row in reader:
            try:
                day = datetime.date(1900 + int(row["date"][:2]), int(row["date"][2:4]), int(row["date"][4:6]))
                arrived = 86400.0 * (day - _MONDAY).days + _clock_s(row["vru_entry"])
                wait, service = float(row["q_time"]), float(row["ser_time"])
                outcome = row["outcome"]
                if outcome not in ("AGENT", "HANG", "PHANTOM"):
                    raise ValueError(f"outcome {outcome!r}")
            except (ValueError, TypeError, AttributeError, IndexError) as error:
                raise ValueError(f"{path}:{reader.line_num}: not a call: {error}") from error
            if outcome == "PHANTOM":
                phantom += 1
                continue
            days.add(row["date"])
            queued = _clock_s(row["q_start"]) > 0.0
            rows.append((arrived, queued, max(wait, 0.5) if queued else 0.0, service, queued and outcome == "HANG", outcome == "AGENT"))
    if not rows:
        raise ValueError(f"{path}: no calls")
    arrived_s, queued_, wait_s, service_s, gave_up, answered = (np.array(column) for column in zip(*rows, strict=True))
    return CallLog(arrived_s, queued_, wait_s, service_s, gave_up, answered, len(days), phantom)


def read_counts(path: str | Path) -> Counts:
    """Read counts in short slots (`DateTime,Calls`, as the `bank_calls` series of Weinberg, Brown & Stroud 2007) by day and hour."""
    by_day: dict[datetime.date, NDArray[np.float64]] = {}
    with open(path, encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            try:
                moment = datetime.datetime.fromisoformat(row["DateTime"])
                count = float(row["Calls"])
            except (KeyError, ValueError, TypeError) as error:
                raise ValueError(f"{path}:{reader.line_num}: not a count: {error}") from error
            by_day.setdefault(moment.date(), np.zeros(24))[moment.hour] += count
    if not by_day:
        raise ValueError(f"{path}: no counts")
    date = tuple(sorted(by_day))
    by_hour = np.array([by_day[day] for day in date])
    return Counts(date, np.array([day.weekday() for day in date], dtype=np.int64), by_hour.sum(axis=1), by_hour)

"""Moments and times of day: text <-> seconds and datetimes.

"08:30" -> 30600.0 s after midnight          "2026-11-30 20:00" -> datetime          civil time, days of 24 h
"""

import re
from datetime import datetime

from .units import DAY, Unreadable

_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?\Z")
_MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?\Z")
FIRST_YEAR, LAST_YEAR = 1900, 2999


def second_of_day(text: str, end: bool = False) -> float:
    """Seconds after midnight of "HH:MM" (or "HH:MM:SS").  `end`: 24:00 is allowed.  Raises Unreadable.

    >>> second_of_day("08:30"), second_of_day("24:00", end=True)
    (30600.0, 86400.0)
    """
    m = _CLOCK.match(text)
    if not m:
        raise Unreadable("is no time of day")
    h, minute, s = int(m[1]), int(m[2]), int(m[3] or 0)
    seconds = float(h * 3600 + minute * 60 + s)
    if minute > 59 or s > 59 or seconds > DAY or (seconds == DAY and not end):
        raise Unreadable("is no time of day")
    return seconds


def clock_text(seconds: float) -> str:
    """The inverse of `second_of_day`.

    >>> clock_text(30600.0), clock_text(86400.0), clock_text(1.0)
    ('08:30', '24:00', '00:00:01')
    """
    s = int(seconds)
    text = f"{s // 3600:02d}:{s % 3600 // 60:02d}"
    return f"{text}:{s % 60:02d}" if s % 60 else text


def moment(text: str) -> datetime:
    """The civil time of "YYYY-MM-DD hh:mm" (seconds optional).  Raises Unreadable.

    >>> moment("2026-11-30 20:00")
    datetime.datetime(2026, 11, 30, 20, 0)
    """
    m = _MOMENT.match(text)
    if not m:
        raise Unreadable("is no moment")
    y, mo, d, h, mi, s = (int(g or 0) for g in m.groups())
    if not FIRST_YEAR <= y <= LAST_YEAR:
        raise Unreadable(f"is not between the years {FIRST_YEAR} and {LAST_YEAR}")
    try:
        return datetime(y, mo, d, h, mi, s)
    except ValueError:
        raise Unreadable("is not in the calendar") from None


def moment_text(when: datetime) -> str:
    """The inverse of `moment`."""
    return when.isoformat(sep=" ", timespec="seconds" if when.second else "minutes")

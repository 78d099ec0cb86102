"""Opening hours: text <-> spans of seconds within a week.

    "Mon-Fri 08:00-20:00, Sat 09:00-14:00"  ->  ((28800, 72000), ..., (464400, 482400))     Monday 00:00 is 0

A span that crosses midnight belongs to the day on which it begins ("Fri 22:00-06:00" ends on Saturday morning).  Spans are
sorted, merged and never wrap around the end of the week: what crosses Sunday midnight is split.
"""

import re
from collections.abc import Iterable

from .problem import nearest
from .times import clock_text, second_of_day
from .units import DAY, WEEK, Unreadable

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EXAMPLE = "'Mon-Fri 08:00-20:00, Sat 09:00-14:00'"
MOST_CHARACTERS = 500
Spans = tuple[tuple[float, float], ...]
_DAYS = re.compile(r"([A-Za-z]+)(?:\s*-\s*([A-Za-z]+))?\Z")
_SPAN = re.compile(r"(\S+?)\s*-\s*(\S+)\Z")


def parse(texts: Iterable[str]) -> Spans | None:
    """The spans of one or several texts; None if they cover the whole week.  Raises Unreadable.

    Days may be left out (every day), listed (`Sat, Sun 09:00-14:00`) or ranged; a time without days takes the days before it
    (`Mon-Fri 08:00-12:00, 14:00-18:00`).

    >>> parse(["Mon 22:00-06:00"])
    ((79200.0, 108000.0),)
    >>> parse(["Mon-Sun 00:00-24:00"]) is None
    True
    """
    spans: list[tuple[float, float]] = []
    for text in texts:
        if len(text) > MOST_CHARACTERS:
            raise Unreadable(f"is longer than {MOST_CHARACTERS} characters")
        days: list[int] = list(range(7))
        fresh = True  # the next named days begin a new list
        pending = False
        for part in (p.strip() for p in text.split(",")):
            words, times = _split(part)
            if words:
                named = [d for w in words for d in _day_range(w)]
                days, fresh = (named if fresh or not pending else [*days, *named]), False
                pending = True
            if times:
                begin, end = _span(times)
                spans += [(d * DAY + begin, d * DAY + end) for d in days]
                pending, fresh = False, True
        if pending:
            raise Unreadable("names days without a time")
    merged = _merge(spans)
    return None if merged == ((0.0, WEEK),) else merged


def _split(part: str) -> tuple[list[str], str]:
    """The day words and the time of one part between commas."""
    i = next((i for i, c in enumerate(part) if c.isdigit()), len(part))
    words = re.sub(r"\s*-\s*", "-", part[:i]).split()
    if not words and not part[i:]:
        raise Unreadable("has an empty part")
    return words, part[i:].strip()


def days(text: str) -> tuple[int, ...]:
    """The days of a text, Monday 0, in order.  Raises Unreadable.

    >>> days("Mon-Wed, Sun"), days("Sat-Mon")
    ((0, 1, 2, 6), (0, 5, 6))
    """
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(f"is longer than {MOST_CHARACTERS} characters")
    return tuple(sorted({d for word in text.split(",") for d in _day_range(word.strip())}))


def _day_range(word: str) -> list[int]:
    m = _DAYS.match(word)
    if not m:
        raise Unreadable(f"names {word!r}, no day")
    first = _day(m[1])
    last = _day(m[2]) if m[2] else first
    return [(first + i) % 7 for i in range((last - first) % 7 + 1)]


def _day(word: str) -> int:
    for i, name in enumerate(DAYS):
        if word.lower() == name.lower():
            return i
    raise Unreadable(f"names {word!r}, no day of {', '.join(DAYS)}{nearest(word, DAYS)}")


def _span(text: str) -> tuple[float, float]:
    m = _SPAN.match(text)
    if not m:
        raise Unreadable(f"has {text!r}, no span from HH:MM to HH:MM")
    try:
        begin, end = second_of_day(m[1]), second_of_day(m[2], end=True)
    except Unreadable:
        raise Unreadable(f"has {text!r}, no span from HH:MM to HH:MM") from None
    if begin == end:
        raise Unreadable(f"has {text!r}, a span without length (all day is 00:00-24:00)")
    return begin, end if end > begin else end + DAY


def _merge(spans: Iterable[tuple[float, float]]) -> Spans:
    pieces = [p for a, b in spans for p in (((a, min(b, WEEK)), (0.0, b - WEEK)) if b > WEEK else ((a, b),))]
    out: list[tuple[float, float]] = []
    for a, b in sorted(pieces):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return tuple(out)


def text(spans: Spans) -> list[str]:
    """The inverse of `parse`: one text for each group of neighbouring days with the same times.

    >>> text(parse(["Sat 09:00-14:00, Mon-Fri 08:00-20:00"]))
    ['Mon-Fri 08:00-20:00', 'Sat 09:00-14:00']
    """
    by_day: list[list[str]] = [[] for _ in DAYS]
    for a, b in spans:
        while a < b:
            d = int(a // DAY)
            stop = min(b, (d + 1) * DAY)
            by_day[d].append(f"{clock_text(a - d * DAY)}-{clock_text(stop - d * DAY)}")
            a = stop
    out: list[str] = []
    d = 0
    while d < 7:
        last = d
        while last < 6 and by_day[last + 1] == by_day[d]:
            last += 1
        if by_day[d]:
            days = DAYS[d] if last == d else f"{DAYS[d]}-{DAYS[last]}"
            out.append(f"{days} {', '.join(by_day[d])}")
        d = last + 1
    return out

"""Quantities: a number and a unit -> a float in base units, and back.

    '5 min' -> 300.0 s      '120 /h' -> 0.0333.. per s      '12 %' -> 0.12      '19 USD/h' -> 19.0

Decimal text is multiplied exactly and rounded once, so `0.1 h`, `6 min` and `360 s` are the same float to the bit.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

DURATIONS: Mapping[str, Fraction] = {
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
    "day": Fraction(86400),
}
RATES: Mapping[str, Fraction] = {f"/{u}": 1 / f for u, f in DURATIONS.items() if u != "ms"}

WEIGHTS: Mapping[str, Fraction] = {"kg": Fraction(1), "g": Fraction(1, 1000), "lb": Fraction("0.45359237")}
DISTANCES: Mapping[str, Fraction] = {"mi": Fraction(1), "km": Fraction("0.621371192")}

DAY = 86400.0
WEEK = 7 * DAY
_QUANTITY = re.compile(r"([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)\s*(\S.*)?\Z")


class Unreadable(ValueError):
    """A text that is not a quantity; the message says what is wrong with it."""


def number(text: str) -> Fraction:
    """The exact value of a decimal number.  Raises Unreadable if it is too long or too large to be meant.

    >>> float(number("3.6") / 60)
    0.06
    """
    if len(text) > 40 or not -400 < Decimal(text).adjusted() < 100:
        raise Unreadable("is out of any sensible range")
    return Fraction(Decimal(text))


def split(text: str) -> tuple[Fraction, str]:
    """Number and unit of a quantity; the unit is empty for a bare number.

    >>> split("5 min"), split("120/h")
    ((Fraction(5, 1), 'min'), (Fraction(120, 1), '/h'))
    """
    if len(text) > 80 or not (m := _QUANTITY.match(text.strip())):
        raise Unreadable("is no quantity")
    if (m[2] or "").startswith(":"):
        raise Unreadable("is a time of day")
    return number(m[1]), (m[2] or "").strip()


def in_base(text: str, units: Mapping[str, Fraction]) -> float:
    """A quantity in base units.  Raises Unreadable.

    >>> in_base("0.1 h", DURATIONS) == in_base("6 min", DURATIONS) == 360.0
    True
    """
    value, unit = split(text)
    if unit not in units:
        raise Unreadable(f"has the unit {unit!r}" if unit else "has no unit")
    return float(value * units[unit])


def money(text: str, currency: str, per: str) -> float:
    """An amount of `currency` per hour (`per` 'h') or per day (`per` 'd').  Raises Unreadable.

    >>> money("19 USD/h", "USD", "h"), money("900 USD/day", "USD", "d"), money("240 USD/d", "USD", "h")
    (19.0, 900.0, 10.0)
    """
    value, unit = split(text)
    if not unit:
        raise Unreadable("has no unit")
    code, slash, time = (part.strip() for part in unit.partition("/"))
    if code != currency:
        raise Unreadable(f"is not in {currency}, the currency of the scenario")
    if not slash or f"/{time}" not in RATES:
        raise Unreadable("does not say per what time")
    return float(value * RATES[f"/{time}"] * DURATIONS[per])


def amount(text: str, currency: str) -> float:
    """An amount of `currency`.  Raises Unreadable.

    >>> amount("5.95 USD", "USD")
    5.95
    """
    value, unit = split(text)
    if not unit:
        raise Unreadable("has no currency")
    if unit != currency:
        raise Unreadable(f"is not in {currency}, the currency of the scenario" if unit.isalpha() else f"has the unit {unit!r}")
    return float(value)


def plain_number(x: float) -> int | float:
    """A float as it is best written: whole numbers without a point.

    >>> plain_number(3.0), plain_number(0.5)
    (3, 0.5)
    """
    return int(x) if x == int(x) and abs(x) < 1e15 else x


def written(x: float) -> str:
    """The shortest decimal text of a float.

    >>> written(330.0), written(0.1)
    ('330', '0.1')
    """
    return str(plain_number(x))


def _best(x: float, base: str, units: Mapping[str, Fraction], tried: tuple[str, ...]) -> str:
    """`x` base units as text that reads back to the same float, in the first unit that makes a short number."""
    for unit in tried:
        text = written(float(Fraction(x) / units[unit]))
        if len(text) <= 6 and "e" not in text and in_base(f"{text} {unit}", units) == x:
            return f"{text} {unit}"
    return f"{written(x)} {base}"


def duration_text(seconds: float) -> str:
    """Seconds as text: hours and days when they are whole, else the shortest unit that is exact.

    >>> duration_text(172800.0), duration_text(240.0), duration_text(330.0), duration_text(0.25)
    ('48 h', '4 min', '330 s', '0.25 s')
    """
    if seconds >= 7200 and seconds % 3600 == 0:
        return f"{written(seconds / 3600)} h" if seconds < 10 * DAY or seconds % DAY else f"{written(seconds / DAY)} d"
    if seconds >= 60 and seconds % 60 == 0:
        return f"{written(seconds / 60)} min"
    return _best(seconds, "s", DURATIONS, ("s", "ms", "min", "h", "d"))


def rate_text(per_s: float) -> str:
    """A rate as text.

    >>> rate_text(100 / 60), rate_text(2.0)
    ('100 /min', '2 /s')
    """
    return _best(per_s, "/s", RATES, ("/s", "/min", "/h", "/d") if per_s >= 1 or per_s == 0 else ("/min", "/h", "/d", "/s"))

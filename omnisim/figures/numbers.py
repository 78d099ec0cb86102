"""How numbers are written: at most two decimals that mean something, intervals as [a, b], shares as %.

0.8413 +- 0.0035 (share)  ->  84.13 %, [83.78, 84.48]      +0.032 -> +3.20 points
"""

import math
from collections.abc import Iterable

MINUS = "−"
THIN = "\u202f"  # narrow space that does not break: 12 345
NOTHING = "–"


def factor(unit: str) -> float:
    """By what a value is multiplied before it is shown: shares are shown in %."""
    return 100.0 if unit == "share" else 1.0


def shown_unit(unit: str) -> str:
    """The unit of a shown value.

    >>> shown_unit("share"), shown_unit("min")
    ('%', 'min')
    """
    return "%" if unit == "share" else unit


def places(halves: Iterable[float | None], unit: str = "") -> int:
    """How many decimals mean something: one for shares in %, else two digits of the narrowest interval's half-width, two at most.

    `halves`: half-widths in the unit of the value; None, 0 and NaN say nothing.

    >>> places([0.0021], "share"), places([3.0]), places([37.0]), places([0.0004]), places([])
    (1, 1, 0, 2, 2)
    """
    if unit == "share":
        return 1
    known = [abs(h) for h in halves if h is not None and math.isfinite(h) and h != 0.0]
    return min(2, max(0, 1 - math.floor(math.log10(min(known))))) if known else 2


def number(value: float | None, decimals: int = 2, unit: str = "") -> str:
    """A value, with a thin space between thousands; a dash where there is none.

    >>> number(12345.678, 1), number(0.8413, 1, "share"), number(None), number(-0.001, 2)
    ('12\u202f345.7', '84.1', '–', '0.00')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{abs(value * factor(unit)):,.{decimals}f}".replace(",", THIN)
    negative = value < 0.0 and any(c in "123456789" for c in text)
    return MINUS + text if negative else text


def plain(value: float) -> str:
    """A number with the digits it has, a thin space between thousands: ticks of an axis, ends of a range.

    >>> plain(1150000.0), plain(-0.5), plain(0.25)
    ('1\u202f150\u202f000', '−0.5', '0.25')
    """
    return f"{value:,.10g}".replace(",", THIN).replace("-", MINUS)


def signed(value: float | None, decimals: int = 2, unit: str = "") -> str:
    """A difference, with its sign.

    >>> signed(0.032, 1, "share"), signed(-1.5, 1), signed(0.0, 1)
    ('+3.2', '−1.5', '0.0')
    """
    text = number(value, decimals, unit)
    return "+" + text if value is not None and value > 0.0 and any(c in "123456789" for c in text) else text


def interval(low: float | None, high: float | None, decimals: int = 2, unit: str = "", *, sign: bool = False) -> str:
    """An interval; empty where there is none.  With `sign`, an end that rounds to 0 keeps its sign: it says on which side 0 lies.

    >>> interval(0.838, 0.845, 1, "share"), interval(-0.4, 0.001, 1, sign=True), interval(None, None)
    ('[83.8, 84.5]', '[−0.4, +0.0]', '')
    """
    if low is None or high is None:
        return ""
    if not sign:
        return f"[{number(low, decimals, unit)}, {number(high, decimals, unit)}]"
    signs = ["+" if end > 0.0 else MINUS if end < 0.0 else "" for end in (low, high)]
    return f"[{signs[0]}{number(abs(low), decimals, unit)}, {signs[1]}{number(abs(high), decimals, unit)}]"


def half_width(low: float | None, high: float | None) -> float | None:
    """Half of an interval's width; None where there is none."""
    return None if low is None or high is None else (high - low) / 2.0


def clock(minutes: float) -> str:
    """Minutes since midnight as a clock time.

    >>> clock(510)
    '08:30'
    """
    whole = round(minutes)
    return f"{whole // 60 % 24:02d}:{whole % 60:02d}"

"""Quantities, times and opening hours: what is read, to the bit, and what is refused."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnisim.scenario import hours, times, units
from omnisim.scenario.units import DURATIONS, RATES, Unreadable


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5 min", 300),
        ("5min", 300),
        ("250 ms", 0.25),
        ("1.5 h", 5400),
        ("2 d", 172800),
        ("2 day", 172800),
        (".5 s", 0.5),
        ("1e3 s", 1000),
        ("0.1 h", 360),
        ("0 s", 0),
    ],
)
def test_durations(text, seconds):
    assert units.in_base(text, DURATIONS) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "5 minutes", "min", "5 min 30 s", "1_000 s", "5,5 s", "nan s", "inf s", "1e400 s", "0x10 s", "12:30", "- 5 s"]
)
def test_what_is_no_duration(text):
    with pytest.raises(Unreadable):
        units.in_base(text, DURATIONS)


@pytest.mark.parametrize(
    ("text", "per_s"), [("120 /h", 120 / 3600), ("2/min", 2 / 60), ("3.6 /min", 0.06), ("1 /s", 1), ("86400 /d", 1), ("24 /day", 1 / 3600)]
)
def test_rates(text, per_s):
    assert units.in_base(text, RATES) == per_s


def test_decimal_text_is_rounded_once():
    assert units.in_base("0.1 h", DURATIONS) == units.in_base("6 min", DURATIONS) == units.in_base("360 s", DURATIONS)
    assert 1.1 * 3600 != units.in_base("1.1 h", DURATIONS) == 3960


def test_money():
    assert units.money("19 USD/h", "USD", "h") == 19
    assert units.money("24USD / d", "USD", "h") == 1
    assert units.money("1 EUR/h", "EUR", "d") == 24
    for text in ("19", "19 USD", "19 EUR/h", "19 usd/h", "19 USD/week", "$19/h"):
        with pytest.raises(Unreadable):
            units.money(text, "USD", "h")


@given(st.floats(0, 1e9))
def test_written_durations_and_rates_read_back_to_the_bit(x):
    assert units.in_base(units.duration_text(x), DURATIONS) == x
    assert units.in_base(units.rate_text(x), RATES) == x


@given(st.integers(0, 10**6), st.sampled_from(sorted(DURATIONS)))
def test_whole_durations_are_exact(n, unit):
    assert units.in_base(f"{n} {unit}", DURATIONS) == float(n * Fraction(DURATIONS[unit]))


def test_times_of_day_and_moments():
    assert times.second_of_day("23:59:59") == 86399
    for text in ("24:00", "8:00", "08:60", "12", "12:30:61", "-1:00", "²³:00"):
        with pytest.raises(Unreadable):
            times.second_of_day(text)
    assert times.moment("2024-02-29T08:30") == times.moment("2024-02-29 08:30:00")
    for text in ("2026-02-29 08:00", "2026-11-30", "26-11-30 08:00", "2026-13-01 00:00", "2026-11-30 24:00", "1066-10-14 09:00"):
        with pytest.raises(Unreadable):
            times.moment(text)
    assert times.moment_text(times.moment("2026-11-30 20:00")) == "2026-11-30 20:00"


H, D = 3600.0, 86400.0


@pytest.mark.parametrize(
    ("texts", "spans"),
    [
        (["Mon-Sun 08:00-22:00"], tuple((d * D + 8 * H, d * D + 22 * H) for d in range(7))),
        (["08:00-22:00"], tuple((d * D + 8 * H, d * D + 22 * H) for d in range(7))),
        (["Mon 08:00-12:00, 14:00-18:00"], ((8 * H, 12 * H), (14 * H, 18 * H))),
        (["Sat, Sun 09:00-10:00"], ((5 * D + 9 * H, 5 * D + 10 * H), (6 * D + 9 * H, 6 * D + 10 * H))),
        (["sat-mon 00:00-24:00"], ((0, D), (5 * D, 7 * D))),
        (["Mon 22:00-06:00"], ((22 * H, 30 * H),)),
        (["Sun 22:00-06:00"], ((0, 6 * H), (6 * D + 22 * H, 7 * D))),
        (["Mon 08:00-12:00", "Mon 11:00-13:00, Tue 08:00-09:00"], ((8 * H, 13 * H), (D + 8 * H, D + 9 * H))),
        (["Mon-Sun 00:00-24:00"], None),
        (["Mon-Sun 12:00-00:00, 00:00-12:00"], None),
    ],
)
def test_opening_hours(texts, spans):
    assert hours.parse(texts) == spans
    if spans:
        assert hours.parse(hours.text(spans)) == spans


@pytest.mark.parametrize(
    "text",
    ["", "Mon", "Mon-Fri", "Mon 8-20", "Fry 08:00-20:00", "Mon 08:00-08:00", "Mon 24:00-25:00", "Mon 08:00-20:00,", "Mon 08:00", "always"],
)
def test_what_are_no_opening_hours(text):
    with pytest.raises(Unreadable):
        hours.parse([text])


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 47), st.integers(1, 48)), min_size=1, max_size=8))
def test_written_hours_read_back(spans):
    def clock(half_hours: int) -> str:
        return f"{half_hours // 2:02d}:{half_hours % 2 * 30:02d}"

    parsed = hours.parse([f"{hours.DAYS[d]} {clock(a)}-{clock(b)}" for d, a, b in spans if a != b] or ["Mon 08:00-09:00"])
    if parsed is not None:
        assert all(0 <= a < b <= 7 * D for a, b in parsed)
        assert all(b < c for (_, b), (c, _) in itertools.pairwise(parsed))
        assert hours.parse(hours.text(parsed)) == parsed

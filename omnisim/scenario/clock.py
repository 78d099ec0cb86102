"""When a scenario happens: start, horizon, warm-up, reporting interval, and what happens at the end."""
# ruff: noqa: RUF009 (`said` makes a dataclass field; a kind never changes)

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .blocks import RULE, Block, Names, said
from .hours import Spans
from .kinds import Duration, Reading
from .textkinds import Hours, Moment, Word
from .tree import Map, found, join

DEFAULT_START = datetime(2001, 1, 1)  # a Monday
MOST_INTERVALS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Durations in s.  `interval` None: no results by interval."""

    start: datetime = said(Moment(), "civil time of second 0; absent: a Monday 00:00", default=DEFAULT_START, because=RULE)
    horizon: float = said(Duration(open_low=True), "how long customers arrive")
    warmup: float = said(Duration(), "time at the beginning that is simulated and not counted; less than the horizon", default=0.0)
    interval: float | None = said(
        Duration(open_low=True), "length of a reporting and staffing interval; absent: no results by interval", or_none=True
    )
    periods: dict[str, Spans | None] = said(
        Names(Hours(), "period"), "named spans of the week, such as a peak; service is also given by period", default=dict
    )
    at_end: str = said(
        Word(("cut", "drain")),
        "cut: stop at the horizon; drain: arrivals stop, the last staffing works until empty",
        default="cut",
        because=RULE,
    )


def _rule(node: Map, values: dict[str, Any], path: str, cx: Reading) -> None:
    horizon, warmup, interval = values.get("horizon"), values.get("warmup"), values.get("interval")
    if horizon and warmup is not None and warmup >= horizon:
        at = node.items["warmup"]
        cx.problem(at.pos, join(path, "warmup"), f"found {found(at)}; it must be less than the horizon, {found(node.items['horizon'])}")
    if horizon and interval and horizon / interval > MOST_INTERVALS:
        at = node.items["interval"]
        cx.problem(at.pos, join(path, "interval"), f"found {found(at)}; the horizon would have more than {MOST_INTERVALS} intervals")


CLOCK = Block(Clock, _rule)

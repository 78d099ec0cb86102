"""What an impulse does to a target: before, after, the paired difference, and the intervals in which it breaks.

breaks      not surely missed before, surely missed now        missed already   surely missed before and now
may break   open now, and met before or made worse             holds            surely met now
open        open before and now, and not made worse
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from omnisim.staffing.plan.targets import Over, Target
from omnisim.whatif.reached import Reached, Seen, room, state

Verdict = Literal["breaks", "may break", "open", "missed already", "holds", "not counted"]


@dataclass(frozen=True)
class Span:
    """Intervals that follow each other and in which a target breaks: from, to, and the worst value and when."""

    begin: datetime
    end: datetime
    worst: float
    worst_at: datetime

    def to_json(self) -> dict[str, Any]:
        """One row."""
        begin, end, at = (f"{t:%Y-%m-%d %H:%M}" for t in (self.begin, self.end, self.worst_at))
        return {"from": begin, "to": end, "worst": self.worst, "at": at}


@dataclass(frozen=True)
class Effect:
    """One target in one case; `difference` is then - before, paired over seeds.

    `spans`: where the mean kept the target before and does not now, and the paired difference is no chance (95 %, each interval by
    itself; `when` False: the number is not counted by interval).  `already`: intervals that miss it as planned.
    """

    target: Target
    before: Reached | None
    then: Reached | None
    difference: Reached | None
    verdict: Verdict
    spans: tuple[Span, ...]
    already: int
    when: bool

    def to_json(self) -> dict[str, Any]:
        """One row."""
        return {
            "target": self.target.text,
            "verdict": self.verdict,
            "before": None if self.before is None else self.before.value,
            "then": None if self.then is None else self.then.value,
            "difference": None if self.difference is None else self.difference.value,
            "low": None if self.difference is None else _finite(self.difference.interval()[0]),
            "high": None if self.difference is None else _finite(self.difference.interval()[1]),
            "breaks": [s.to_json() for s in self.spans],
            "intervals_missed_already": self.already if self.when else None,
        }  # fmt: skip


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def judge(target: Target, before: Seen, then: Seen, confidence: float, interval_s: float, shut: Collection[str] = ()) -> Effect:
    """One target, as planned and with the impulse; intervals in `shut`, at closed doors, neither break nor are missed."""
    was, now = before.reach(target), then.reach(target)
    if was is None or now is None:
        return Effect(target, was, now, None, "not counted", (), 0, False)
    found, already = _intervals(target, before, then, interval_s, shut)
    when = bool(before.by_interval(target))
    return Effect(target, was, now, now.less(was), _verdict(target, was, now, confidence), found, already, when)


def _verdict(target: Target, was: Reached, now: Reached, confidence: float) -> Verdict:
    before, after = state(target, was, confidence), state(target, now, confidence)
    if before == "missed":
        return "holds" if after == "met" else "missed already"
    if after == "missed":
        return "breaks"
    if after == "met":
        return "holds"
    low, high = now.less(was).interval()
    better = target.at_least or target.over is Over.DAYS
    worse = high < 0.0 if better else low > 0.0
    return "may break" if before == "met" or worse else "open"


def _intervals(target: Target, before: Seen, then: Seen, interval_s: float, shut: Collection[str]) -> tuple[tuple[Span, ...], int]:
    """Where it breaks, and how many intervals miss it as planned."""
    planned, other = ({s: r for s, r in days.by_interval(target).items() if s not in shut} for days in (before, then))
    already = sum(1 for r in planned.values() if room(target, r.value) < 0.0)
    broken: list[tuple[datetime, float]] = []
    for stamp, now in other.items():
        was = planned.get(stamp)
        if was is None or room(target, was.value) < 0.0 or room(target, now.value) >= 0.0:
            continue
        low, high = now.less(was).interval()
        if high < 0.0 or low > 0.0:
            broken.append((datetime.fromisoformat(stamp), now.value))
    return tuple(_joined(target, broken, timedelta(seconds=interval_s))), already


def _joined(target: Target, broken: Sequence[tuple[datetime, float]], step: timedelta) -> list[Span]:
    """Neighbouring intervals as one span."""
    spans: list[Span] = []
    for at, value in sorted(broken):
        if spans and spans[-1].end == at:
            last = spans[-1]
            worse = room(target, value) < room(target, last.worst)
            spans[-1] = Span(last.begin, at + step, value if worse else last.worst, at if worse else last.worst_at)
        else:
            spans.append(Span(at, at + step, value, at))
    return spans

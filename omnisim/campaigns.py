"""Campaigns in numbers: whom each still reaches, and how many visits and questions it brings.

    audience -> those still subscribed -> readers (fewer, the more messages they have had) -> visits and questions

        readers = reached x open x (1 - loss)^messages received before       visits = readers x click    questions = readers x contact

What is sent is known beforehand, so all of this follows from the file; only the moments and the people are luck.  Those who
bought what is bought once are a part of the audience of their own: their clicks are multiplied by `one_off`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnisim.scenario import Scenario

BINS = 64  # pieces of constant rate that stand for the exponential decay
MEANS = 8.0  # it ends after so many means; the last piece holds what is left, .03 %


@dataclass(frozen=True)
class Sent:
    """One campaign: messages sent, how many are read, visits and questions expected, and how many readers it costs."""

    name: str
    messages: float
    readers: float
    visits: float
    questions: float
    unsubscribed: float


@dataclass
class _Part:
    """A part of the audience: how many are subscribed, of the first audience; when they were written to."""

    share: float
    clicks: float
    subscribed: float = 1.0


def stream_name(campaign: str) -> str:
    """The stream of those who come to buy; a dot stands in no name of a file.

    >>> stream_name("spring"), question_name("spring")
    ('campaign.spring', 'campaign.spring.questions')
    """
    return f"campaign.{campaign}"


def question_name(campaign: str) -> str:
    """The stream of those who ask the service about it."""
    return f"campaign.{campaign}.questions"


def sent(s: Scenario) -> list[Sent]:
    """The campaigns of a scenario, in the order of sending."""
    if s.marketing is None:
        return []
    fatigue = s.marketing.fatigue
    again = _replenished(s)
    parts = {"again": _Part(again, 1.0), "once": _Part(1.0 - again, fatigue.one_off)}
    history: list[tuple[Any, tuple[str, ...]]] = []  # moment, parts written to
    out = []
    for name, c in sorted(s.marketing.campaigns.items(), key=lambda item: (item[1].at, item[0])):
        mine = ("again",) if c.to == "replenished" else ("again", "once")
        messages = readers = visits = left = 0.0
        for key in mine:
            part = parts[key]
            n = c.sent * s.scale * part.share * part.subscribed
            before = sum(key in to and _counts(moment, c.at, fatigue.memory) for moment, to in history)
            read = n * c.open * (1.0 - fatigue.loss) ** before
            messages, readers, visits = messages + n, readers + read, visits + read * c.click * part.clicks
            left += n * fatigue.unsubscribe
            part.subscribed *= 1.0 - fatigue.unsubscribe
        history.append((c.at, mine))
        out.append(Sent(name, messages, readers, visits, readers * c.contact, left))
    return out


def table(s: Scenario) -> str:
    """The campaigns as text of at most 80 columns."""
    rows = sent(s)
    if not rows:
        return f"{s.name}: no campaigns"
    assert s.marketing is not None
    lines = [f"{s.name}: expected, people", "", f"{'campaign':<20}{'sent':>10}{'read':>10}{'visits':>9}{'questions':>11}{'lost':>8}  told"]
    for r in rows:
        told = "yes" if s.marketing.campaigns[r.name].announced else "no"
        numbers = f"{r.messages:>10,.0f}{r.readers:>10,.0f}{r.visits:>9,.0f}{r.questions:>11,.0f}{r.unsubscribed:>8,.0f}"
        lines.append(f"{r.name[:19]:<20}{numbers}  {told}")
    total = [sum(getattr(r, f) for r in rows) for f in ("messages", "readers", "visits", "questions", "unsubscribed")]
    lines.append(f"{'together':<20}{total[0]:>10,.0f}{total[1]:>10,.0f}{total[2]:>9,.0f}{total[3]:>11,.0f}{total[4]:>8,.0f}")
    return "\n".join([*lines, "", "lost: readers who want no more.  told: those who plan and serve know of it."])


def _counts(moment: Any, now: Any, memory: float | None) -> bool:
    return memory is None or now - moment <= timedelta(seconds=memory)


def _replenished(s: Scenario) -> float:
    """Share of the audience that bought what is bought again and again; all of it where nothing is told apart."""
    products = s.catalog.products.values() if s.catalog else ()
    share = sum(p.share for p in products if p.replenished)
    return share if any(p.replenished for p in products) else 1.0


def decay(start_s: float, mean_s: float, people: float) -> list[tuple[float, float, float]]:
    """(start, end, rate) of people who come after `start_s`, exponentially with this mean: pieces that hold what the law gives them.

    >>> pieces = decay(0.0, 3600.0, 100.0)
    >>> round(sum((b - a) * rate for a, b, rate in pieces), 9), len(pieces)
    (100.0, 64)
    """
    step = MEANS * mean_s / BINS
    edges = [math.exp(-i * step / mean_s) for i in range(BINS)] + [0.0]
    return [(start_s + i * step, start_s + (i + 1) * step, people * (edges[i] - edges[i + 1]) / step) for i in range(BINS)]


def as_planned(s: Scenario) -> Scenario:
    """What those who plan know: the scenario without the campaigns that were not announced to them."""
    unknown = [name for name, c in (s.marketing.campaigns if s.marketing else {}).items() if not c.announced]
    return s.with_({f"marketing.campaigns.{name}": None for name in unknown}) if unknown else s


def streams(s: Scenario) -> dict[str, Any]:
    """The streams of the file and those of its campaigns, by name."""
    from omnisim.scenario.demand import Stream

    out: dict[str, Any] = dict(s.demand)
    for name, c in (s.marketing.campaigns if s.marketing else {}).items():
        if c.click > 0.0:
            out[stream_name(name)] = Stream(goal="shop", enter=c.enter)
        if c.contact > 0.0:
            out[question_name(name)] = Stream(goal="issue", enter=c.ask)
    return out

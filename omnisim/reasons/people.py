"""Who ends differently in two worlds, and by what first: one paired run over keyed luck, so the same people in both.

    records of A and B --orders by person--> people with another number of orders --their touches side by side--> first difference

The table by first difference adds up to the difference in orders; so does the one by what was said in the end.  Without a shop, what
is counted are needs that reached their goal.  A person is the customer k of a source of arrivals, as `omnisim trace` names him.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omnisim.budget import Budget
from omnisim.records import Records
from omnisim.replications import ENGINES, How, Progress, records
from omnisim.scenario import Scenario, load
from omnisim.stories import REASONS, find, side_by_side
from omnisim.tables import Tables
from omnisim.words import End, Mode, Outcome, Reason, Step

if TYPE_CHECKING:
    from omnisim.report.study import Study

Person = tuple[str, int]  # source, k

# what can differ first, in the order in which it happens within a touch
ABSENT = "comes in only one of the two"
MOMENT = "comes at another moment"
CHANNEL = "goes to another channel"
SHUT = "door shut or no line free"
CART = "cart found or not"
BOT = "bot"
WAIT = "wait"
STORY = "story told again"
CONTRADICTION = "contradiction"
RECORD = "wrong record"
AGENT = "another agent"
TALK = "length of the talk"
ANSWER = "answer that settles it or not"
MESSAGE = "cart message"
FEE = "shipping fee"
DELIVERY = "delivery time"
STOCK = "stock"
CHOICE = "choice at the checkout"
ONWARD = "what he does next"
KNOWN = "recognised or not"
NOTHING = "nothing told before the end"
BY_REASON = {
    Reason.COST: FEE,
    Reason.DELIVERY: DELIVERY,
    Reason.WAIT: WAIT,
    Reason.CONTRADICTION: CONTRADICTION,
    Reason.CONTEXT: STORY,
    Reason.OUT_OF_STOCK: STOCK,
}


@dataclass(frozen=True)
class Line:
    """People with one cause: `gained` orders that only B has, `lost` that only A has; `people`: some of them, as `trace` names them."""

    cause: str
    gained: int
    lost: int
    people: tuple[str, ...]

    @property
    def net(self) -> int:
        return self.gained - self.lost


@dataclass(frozen=True)
class Changed:
    """One person who ends differently: orders in A and in B, what differed first and when, and what was said in the end."""

    person: str
    before: int
    after: int
    cause: str
    at_s: float
    ending: str


@dataclass(frozen=True)
class Who:
    """The people of one seed whose orders differ; `lines` by first difference and `endings` add up to `after - before`."""

    names: tuple[str, str]
    scenarios: tuple[Scenario, Scenario] = field(repr=False)
    counted: str  # orders, or goals reached
    seed: int
    before: int
    after: int
    same: int  # people with as many orders in both, at least one
    lines: tuple[Line, ...]
    endings: tuple[Line, ...]
    people: tuple[Changed, ...]
    engine: str
    command: str = ""
    told: tuple[tuple[str, Tables, Records], ...] = field(default=(), repr=False)

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def text(self) -> str:
        return "\n".join(_lines(self))

    def __str__(self) -> str:
        return self.text

    def trace(self, person: str) -> str:
        """His story in both worlds, side by side, without running them again."""
        return side_by_side([(name, t, r, find(t, r, person)) for name, t, r in self.told], person)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""

        def plain(lines: Iterable[Line]) -> list[dict[str, Any]]:
            return [{"cause": x.cause, "gained": x.gained, "lost": x.lost, "net": x.net, "people": list(x.people)} for x in lines]

        names = ("person", "before", "after", "cause", "at_s", "ending")
        return {
            "command": "who", "reproduce": self.command, "baseline": self.names[0], "strategy": self.names[1], "seed": self.seed,
            "counted": self.counted, "before": self.before, "after": self.after, "difference": self.difference, "same": self.same,
            "by_first_difference": plain(self.lines), "by_ending": plain(self.endings), "engine": self.engine,
            "people": [{n: getattr(p, n) for n in names} for p in self.people],
        }  # fmt: skip

    def study(self) -> Study:
        """The page of it, not drawn yet."""
        from omnisim.reasons.page import told_apart

        return told_apart(self)

    def report(self, folder: str | Path) -> Path:
        """Write the page and its numbers into `folder`; returns the path of report.html."""
        from omnisim.report.study import write

        return write(self.study(), Path(folder))


def who(
    a: Scenario | str | Path,
    b: Scenario | str | Path,
    seed: int = 1,
    *,
    engine: str = "auto",
    budget: Budget | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Who:
    """Whose orders (or goals) differ between A and B in one seed, and by what first.

    Raises ScenarioError and BudgetExceeded.
    """
    loaded = tuple(s if isinstance(s, Scenario) else load(s) for s in (a, b))
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    how = How("reference" if engine == "reference" else "compiled", budget or Budget())
    tables = [Tables.build(s) for s in loaded]
    seen = []
    for n, t in enumerate(tables):
        seen.append(records(t, seed, how, None if progress is None else _part(progress, n, t.horizon_s)))
    names = (loaded[0].name, loaded[1].name)
    if names[0] == names[1]:
        names = (f"{names[0]} (1)", f"{names[1]} (2)")
    counted = "orders" if all(t.has_shop for t in tables) else "goals reached"
    count = [_orders(t, r) if counted == "orders" else _goals(t, r) for t, r in zip(tables, seen, strict=True)]
    sides = [_Side(t, r) for t, r in zip(tables, seen, strict=True)]
    differ = sorted(p for p in {*count[0], *count[1]} if count[0][p] != count[1][p])
    people = tuple(_changed(p, (count[0][p], count[1][p]), sides) for p in differ)
    return Who(
        names, (loaded[0], loaded[1]), counted, seed, count[0].total(), count[1].total(),
        sum(1 for p, n in count[0].items() if count[1][p] == n), _added(people, lambda p: p.cause), _added(people, lambda p: p.ending),
        people, how.engine, command, tuple(zip(names, tables, seen, strict=True)),
    )  # fmt: skip


def _part(progress: Progress, n: int, horizon_s: float) -> Any:
    return lambda time: progress(n + min(time / horizon_s, 1.0), 2)


def _orders(t: Tables, r: Records) -> Counter[Person]:
    """Orders of the measured time by person, as the KPI `orders` counts them."""
    o = r.orders[(r.orders["placed"] >= t.warmup_s) & (r.orders["placed"] < t.horizon_s)]
    return Counter((t.sources[int(s)], int(k)) for s, k in zip(o["source"], o["k"], strict=True))


def _goals(t: Tables, r: Records) -> Counter[Person]:
    """First needs of the measured time that reached their goal, by person."""
    j = r.journeys[(r.journeys["arrived"] >= t.warmup_s) & (r.journeys["arrived"] < t.horizon_s) & (r.journeys["need"] == 0)]
    j = j[(j["end"] == End.RESOLVED) | (j["end"] == End.CONVERTED)]
    return Counter((t.sources[int(s)], int(k)) for s, k in zip(j["source"], j["k"], strict=True))


class _Side:
    """One world, so that a person's journey and touches are found at once."""

    def __init__(self, t: Tables, r: Records) -> None:
        self.t = t
        first = r.journeys[r.journeys["need"] == 0]
        self._sources = {name: i for i, name in enumerate(t.sources)}
        order = np.lexsort((first["k"], first["source"]))
        self._journeys = first[order]
        self._key = self._number(first["source"][order].astype(np.int64), first["k"][order])
        by = np.lexsort((r.touches["serial"], r.touches["customer"]))
        self._touches = r.touches[by]
        self._customer = self._touches["customer"]

    @staticmethod
    def _number(source: np.ndarray, k: np.ndarray) -> np.ndarray:
        return np.asarray(source * np.int64(1 << 40) + k)

    def journey(self, p: Person) -> np.void | None:
        """His first need; None where he never comes."""
        source = self._sources.get(p[0])
        if source is None:
            return None
        wanted = (source << 40) + p[1]
        i = int(np.searchsorted(self._key, wanted))
        found: np.void | None = self._journeys[i] if i < len(self._key) and self._key[i] == wanted else None
        return found

    def touches(self, journey: np.void) -> np.ndarray:
        """Its touches in order."""
        low, high = np.searchsorted(self._customer, [journey["customer"], journey["customer"] + 1])
        return np.asarray(self._touches[low:high])

    def channel(self, t: np.void) -> str:
        return self.t.channels[int(t["channel"])]


def _changed(p: Person, counts: tuple[int, int], sides: Sequence[_Side]) -> Changed:
    journeys = [s.journey(p) for s in sides]
    a, b = journeys
    label = f"{p[0]}:{p[1]}"
    if a is None or b is None:
        there = a if b is None else b
        return Changed(label, *counts, ABSENT, float("nan") if there is None else float(there["arrived"]), ABSENT)
    cause, at = _first_difference(sides, sides[0].touches(a), sides[1].touches(b), a, b)
    without = (a, sides[0]) if counts[0] < counts[1] else (b, sides[1])
    return Changed(label, *counts, cause, at, _ending(*without))


def _first_difference(sides: Sequence[_Side], a: np.ndarray, b: np.ndarray, ja: np.void, jb: np.void) -> tuple[str, float]:
    """What differs first in the touches of one person in two worlds, and when."""
    if ja["arrived"] != jb["arrived"]:
        return MOMENT, min(float(ja["arrived"]), float(jb["arrived"]))
    known: float | None = None
    for x, y in zip(a, b, strict=False):
        cause = _differs(sides, x, y)
        if cause is not None:
            return cause, float(x["arrived"])
        if known is None and x["identified"] != y["identified"]:
            known = float(x["arrived"])
    if len(a) != len(b):
        longer = a if len(a) > len(b) else b
        return ONWARD, float(longer[min(len(a), len(b))]["arrived"])
    if known is not None:
        return KNOWN, known
    return NOTHING, float(ja["arrived"])


def _differs(sides: Sequence[_Side], x: np.void, y: np.void) -> str | None:
    """The first of the things that happen in a touch, in their order, that is not the same."""

    def other(*names: str) -> bool:
        return any(not _same(x[n], y[n]) for n in names)

    if sides[0].channel(x) != sides[1].channel(y):
        return CHANNEL
    if x["arrived"] != y["arrived"]:
        return MOMENT
    outcomes = {int(x["outcome"]), int(y["outcome"])}
    if len(outcomes) > 1 and outcomes & {Outcome.CLOSED, Outcome.BLOCKED}:
        return SHUT
    if other("kept"):
        return CART
    if other("bot"):
        return BOT
    waits = x["mode"] != Mode.BROWSE
    if waits and (
        other("started", "delayed", "balked", "callback", "missed", "aside") or ({Outcome.ABANDONED} & outcomes and len(outcomes) > 1)
    ):
        return WAIT
    if other("completeness", "remembers"):
        return STORY
    if other("wrong_record"):
        return RECORD
    if other("contradicted"):
        return CONTRADICTION
    if other("pool", "agent"):
        return AGENT
    if other("ended", "outcome"):
        return TALK
    if other("resolved"):
        return ANSWER
    if other("step", "reason"):
        return _checkout(x, y)
    if other("messaged"):
        return MESSAGE
    return None


def _same(a: Any, b: Any) -> bool:
    return bool(a == b or (a != a and b != b))


def _checkout(x: np.void, y: np.void) -> str:
    """A checkout that ends in two ways: by the reason of the side that does not buy."""
    for side in (x, y):
        cause = BY_REASON.get(Reason(int(side["reason"])))
        if side["step"] != Step.BUYS and cause is not None:
            return cause
    if x["messaged"] != y["messaged"]:
        return MESSAGE
    return CHOICE if Step.BUYS in (int(x["step"]), int(y["step"])) else ONWARD


def _ending(journey: np.void, side: _Side) -> str:
    """What was said in the end in the world with fewer orders."""
    reason = Reason(int(journey["reason"]))
    if journey["end"] == End.OPEN:
        return "not over when the run ends"
    if reason in REASONS:
        return REASONS[reason]
    if journey["end"] == End.OUTSIDE:
        return "went elsewhere"
    touches = side.touches(journey)
    last = Outcome(int(touches[-1]["outcome"])) if len(touches) else Outcome.OPEN
    told = {
        Outcome.ABANDONED: "gave up waiting", Outcome.BLOCKED: "no line free", Outcome.CLOSED: "door shut",
        Outcome.HANDLED: "answered, and not settled", Outcome.BROWSED: "helped himself, in vain",
    }  # fmt: skip
    if journey["end"] in (End.CONVERTED, End.RESOLVED):
        return "reached it outside the measured time"
    return told.get(last, "left")


def _added(people: Sequence[Changed], cause: Any) -> tuple[Line, ...]:
    """One line a cause, the most people first."""
    by: dict[str, list[Changed]] = {}
    for p in people:
        by.setdefault(cause(p), []).append(p)
    lines = [
        Line(name, sum(max(0, p.after - p.before) for p in some), sum(max(0, p.before - p.after) for p in some),
             tuple(p.person for p in some[:5]))
        for name, some in by.items()
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda x: (-(x.gained + x.lost), x.cause)))


def _lines(w: Who) -> list[str]:
    import textwrap

    a, b = w.names
    head = f"{w.counted}, seed {w.seed}: {a} {w.before:,}, {b} {w.after:,}, difference {w.difference:+,}."
    lines = textwrap.wrap(head[:1].upper() + head[1:], 80, subsequent_indent="  ")
    lines += [*textwrap.wrap(f"{len(w.people):,} people end differently; {w.same:,} end with as many in both.", 80), ""]
    for title, some in (("by the first difference", w.lines), ("by how it ended without", w.endings)):
        lines.append(f"{title:<32}{'only in B':>10}{'only in A':>10}{'net':>7}  for example")
        for x in some:
            example = x.people[0] if x.people else ""
            lines.append(f"{x.cause[:31]:<32}{x.gained:>10,}{x.lost:>10,}{x.net:>+7,}  {example}"[:80].rstrip())
        gained, lost = sum(x.gained for x in some), sum(x.lost for x in some)
        lines += [f"{'together':<32}{gained:>10,}{lost:>10,}{gained - lost:>+7,}", ""]
    lines += textwrap.wrap(f"A is {a}, B is {b}. What differs first is seldom all: one story in both worlds:", 80)
    if w.people:
        paths = " ".join(_file(s) for s in w.scenarios)
        lines.append(f"  omnisim trace {paths} --customer {w.people[0].person} --seed {w.seed}"[:400])
    return lines


def _file(s: Scenario) -> str:
    import shlex

    return shlex.quote(s.path) if s.path else s.name

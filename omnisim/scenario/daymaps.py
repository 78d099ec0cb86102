"""Values that change over the day: clock maps, profiles and batches.

    {"08:00": 2 /min, "20:00": 0}  ->  ((0.0, 0), (28800.0, .0333), (72000.0, 0))

Before the first key the day's last value holds, so the pieces always begin at second 0; neighbouring pieces of equal value are
one piece, whichever way they were written, also around midnight.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from . import csvs, times
from .kinds import Json, Kind, Number, Plain, Rate, Reading, Whole, unquote
from .problem import Refused, listing, nearest, short
from .tree import Leaf, Map, Node, Seq, join
from .units import Unreadable

V = TypeVar("V")
CLOCK_KEYS: Json = {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}


def pieces(points: Iterable[tuple[float, V]]) -> tuple[tuple[float, V], ...]:
    """The canonical pieces of a daily repeating step function.

    >>> pieces([(28800.0, 2), (36000.0, 2), (72000.0, 1)])
    ((0.0, 1), (28800.0, 2), (72000.0, 1))
    >>> pieces([(28800.0, 2), (72000.0, 2)])
    ((0.0, 2),)
    """
    given: list[tuple[float, V]] = sorted(points)
    if given[0][0] > 0:
        given.insert(0, (0.0, given[-1][1]))
    out = given[:1]
    for t, v in given[1:]:
        if v != out[-1][1]:
            out.append((t, v))
    return tuple(out)


def read_points(node: Map, path: str, cx: Reading, read: Callable[[Node, str, Reading], V]) -> tuple[tuple[float, V], ...]:
    """The pieces of a clock map whose values `read` reads."""
    if not node.items:
        cx.refuse(node.pos, path, "is empty; a clock map has at least one time of day")
    points: list[tuple[float, V]] = []
    for key, value in node.items.items():
        here = join(path, key)
        try:
            t = times.second_of_day(key)
        except Unreadable as e:
            cx.problem(value.key or value.pos, here, f"the key {short(key)} {e}; write a time from '00:00' to '23:59', such as '08:30'")
            continue
        if any(t == other for other, _ in points):
            cx.problem(value.key or value.pos, here, f"{times.clock_text(t)} stands here twice")
        try:
            points.append((t, read(value, here, cx)))
        except Refused:
            continue
    if len(points) < len(node.items):
        raise Refused
    return pieces(points)


@dataclass(frozen=True)
class RateMap(Kind[tuple[tuple[float, float], ...]]):
    """A rate, or a clock map of rates: ((second of day, 1/s), ...) beginning at second 0."""

    unit: str = "1/s"
    bound: str = "a rate such as '120 /h', or a clock map such as {'08:00': 2 /min, '20:00': 0}"

    def child(self, key: str) -> Kind[Any] | None:
        return Rate()

    def read(self, node: Node, path: str, cx: Reading) -> tuple[tuple[float, float], ...]:
        if isinstance(node, Map):
            return read_points(node, path, cx, Rate().read)
        return ((0.0, Rate().read(node, path, cx)),)

    def plain(self, value: tuple[tuple[float, float], ...], currency: str = "USD") -> Plain:
        if len(value) == 1:
            return Rate().plain(value[0][1])
        return {times.clock_text(t): Rate().plain(v) for t, v in value}

    def schema(self, partial: bool = False) -> Json:
        rate = Rate().schema()
        return {
            "anyOf": [*rate["anyOf"], {"type": "object", "additionalProperties": rate, "propertyNames": CLOCK_KEYS, "minProperties": 1}]
        }


@dataclass(frozen=True)
class ClockMap:
    """Numbers of agents over a day that repeats: `points` ((second of day, agents), ...) beginning at second 0."""

    points: tuple[tuple[float, int], ...]


MOST_AGENTS = 100_000


@dataclass(frozen=True)
class Agents(Kind[int | tuple[int, ...] | ClockMap]):
    """How many agents: one number, a list by interval, or a clock map."""

    unit: str = "agents"
    bound: str = f"0 to {MOST_AGENTS}; one number, one entry an interval, or a clock map such as {{'08:00': 40, '20:00': 10}}"

    def child(self, key: str) -> Kind[Any] | None:
        return Whole(0, MOST_AGENTS)

    def read(self, node: Node, path: str, cx: Reading) -> int | tuple[int, ...] | ClockMap:
        one = Whole(0, MOST_AGENTS)
        if isinstance(node, Map):
            return ClockMap(read_points(node, path, cx, one.read))
        if isinstance(node, Seq):
            if not node.items:
                self.refuse(node, path, cx, "one entry an interval is needed")
            out: list[int] = []
            for i, v in enumerate(node.items):
                try:
                    out.append(one.read(v, join(path, i), cx))
                except Refused:
                    continue
            if len(out) < len(node.items):
                raise Refused
            return tuple(out)
        if isinstance(node, Leaf) and isinstance(node.value, str):
            self.refuse(node, path, cx, "a whole number, a list by interval or a clock map is needed" + unquote(node))
        return one.read(node, path, cx)

    def plain(self, value: int | tuple[int, ...] | ClockMap, currency: str = "USD") -> Plain:
        if isinstance(value, ClockMap):
            return {times.clock_text(t): v for t, v in value.points}
        return list(value) if isinstance(value, tuple) else value

    def schema(self, partial: bool = False) -> Json:
        one = Whole(0, MOST_AGENTS).schema()
        return {
            "anyOf": [
                one,
                {"type": "array", "items": one, "minItems": 1},
                {"type": "object", "additionalProperties": one, "propertyNames": CLOCK_KEYS, "minProperties": 1},
            ]
        }


@dataclass(frozen=True)
class Profile:
    """The shape of demand, as written (any positive scale; only the shape counts).

    `hourly`: 24 weights from midnight.  `weekly`: 7 weights from Monday.  `monthly`: 12 weights from January.  None: flat.
    """

    hourly: tuple[float, ...] | None = None
    weekly: tuple[float, ...] | None = None
    monthly: tuple[float, ...] | None = None


WEIGHT = Number(unit="weight")
PARTS = {"hourly": 24, "weekly": 7, "monthly": 12}
FIRST = {24: ", one an hour", 7: ", Monday first", 12: ", January first"}


@dataclass(frozen=True)
class ProfileKind(Kind[Profile]):
    """{hourly: 24 weights, weekly: 7 weights, monthly: 12 weights}, each a list or a CSV path; or one CSV path."""

    unit: str = "weight"
    bound: str = "{hourly: [24 weights], weekly: [7 weights], monthly: [12 weights]}, or the path of a CSV file with 24 or 7 rows"

    def read(self, node: Node, path: str, cx: Reading) -> Profile:
        if isinstance(node, Leaf) and isinstance(node.value, str):
            weights = self._positive(csvs.shape(node, path, cx, (24, 7)), node, path, cx)
            return Profile(hourly=weights) if len(weights) == 24 else Profile(weekly=weights)
        if not isinstance(node, Map) or not node.items:
            self.refuse(node, path, cx, f"a profile is needed: {self.bound}")
        out: dict[str, tuple[float, ...]] = {}
        for key, value in node.items.items():
            known = tuple(PARTS)
            if key not in known:
                cx.refuse(
                    value.key or value.pos,
                    join(path, key),
                    f"{short(key)} is not a known key{nearest(key, known)}; allowed are: {listing(known)}",
                )
            out[key] = self._weights(value, join(path, key), cx, PARTS[key])
        return Profile(**out)

    def _weights(self, node: Node, path: str, cx: Reading, n: int) -> tuple[float, ...]:
        if isinstance(node, Leaf) and isinstance(node.value, str):
            return self._positive(csvs.shape(node, path, cx, (n,)), node, path, cx)
        if not isinstance(node, Seq) or len(node.items) != n:
            self.refuse(node, path, cx, f"{n} weights are needed" + FIRST[n])
        return self._positive([WEIGHT.read(v, join(path, i), cx) for i, v in enumerate(node.items)], node, path, cx)

    def _positive(self, weights: list[float], node: Node, path: str, cx: Reading) -> tuple[float, ...]:
        if not any(weights):
            cx.refuse(node.pos, path, "all weights are 0; at least one must be more")
        return tuple(weights)

    def plain(self, value: Profile, currency: str = "USD") -> Plain:
        parts = {k: getattr(value, k) for k in PARTS}
        return {k: [WEIGHT.plain(x) for x in w] for k, w in parts.items() if w is not None}

    def schema(self, partial: bool = False) -> Json:
        def row(n: int) -> Json:
            return {"anyOf": [{"type": "string"}, {"type": "array", "items": WEIGHT.schema(), "minItems": n, "maxItems": n}]}

        parts = {k: row(n) for k, n in PARTS.items()}
        return {"anyOf": [{"type": "string"}, {"type": "object", "properties": parts, "additionalProperties": False, "minProperties": 1}]}


@dataclass(frozen=True)
class At:
    """A batch of `count` customers: every day at `second_of_day`, or once at `moment`."""

    second_of_day: float | None
    moment: datetime | None
    count: float


COUNT = Number(high=1e9, unit="customers")


@dataclass(frozen=True)
class Batches(Kind[tuple[At, ...]]):
    """{"00:00": 100} daily, {"2026-11-30 20:00": 100} once; daily ones first, each in order of time."""

    unit: str = "customers"
    bound: str = "a mapping from a time of day (daily) or a moment (once) to a number of customers"

    def child(self, key: str) -> Kind[Any] | None:
        return COUNT

    def read(self, node: Node, path: str, cx: Reading) -> tuple[At, ...]:
        if not isinstance(node, Map) or not node.items:
            self.refuse(node, path, cx, "batches are needed, such as {'00:00': 100} or {'2026-11-30 20:00': 100}")
        out: list[At] = []
        for key, value in node.items.items():
            here = join(path, key)
            try:
                count = COUNT.read(value, here, cx)
                out.append(self._when(key, value, here, cx, count))
            except Refused:
                continue
        if len(out) < len(node.items):
            raise Refused
        if len({(a.second_of_day, a.moment) for a in out}) < len(out):
            cx.refuse(node.pos, path, "one time stands here twice, written in two ways")
        return tuple(sorted(out, key=lambda a: (a.moment is not None, a.second_of_day or 0.0, a.moment or datetime.min)))

    def _when(self, key: str, value: Node, path: str, cx: Reading, count: float) -> At:
        try:
            return At(times.second_of_day(key), None, count)
        except Unreadable:
            pass
        try:
            return At(None, times.moment(key), count)
        except Unreadable as e:
            cx.refuse(value.key or value.pos, path, f"the key {short(key)} {e}; write '08:30' (every day) or '2026-11-30 20:00' (once)")

    def plain(self, value: tuple[At, ...], currency: str = "USD") -> Plain:
        return {_key(a): COUNT.plain(a.count) for a in value}

    def schema(self, partial: bool = False) -> Json:
        return {"type": "object", "additionalProperties": COUNT.schema(), "minProperties": 1}


def _key(a: At) -> str:
    return times.moment_text(a.moment) if a.moment else times.clock_text(a.second_of_day or 0.0)

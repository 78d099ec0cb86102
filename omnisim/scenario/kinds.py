"""Kinds of numbers and quantities: how each is read from a node, written back, and described in JSON Schema.

    Leaf 'text' --Kind.read--> float, int, str ...  --Kind.plain--> 'text'

A kind knows its unit and its bound, refuses what does not fit with a message that shows what would, and is the only place
where that is said: loader, `show --resolved`, schema and reference all read it from here.
"""

import re
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, Protocol, TypeVar

from . import units
from .problem import Notes, Pos, Refused
from .tree import Leaf, Node, found
from .units import Unreadable

T = TypeVar("T")
Plain = str | int | float | bool | None | list[Any] | dict[str, Any]
Json = dict[str, Any]


class Files(Protocol):
    """Reads side files (CSV) named in a scenario, inside the scenario root only."""

    def side_text(self, name: str, said_in: str) -> str: ...


@dataclass
class Reading(Notes):
    """What every reader may need to know: where problems go, the currency, and how side files are found."""

    currency: str = "USD"
    files: Files | None = None
    incomplete: bool = False  # a base file is missing: what is required may stand there

    def refuse(self, pos: Pos, path: str, message: str) -> NoReturn:
        self.problem(pos, path, message)
        raise Refused


class Kind(Generic[T]):
    """A kind of value.  `merges`: a mapping of this kind is a block, merged key by key when a file extends another."""

    merges = False
    unit = ""  # base unit of the value read
    bound = ""  # what is allowed, in words
    exclusive: tuple[frozenset[str], ...] = ()  # of these keys, naming one removes the others

    def read(self, node: Node, path: str, cx: Reading) -> T:
        raise NotImplementedError

    def plain(self, value: T, currency: str = "USD") -> Plain:
        raise NotImplementedError

    def schema(self, partial: bool = False) -> Json:
        raise NotImplementedError

    def child(self, key: str) -> "Kind[Any] | None":
        """The kind below a key (or list position), or None."""
        return None

    def refuse(self, node: Node, path: str, cx: Reading, need: str) -> NoReturn:
        cx.refuse(node.pos, path, f"found {found(node)}; {need}")


def unquote(node: Node) -> str:
    """A hint for a number that is written as text."""
    quoted = isinstance(node, Leaf) and isinstance(node.value, str) and re.fullmatch(r"[-+0-9.eE]+", node.value)
    return ", without quotes" if quoted else ""


def _within(low: float | None, high: float | None, open_low: bool, unit: str) -> str:
    u = f" {unit}" if unit else ""
    low_words = "" if low is None else f"more than {units.written(low)}{u}" if open_low else f"at least {units.written(low)}{u}"
    high_words = "" if high is None else f"at most {units.written(high)}{u}"
    return " and ".join(w for w in (low_words, high_words) if w)


@dataclass(frozen=True)
class Number(Kind[float]):
    """A number without a unit."""

    low: float | None = 0.0
    high: float | None = 1e12
    open_low: bool = False
    unit: str = "1"

    @property
    def bound(self) -> str:  # type: ignore[override]
        return _within(self.low, self.high, self.open_low, "")

    def read(self, node: Node, path: str, cx: Reading) -> float:
        if not isinstance(node, Leaf) or isinstance(node.value, bool | str) or node.value is None:
            self.refuse(node, path, cx, "a number is needed" + unquote(node))
        return self._bounded(float(node.value), node, path, cx)

    def _bounded(self, value: float, node: Node, path: str, cx: Reading, unit: str = "") -> float:
        if self.low is not None and (value <= self.low if self.open_low else value < self.low):
            self.refuse(node, path, cx, f"it must be {_within(self.low, None, self.open_low, unit)}")
        if self.high is not None and value > self.high:
            self.refuse(node, path, cx, f"it must be {_within(None, self.high, False, unit)}")
        return value + 0.0  # -0.0 becomes 0.0

    def plain(self, value: float, currency: str = "USD") -> Plain:
        return units.plain_number(value)

    def schema(self, partial: bool = False) -> Json:
        out: Json = {"type": "number"}
        if self.low is not None:
            out["exclusiveMinimum" if self.open_low else "minimum"] = units.plain_number(self.low)
        if self.high is not None:
            out["maximum"] = units.plain_number(self.high)
        return out


@dataclass(frozen=True)
class Whole(Kind[int]):
    """A whole number."""

    low: int = 0
    high: int = 1_000_000
    unit: str = "1"

    @property
    def bound(self) -> str:  # type: ignore[override]
        return f"{self.low} to {self.high}"

    def read(self, node: Node, path: str, cx: Reading) -> int:
        value = node.value if isinstance(node, Leaf) else None
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(node, path, cx, "a whole number is needed" + unquote(node))
        if not self.low <= value <= self.high:
            self.refuse(node, path, cx, f"it must be {self.low} to {self.high}")
        return value

    def plain(self, value: int, currency: str = "USD") -> Plain:
        return value

    def schema(self, partial: bool = False) -> Json:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Share(Number):
    """A share: 0 to 1, or a percentage with its sign."""

    low: float | None = 0.0
    high: float | None = 1.0
    unit: str = "share"

    def read(self, node: Node, path: str, cx: Reading) -> float:
        if isinstance(node, Leaf) and isinstance(node.value, str):
            try:
                value, unit = units.split(node.value)
            except Unreadable:
                unit = ""
            if unit != "%":
                self.refuse(node, path, cx, "a share is needed, such as 0.25 or '25 %'")
            return self._bounded(float(value / 100), node, path, cx)
        number = node.value if isinstance(node, Leaf) and not isinstance(node.value, str | bool) else None
        if isinstance(node, Leaf) and number is not None and self.high == 1 and 1 < number <= 100:
            self.refuse(node, path, cx, f"a share is 0 to 1; for a percentage write '{node.text} %'")
        return super().read(node, path, cx)

    def schema(self, partial: bool = False) -> Json:
        return {"anyOf": [super().schema(), {"type": "string", "pattern": r"^[0-9.eE+-]+\s*%$"}]}


@dataclass(frozen=True)
class Quantity(Number):
    """A number that needs a unit.  Zero needs none: it is the same in every unit."""

    high: float | None = None
    noun: str = "quantity"
    example: str = ""
    names: str = ""

    def parse(self, text: str, currency: str) -> float:
        raise NotImplementedError

    def text(self, value: float, currency: str = "USD") -> str:
        raise NotImplementedError

    def read(self, node: Node, path: str, cx: Reading) -> float:
        need = f"a {self.noun} is needed, such as {self.example_in(cx.currency)}"
        if not isinstance(node, Leaf) or node.value is None or isinstance(node.value, bool):
            self.refuse(node, path, cx, need)
        if not isinstance(node.value, str):
            if node.value != 0:
                cx.refuse(node.pos, path, f"found {node.text} without a unit; {need}")
            return self._limited(0.0, node, path, cx)
        try:
            value = self.parse(node.value, cx.currency)
        except Unreadable as e:
            known = f" ({self.names})" if self.names else ""
            cx.refuse(node.pos, path, f"found {found(node)}, which {e}; {need}{known}")
        return self._limited(value, node, path, cx)

    def _limited(self, value: float, node: Node, path: str, cx: Reading) -> float:
        if self.low is not None and (value <= self.low if self.open_low else value < self.low):
            self.refuse(node, path, cx, f"it must be {'more than' if self.open_low else 'at least'} 0")
        if self.high is not None and value > self.high:
            self.refuse(node, path, cx, f"it must be at most {self.text(self.high, cx.currency)}")
        return value + 0.0

    def limits(self, currency: str = "USD") -> str:
        low = "" if self.low is None else ("more than 0" if self.open_low else "at least 0")
        high = "" if self.high is None else f"at most {self.text(self.high, currency)}"
        return " and ".join(w for w in (low, high) if w)

    @property
    def bound(self) -> str:  # type: ignore[override]
        return self.limits()

    def example_in(self, currency: str) -> str:
        return self.example

    def plain(self, value: float, currency: str = "USD") -> Plain:
        return self.text(value, currency)

    def pattern(self) -> str:
        raise NotImplementedError

    def schema(self, partial: bool = False) -> Json:
        return (
            {"anyOf": [{"const": 0}, {"type": "string", "pattern": self.pattern()}]}
            if not self.open_low
            else {"type": "string", "pattern": self.pattern()}
        )


NUM = r"^\s*[+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\s*"
CENTURY = 36525 * units.DAY


@dataclass(frozen=True)
class Duration(Quantity):
    """A length of time, in seconds."""

    high: float | None = CENTURY
    unit: str = "s"
    noun: str = "duration"
    example: str = "'90 s', '5 min' or '2 h'"
    names: str = "units: ms, s, min, h, d"

    def parse(self, text: str, currency: str) -> float:
        return units.in_base(text, units.DURATIONS)

    def text(self, value: float, currency: str = "USD") -> str:
        return units.duration_text(value)

    def pattern(self) -> str:
        return NUM + r"(ms|s|min|h|d|day)\s*$"


@dataclass(frozen=True)
class Rate(Quantity):
    """Happenings per time, in 1/s.  `signed` is for slopes that may be negative."""

    high: float | None = 1e6
    unit: str = "1/s"
    noun: str = "rate"
    example: str = "'120 /h' or '2 /min'"
    names: str = "units: /s, /min, /h, /d"

    def parse(self, text: str, currency: str) -> float:
        return units.in_base(text, units.RATES)

    def text(self, value: float, currency: str = "USD") -> str:
        return units.rate_text(value)

    def pattern(self) -> str:
        return NUM + r"/(s|min|h|d|day)\s*$"


@dataclass(frozen=True)
class Money(Quantity):
    """An amount of the scenario's currency per hour (`per` 'h') or per day ('d')."""

    per: str = "h"
    high: float | None = 1e9
    noun: str = "cost per time"
    unit: str = "currency/h"

    def example_in(self, currency: str) -> str:
        return f"'19 {currency}/h'" if self.per == "h" else f"'900 {currency}/day'"

    def parse(self, text: str, currency: str) -> float:
        return units.money(text, currency, self.per)

    def text(self, value: float, currency: str = "USD") -> str:
        return f"{units.written(value)} {currency}/{'day' if self.per == 'd' else self.per}"

    def pattern(self) -> str:
        return NUM + r"[A-Z]{3}\s*/\s*(s|min|h|d|day)\s*$"
